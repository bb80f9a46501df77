//! The names that `\p{…}` takes, as Java 17 reads them; what it knows and we do not is refused.

use regex_syntax::hir::{Class, HirKind};

use super::{blocks, charset::CharSet};

/// How `\p{…}` is to be read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading {
    /// `i`: upper, lower and title case are one.
    pub(super) any_case: bool,
    /// `U`: the POSIX names mean Unicode's properties.
    pub(super) unicode: bool,
}

/// A set of Unicode by the name that its tables have.
fn table(name: &str) -> Option<CharSet> {
    let hir = regex_syntax::Parser::new().parse(&format!(r"\p{{{name}}}")).ok()?;
    match hir.kind() {
        HirKind::Class(Class::Unicode(class)) => {
            Some(CharSet::of(class.ranges().iter().map(|each| (each.start().into(), each.end().into())).collect()))
        }
        HirKind::Literal(literal) => Some(CharSet::of_chars(std::str::from_utf8(&literal.0).ok()?)),
        _ => None,
    }
}

/// The union of tables that are always there.
fn known(names: &[&str]) -> CharSet {
    let sets = names.iter().filter_map(|name| table(name));
    sets.reduce(|sum, set| sum.union(&set)).unwrap_or_default()
}

/// Pairs of first and last characters.
fn ranges(pairs: &str) -> CharSet {
    let points: Vec<u32> = pairs.chars().map(u32::from).collect();
    CharSet::of(points.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect())
}

/// A set that Java gives to one of its own escapes.
pub(super) fn digits(unicode: bool) -> CharSet {
    if unicode { known(&["Nd"]) } else { ranges("09") }
}

/// `\w`.
pub(super) fn words(unicode: bool) -> CharSet {
    if unicode { known(&["Alphabetic", "M", "Nd", "Pc", "Join_Control"]) } else { ranges("09AZ__az") }
}

/// `\s`.
pub(super) fn spaces(unicode: bool) -> CharSet {
    if unicode { known(&["White_Space"]) } else { ranges("\t\r  ") }
}

/// `\h`.
pub(super) fn horizontal() -> CharSet {
    ranges(
        "\t\t  \u{A0}\u{A0}\u{1680}\u{1680}\u{180E}\u{180E}\u{2000}\u{200A}\u{202F}\u{202F}\u{205F}\u{205F}\u{3000}\u{3000}",
    )
}

/// `\v`.
pub(super) fn vertical() -> CharSet {
    ranges("\n\r\u{85}\u{85}\u{2028}\u{2029}")
}

/// What `\b` finds beside words' characters: letters, digits and the underscore. AWS: none; Java up to 18 asks Unicode here though `\w` is ASCII.
pub(super) fn boundary_words(unicode: bool) -> CharSet {
    if unicode { words(true) } else { known(&["L", "Nd"]).union(&ranges("__")) }
}

/// Letters and digits, which marks may follow inside a word.
pub(super) fn letters_and_digits() -> CharSet {
    known(&["L", "Nd"])
}

/// Marks that take no space.
pub(super) fn marks() -> CharSet {
    known(&["Mn"])
}

/// A general category. Java counts surrogates among its categories; no text of ours has any.
fn category(name: &str) -> Option<CharSet> {
    const CATEGORIES: &[&str] = &[
        "Cn", "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Me", "Mc", "Nd", "Nl", "No", "Zs", "Zl", "Zp", "Cc", "Cf", "Co",
        "Pd", "Ps", "Pe", "Pc", "Po", "Sm", "Sc", "Sk", "So", "Pi", "Pf", "L", "M", "N", "Z", "P", "S",
    ];
    let surrogates = CharSet::of(vec![(0xD800, 0xDFFF)]);
    match name {
        "Cs" => Some(surrogates),
        "C" => Some(known(&["C"]).union(&surrogates)),
        "LC" => Some(known(&["Lu", "Ll", "Lt"])),
        "LD" => Some(known(&["L", "Nd"])),
        "L1" => Some(CharSet::of(vec![(0, 0xFF)])),
        "all" => Some(CharSet::all()),
        _ => CATEGORIES.contains(&name).then(|| known(&[name])),
    }
}

/// The names of POSIX over ASCII.
fn posix(name: &str) -> Option<CharSet> {
    Some(match name {
        "ASCII" => ranges("\0\x7F"),
        "Alnum" => ranges("09AZaz"),
        "Alpha" => ranges("AZaz"),
        "Blank" => ranges("\t\t  "),
        "Cntrl" => ranges("\0\x1F\x7F\x7F"),
        "Digit" => ranges("09"),
        "Graph" => ranges("!~"),
        "Lower" => ranges("az"),
        "Print" => ranges(" ~"),
        "Punct" => ranges("!/:@[`{~"),
        "Space" => ranges("\t\r  "),
        "Upper" => ranges("AZ"),
        "XDigit" => ranges("09AFaf"),
        _ => return None,
    })
}

