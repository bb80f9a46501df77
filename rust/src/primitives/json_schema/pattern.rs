//! Regular expressions of ECMA 262 over the engine's own, which takes time in proportion to the text: what that cannot do
//! (look-around, back-references) is refused when a schema is compiled.

use std::fmt::Write;

use regex::Regex;

/// A compiled `pattern`.
#[derive(Debug)]
pub(super) struct Pattern {
    /// As it was written.
    pub(super) source: Box<str>,
    compiled: Regex,
}

impl Pattern {
    /// Compiles a pattern, or says why it cannot be.
    pub(super) fn compile(source: &str) -> Result<Self, String> {
        let compiled = regex::RegexBuilder::new(&translated(source)).size_limit(1 << 20).build();
        let compiled = compiled.map_err(|error| {
            let why = error.to_string();
            format!("the pattern cannot be used: {}", why.lines().last().unwrap_or_default())
        })?;
        Ok(Self { source: source.into(), compiled })
    }

    /// Whether it matches anywhere in the text.
    pub(super) fn is_match(&self, text: &str) -> bool {
        self.compiled.is_match(text)
    }
}

/// Whether `format: regex` holds.
pub(super) fn is_regex(text: &str) -> bool {
    text.len() <= 4096 && Pattern::compile(text).is_ok()
}

/// The pattern as the `regex` crate has it: ECMA's classes are narrower, and it escapes more.
fn translated(source: &str) -> String {
    let mut out = String::with_capacity(source.len() + 16);
    let (mut letters, mut in_class) = (source.chars().peekable(), false);
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next() {
                Some('d') => out.push_str(if in_class { "0-9" } else { "[0-9]" }),
                Some('D') => out.push_str("[^0-9]"),
                Some('w') => out.push_str(if in_class { "A-Za-z0-9_" } else { "[A-Za-z0-9_]" }),
                Some('W') => out.push_str("[^A-Za-z0-9_]"),
                Some('s') => out.push_str(r"[\s\x{feff}]"),
                Some('S') => out.push_str(r"[^\s\x{feff}]"),
                Some('b') if in_class => out.push_str(r"\x08"),
                Some('b') => out.push_str(r"(?-u:\b)"),
                Some('B') => out.push_str(r"(?-u:\B)"),
                Some('0') => out.push_str(r"\x00"),
                Some('c') => match letters.next_if(char::is_ascii_alphabetic) {
                    Some(control) => hexadecimal(u32::from(control) & 31, &mut out),
                    None => out.push_str(r"\\c"),
                },
                Some('u') => unicode(&mut letters, &mut out),
                Some(same @ ('t' | 'n' | 'v' | 'f' | 'r' | 'x' | '1'..='9')) => {
                    out.push('\\');
                    out.push(same);
                }
                // Any other letter stands for itself.
                Some(other) if other.is_ascii_alphanumeric() => out.push(other),
                Some(other) => out.push_str(&regex::escape(&other.to_string())),
                None => out.push('\\'),
            },
            '[' if in_class => out.push_str(r"\["),
            '[' => {
                in_class = true;
                let negated = letters.next_if_eq(&'^').is_some();
                if letters.next_if_eq(&']').is_some() {
                    // `[]` matches nothing and `[^]` everything.
                    in_class = false;
                    out.push_str(if negated { r"[\s\S]" } else { r"[^\s\S]" });
                } else {
                    out.push_str(if negated { "[^" } else { "[" });
                }
            }
            ']' if in_class => {
                in_class = false;
                out.push(']');
            }
            // Two of these would be an operation on classes.
            '&' | '~' if in_class => {
                out.push('\\');
                out.push(letter);
            }
            '.' if !in_class => out.push_str(r"[^\n\r\x{2028}\x{2029}]"),
            other => out.push(other),
        }
    }
    out
}

/// `\uXXXX`, two of them where they are a pair.
fn unicode(letters: &mut std::iter::Peekable<std::str::Chars>, out: &mut String) {
    let mut four = || {
        let ahead: String = letters.clone().take(4).collect();
        let value = u32::from_str_radix(&ahead, 16).ok().filter(|_| ahead.len() == 4 && !ahead.starts_with('+'))?;
        letters.nth(3);
        Some(value)
    };
    let Some(first) = four() else { return out.push('u') };
    let mut code = first;
    if (0xd800..0xdc00).contains(&first) {
        let mut rest = letters.clone();
        if rest.next() == Some('\\') && rest.next() == Some('u') {
            let low: String = rest.take(4).collect();
            if let Ok(low @ 0xdc00..0xe000) = u32::from_str_radix(&low, 16) {
                letters.nth(5);
                code = 0x1_0000 + ((first - 0xd800) << 10) + (low - 0xdc00);
            }
        }
    }
    hexadecimal(code, out);
}

/// A character by its code.
fn hexadecimal(code: u32, out: &mut String) {
    // Writing to a String cannot fail.
    let _ = write!(out, "\\x{{{code:x}}}");
}
