//! Java's regular expressions: whatever the pattern and the text, places are between characters and steps are kept; where the
//! crate `regex` means the same, both find the same.

use apigw_engine::primitives::java_regex::{Match, Regex};

use super::choices::Choices;

/// What every search may spend.
const STEPS: u64 = 20_000;
const WORDS: &[&str] = &[
    "a",
    "b",
    "é",
    "😀",
    "1",
    " ",
    "\n",
    "\r\n",
    ".",
    "^",
    "$",
    "|",
    "(",
    ")",
    "(?:",
    "(?=",
    "(?!",
    "(?<=",
    "(?<!",
    "(?>",
    "(?<n>",
    "(?i)",
    "(?x)",
    "(?iu:",
    "(?s-m)",
    "*",
    "+",
    "?",
    "*?",
    "++",
    "{2}",
    "{1,3}",
    "{0,}",
    "[",
    "]",
    "[^",
    "&&",
    "-",
    "\\",
    "\\d",
    "\\w",
    "\\b",
    "\\B",
    "\\R",
    "\\G",
    "\\Z",
    "\\1",
    "\\k<n>",
    "\\Q",
    "\\E",
    "\\p{L}",
    "\\P{Lu}",
    "\\x41",
    "\\uD83D\\uDE00",
    "#",
];
const LETTERS: &[&str] = &["a", "b", "ab", "c", "1", "é", "😀", "\n", "\r", " ", "_"];

/// See the module.
pub fn java_regex(bytes: &[u8]) {
    let mut choices = Choices(bytes);
    if choices.below(2) == 0 {
        return alike(&mut choices);
    }
    let text: String = (0..choices.below(24)).map(|_| choices.one(LETTERS)).collect();
    let mut pattern: String = (0..choices.below(16)).map(|_| choices.one(WORDS)).collect();
    pattern.push_str(&String::from_utf8_lossy(choices.run(40)));
    match Regex::compile(&pattern) {
        Ok(regex) => any(&regex, &text),
        Err(refused) => {
            assert!(refused.offset <= pattern.chars().count() && !refused.message.is_empty(), "{pattern:?}");
        }
    }
}

/// What holds for every pattern.
fn any(regex: &Regex, text: &str) {
    let mut steps = STEPS;
    let _ = regex.matches(text, &mut steps);
    assert!(steps < STEPS, "nothing is free");
    let mut steps = STEPS;
    let (mut matches, mut last) = (regex.find_iter(text), None::<Match>);
    while let Ok(Some(found)) = matches.next_match(&mut steps) {
        assert!(found.start <= found.end && last.is_none_or(|last| last.end <= found.start && last != found));
        for group in 0..=regex.group_count() {
            // Slicing panics inside of a character.
            assert_eq!(matches.group_at(group).is_some(), matches.group(group).is_some());
        }
        last = Some(found);
    }
    let _ = regex.replace_all(text, "<$0>", &mut { STEPS });
    if let Ok(parts) = regex.split(text, -1, &mut { STEPS }) {
        assert!(parts.iter().map(|part| part.len()).sum::<usize>() <= text.len());
    }
}

/// A pattern that both read alike: ASCII, no repetition of what may be empty. True when it may match nothing.
fn common(choices: &mut Choices<'_>, depth: usize, pattern: &mut String) -> bool {
    let mut empty = true;
    for _ in 0..=choices.below(3) {
        let start = pattern.len();
        let kind = choices.below(if depth > 0 { 8 } else { 5 });
        let mut part = false;
        match kind {
            0..=2 => pattern.push_str(choices.one(&["a", "b", "c"])),
            3 => pattern.push_str(choices.one(&["[ab]", "[^a]", "[b-c1]", "\\d", "[a-c&&[^b]]"])),
            4 => pattern.push_str(choices.one(&["(?s:.)", "\\n", "\\x61"])),
            _ => {
                pattern.push_str(choices.one(&["(", "(?:"]));
                part = common(choices, depth - 1, pattern);
                if kind == 7 {
                    pattern.push('|');
                    part |= common(choices, depth - 1, pattern);
                }
                pattern.push(')');
            }
        }
        if !part && choices.below(3) == 0 {
            let times = choices.one(&["*", "+", "?", "*?", "+?", "??", "{2}", "{1,3}", "{0,2}?", "{2,}"]);
            pattern.push_str(times);
            part = !times.starts_with(['+', '{']) || times.starts_with("{0");
        }
        debug_assert!(pattern.len() > start);
        empty &= part;
    }
    empty
}

/// Both find the same first match in ASCII.
fn alike(choices: &mut Choices<'_>) {
    let mut pattern = String::new();
    common(choices, 3, &mut pattern);
    let text: String = (0..choices.below(24)).map(|_| choices.one(&["a", "b", "ab", "c", "1", "\n"])).collect();
    let ours = Regex::compile(&pattern).unwrap_or_else(|refused| panic!("{pattern:?}: {refused}"));
    let theirs = regex::bytes::RegexBuilder::new(&pattern)
        .unicode(false)
        .build()
        .unwrap_or_else(|error| panic!("{pattern:?}: {error}"));
    let whole = regex::bytes::RegexBuilder::new(&format!(r"\A(?:{pattern})\z"))
        .unicode(false)
        .build()
        .unwrap_or_else(|error| panic!("{pattern:?}: {error}"));
    let mut steps = 10 * STEPS;
    if let Ok(found) = ours.find_iter(&text).next_match(&mut steps) {
        let expected = theirs.find(text.as_bytes()).map(|found| Match { start: found.start(), end: found.end() });
        assert_eq!(found, expected, "{pattern:?} in {text:?}");
    }
    if let Ok(found) = ours.matches(&text, &mut steps) {
        assert_eq!(found, whole.is_match(text.as_bytes()), "{pattern:?} for all of {text:?}");
    }
}