/// The names of POSIX as properties of Unicode, in any case.
fn posix_of_unicode(name: &str) -> Option<CharSet> {
    let property = match name.to_ascii_uppercase().as_str() {
        "ALPHA" => "ALPHABETIC",
        "LOWER" => "LOWERCASE",
        "UPPER" => "UPPERCASE",
        "SPACE" => "WHITE_SPACE",
        "PUNCT" => "PUNCTUATION",
        "XDIGIT" => "HEX_DIGIT",
        "CNTRL" => "CONTROL",
        "ALNUM" => "ALNUM",
        "DIGIT" => "DIGIT",
        "GRAPH" => "GRAPH",
        "PRINT" => "PRINT",
        "BLANK" => "BLANK",
        _ => return None,
    };
    binary(property)
}

/// A binary property by its name in upper case.
fn binary(name: &str) -> Option<CharSet> {
    let no_graph = || known(&["Z", "Cc", "Cn"]).union(&CharSet::of(vec![(0xD800, 0xDFFF)]));
    Some(match name {
        "ALPHABETIC" => known(&["Alphabetic"]),
        "IDEOGRAPHIC" => known(&["Ideographic"]),
        "LETTER" => known(&["L"]),
        "LOWERCASE" => known(&["Lowercase"]),
        "UPPERCASE" => known(&["Uppercase"]),
        "TITLECASE" => known(&["Lt"]),
        "WHITE_SPACE" | "WHITESPACE" => known(&["White_Space"]),
        "CONTROL" => known(&["Cc"]),
        "PUNCTUATION" => known(&["P"]),
        "HEX_DIGIT" | "HEXDIGIT" => known(&["Nd"]).union(&known(&["Hex_Digit"])),
        "ASSIGNED" => known(&["Cn"]).negate(),
        "NONCHARACTER_CODE_POINT" | "NONCHARACTERCODEPOINT" => known(&["Noncharacter_Code_Point"]),
        "DIGIT" => digits(true),
        "ALNUM" => known(&["Alphabetic", "Nd"]),
        "BLANK" => known(&["Zs"]).union(&ranges("\t\t")),
        "GRAPH" => no_graph().negate(),
        "PRINT" => no_graph().negate().union(&known(&["Zs"])),
        "WORD" => words(true),
        "JOIN_CONTROL" | "JOINCONTROL" => known(&["Join_Control"]),
        _ => return None,
    })
}

/// Where the case of letters does not count: what a name for one of the cases means then.
fn of_any_case(name: &str) -> Option<CharSet> {
    Some(match name {
        "Lower" | "Upper" => ranges("AZaz"),
        "Lu" | "Ll" | "Lt" => known(&["Lu", "Ll", "Lt"]),
        "javaLowerCase" | "javaUpperCase" | "javaTitleCase" => known(&["Uppercase", "Lowercase", "Lt"]),
        _ => return None,
    })
}

fn script(name: &str) -> Option<CharSet> {
    let spelt = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    spelt.then(|| table(&format!("sc={name}"))).flatten()
}

/// The sets of `java.lang.Character`.
fn of_character(name: &str) -> Option<CharSet> {
    let not_breaking = ranges("\u{A0}\u{A0}\u{2007}\u{2007}\u{202F}\u{202F}");
    Some(match name {
        "javaLowerCase" => known(&["Lowercase"]),
        "javaUpperCase" => known(&["Uppercase"]),
        "javaTitleCase" => known(&["Lt"]),
        "javaAlphabetic" => known(&["Alphabetic"]),
        "javaIdeographic" => known(&["Ideographic"]),
        "javaDigit" => digits(true),
        "javaDefined" => known(&["Cn"]).negate(),
        "javaLetter" => known(&["L"]),
        "javaLetterOrDigit" => letters_and_digits(),
        "javaSpaceChar" => known(&["Z"]),
        "javaWhitespace" => known(&["Z"]).intersect(&not_breaking.negate()).union(&ranges("\t\r\u{1C}\u{1F}")),
        "javaISOControl" => ranges("\0\x1F\x7F\u{9F}"),
        _ => return None,
    })
}

/// A name without a prefix, which is case-sensitive.
fn plain(name: &str, reading: Reading) -> Option<CharSet> {
    let any_case = if reading.any_case { of_any_case(name) } else { None };
    any_case.or_else(|| category(name)).or_else(|| posix(name)).or_else(|| of_character(name))
}

/// What `\p{name}` matches.
pub(super) fn property(name: &str, reading: Reading) -> Option<CharSet> {
    if let Some((key, value)) = name.split_once('=') {
        return match key.to_ascii_lowercase().as_str() {
            "sc" | "script" => script(value),
            "blk" | "block" => blocks::block(value),
            "gc" | "general_category" => plain(value, reading),
            _ => None,
        };
    }
    if let Some(block) = name.strip_prefix("In") {
        return blocks::block(block);
    }
    if let Some(name) = name.strip_prefix("Is") {
        let upper = name.to_ascii_uppercase();
        if reading.any_case && matches!(upper.as_str(), "UPPERCASE" | "LOWERCASE" | "TITLECASE") {
            return Some(known(&["Uppercase", "Lowercase", "Lt"]));
        }
        return binary(&upper).or_else(|| plain(name, reading)).or_else(|| script(name));
    }
    if reading.unicode {
        if reading.any_case && matches!(name.to_ascii_uppercase().as_str(), "LOWER" | "UPPER") {
            return Some(known(&["Uppercase", "Lowercase", "Lt"]));
        }
        if let Some(set) = posix_of_unicode(name) {
            return Some(set);
        }
    }
    plain(name, reading)
}
