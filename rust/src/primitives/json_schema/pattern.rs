//! Regular expressions of ECMA 262 over those of Java, of which they are nearly a part: what differs is translated. A match
//! spends steps of a budget, whatever the pattern.

use std::fmt::Write;

use crate::primitives::java_regex::{OutOfSteps, Regex};

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
        let translated = translated(source)?;
        let compiled = Regex::compile(&translated).map_err(|why| format!("the pattern cannot be used: {why}"))?;
        Ok(Self { source: source.into(), compiled })
    }

    /// Whether it matches anywhere in the text; `steps` go down.
    pub(super) fn is_match(&self, text: &str, steps: &mut u64) -> Result<bool, OutOfSteps> {
        Ok(self.compiled.find_iter(text).next_match(steps)?.is_some())
    }
}

/// Whether `format: regex` holds.
pub(super) fn is_regex(text: &str) -> bool {
    text.len() <= 4096 && Pattern::compile(text).is_ok()
}

/// Spaces of ECMA 262 that Java's `\s` does not have.
const SPACES: &str = r"\x0B\xA0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000\uFEFF";

/// The pattern as Java has it.
fn translated(source: &str) -> Result<String, String> {
    let mut out = String::with_capacity(source.len() + 16);
    let (mut letters, mut in_class) = (source.chars().peekable(), false);
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => escape(&mut letters, in_class, &mut out)?,
            '[' if in_class => out.push_str(r"\["),
            '[' => {
                in_class = true;
                let negated = letters.next_if_eq(&'^').is_some();
                if letters.next_if_eq(&']').is_some() {
                    // `[]` matches nothing and `[^]` everything.
                    in_class = false;
                    out.push_str(if negated { r"[\x{0}-\x{10ffff}]" } else { "(?!)" });
                } else {
                    out.push_str(if negated { "[^" } else { "[" });
                }
            }
            ']' if in_class => {
                in_class = false;
                out.push(']');
            }
            // Two of these would be an operation on classes.
            '&' if in_class => out.push_str(r"\&"),
            '.' if !in_class => out.push_str(r"[^\n\r\u2028\u2029]"),
            // Java's `$` matches before a last line feed too.
            '$' if !in_class => out.push_str(r"\z"),
            other => out.push(other),
        }
    }
    Ok(out)
}

type Letters<'s> = std::iter::Peekable<std::str::Chars<'s>>;

/// What stands behind a backslash.
fn escape(letters: &mut Letters, in_class: bool, out: &mut String) -> Result<(), String> {
    match letters.next() {
        Some('s') if in_class => out.push_str(&[r"\s", SPACES].concat()),
        Some('s') => out.push_str(&[r"[\s", SPACES, "]"].concat()),
        Some('S') if !in_class => out.push_str(&[r"[^\s", SPACES, "]"].concat()),
        Some('b') if in_class => out.push_str(r"\x08"),
        Some('v') => out.push_str(r"\x0B"),
        Some('0') => out.push_str(r"\x00"),
        Some('c') => match letters.next_if(char::is_ascii_alphabetic) {
            Some(control) => hexadecimal(u32::from(control) & 31, out),
            None => out.push_str(r"\\c"),
        },
        Some('u') => unicode(letters, out),
        Some('p' | 'P') => return Err(r"the pattern cannot be used: ECMA 262 has no \p".to_owned()),
        Some(same @ ('b' | 'B' | 'd' | 'D' | 'w' | 'W' | 'S' | 't' | 'n' | 'f' | 'r' | 'x' | '1'..='9')) => {
            out.push('\\');
            out.push(same);
        }
        // Any other letter stands for itself.
        Some(other) if other.is_alphanumeric() => out.push(other),
        Some(other) => {
            out.push('\\');
            out.push(other);
        }
        None => out.push('\\'),
    }
    Ok(())
}

/// `\uXXXX`, two of them where they are a pair.
fn unicode(letters: &mut Letters, out: &mut String) {
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
