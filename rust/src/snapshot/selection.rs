//! `selectionPattern`: Java's regular expressions as far as ours mean the same; the rest is refused with its position.

use regex::bytes::{Regex, RegexBuilder};
use rustc_hash::FxHashMap;

/// Compiles a pattern that must match the whole selector.
pub(super) fn compile(pattern: &str) -> Result<Regex, String> {
    if let Some((at, what)) = different_in_java(pattern) {
        return Err(format!("{what} at position {at} of {pattern:?} is not supported"));
    }
    build(pattern).map_err(|error| explain(pattern, &error))?;
    build(&format!(r"\A(?:{pattern})\z")).map_err(|error| explain(pattern, &error))
}

fn build(pattern: &str) -> Result<Regex, regex::Error> {
    // Java's classes and case folding are ASCII unless asked otherwise; other letters need characters instead of bytes.
    RegexBuilder::new(pattern).unicode(!pattern.is_ascii()).size_limit(1 << 20).build()
}

/// One sentence out of the several lines of a regex error.
fn explain(pattern: &str, error: &regex::Error) -> String {
    let text = error.to_string();
    let what = text.lines().rev().find_map(|line| line.strip_prefix("error: ")).unwrap_or(&text);
    // The line below the pattern points with carets, both are indented by four.
    match text.lines().find(|line| line.trim_start().starts_with('^')).and_then(|line| line.find('^')) {
        Some(column) => format!("{what}, at position {} of {pattern:?}", column.saturating_sub(4)),
        None => format!("{what}: {pattern:?}"),
    }
}

/// Where a pattern would be accepted and mean something else than in Java.
fn different_in_java(pattern: &str) -> Option<(usize, &'static str)> {
    let bytes = pattern.as_bytes();
    let (mut at, mut class) = (0, 0);
    let mut quantified = false;
    while let Some(&byte) = bytes.get(at) {
        let next = bytes.get(at + 1).copied();
        let is_quantifier = class == 0 && matches!(byte, b'*' | b'+' | b'?' | b'}');
        match (byte, next) {
            (b'\\', Some(b'<' | b'>')) => return Some((at, "\\< or \\>")),
            (b'\\', Some(b'b')) if bytes.get(at + 2) == Some(&b'{') => return Some((at, "\\b{")),
            // The braces of an escape quantify nothing.
            (b'\\', Some(b'p' | b'P' | b'x')) if bytes.get(at + 2) == Some(&b'{') => {
                at += bytes[at..].iter().position(|byte| *byte == b'}').unwrap_or(1);
            }
            (b'\\', _) => at += 1,
            (b'[', Some(b':')) if class > 0 => return Some((at, "a POSIX class in brackets")),
            (b'[', _) => class += 1,
            (b']', _) if class > 0 => class -= 1,
            (b'-', Some(b'-')) | (b'~', Some(b'~')) if class > 0 => return Some((at, "a class operator")),
            (b'+', _) if quantified && class == 0 => return Some((at, "a possessive quantifier")),
            (b'*', _) if quantified && class == 0 => return Some((at, "a quantifier of a quantifier")),
            _ => {}
        }
        // `(?` begins a group; it quantifies nothing.
        quantified =
            is_quantifier && !(byte == b'?' && at > 0 && bytes[at - 1] == b'(') && !(byte == b'?' && quantified);
        at += 1;
    }
    None
}

/// The statuses from 100 to 999 that a pattern matches, one bit each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Statuses([u64; 15]);

impl Statuses {
    fn of(pattern: &str) -> Result<Self, String> {
        let regex = compile(pattern)?;
        let mut statuses = Self::default();
        let mut digits = itoa::Buffer::new();
        for status in 100..=999u16 {
            if regex.is_match(digits.format(status).as_bytes()) {
                let place = usize::from(status - 100);
                statuses.0[place / 64] |= 1 << (place % 64);
            }
        }
        Ok(statuses)
    }

    fn has(&self, status: u16) -> bool {
        let place = usize::from(status - 100);
        self.0[place / 64] & 1 << (place % 64) != 0
    }
}

/// Patterns that were compiled before: the same few stand in every method of an API.
#[derive(Debug, Default)]
pub(super) struct Patterns(FxHashMap<Box<str>, Result<Statuses, String>>);

impl Patterns {
    /// What a pattern matches, or why it cannot be one.
    pub(super) fn statuses(&mut self, pattern: &str) -> Result<Statuses, String> {
        if let Some(known) = self.0.get(pattern) {
            return known.clone();
        }
        let statuses = Statuses::of(pattern);
        self.0.insert(pattern.into(), statuses.clone());
        statuses
    }
}

/// Which response each status from 100 to 999 selects, as runs: the first pattern in stored order that matches the status, else the
/// default one. `patterns` holds `None` for the default's empty pattern.
pub(super) fn by_status(patterns: &[Option<Statuses>]) -> Box<[(u16, Option<u16>)]> {
    let default = patterns.iter().position(Option::is_none).map(|number| number as u16);
    let mut runs: Vec<(u16, Option<u16>)> = Vec::new();
    for status in 100..=999u16 {
        let matching = patterns.iter().position(|pattern| pattern.is_some_and(|statuses| statuses.has(status)));
        let selected = matching.map(|number| number as u16).or(default);
        if runs.last().is_none_or(|(_, last)| *last != selected) {
            runs.push((status, selected));
        }
    }
    runs.into()
}

/// The first pattern in stored order that matches, else the default (`None`).
fn select<'p>(patterns: impl Iterator<Item = Option<&'p Regex>>, selector: &[u8]) -> Option<u16> {
    let mut default = None;
    for (number, pattern) in patterns.enumerate() {
        match pattern {
            Some(pattern) if pattern.is_match(selector) => return Some(number as u16),
            Some(_) => {}
            None => {
                default.get_or_insert(number as u16);
            }
        }
    }
    default
}

impl super::plan::Responses {
    /// The response that an integer selects (§8.1): a backend's status, or what MOCK's template says.
    #[inline]
    pub fn select(&self, status: i64) -> Option<usize> {
        if !(100..=999).contains(&status) {
            return self.select_unusual(status);
        }
        let after = self.by_status.partition_point(|(first, _)| i64::from(*first) <= status);
        self.by_status.get(after.wrapping_sub(1))?.1.map(usize::from)
    }

    /// Integers that no backend can send; MOCK may.
    #[cold]
    fn select_unusual(&self, status: i64) -> Option<usize> {
        let patterns = self.entries.iter().map(|entry| {
            if entry.selection_pattern.is_empty() {
                None
            } else {
                entry.pattern.get_or_init(|| compile(&entry.selection_pattern).ok()).as_ref()
            }
        });
        select(patterns, itoa::Buffer::new().format(status).as_bytes()).map(usize::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(patterns: &[&str]) -> Vec<(u16, Option<u16>)> {
        let mut known = Patterns::default();
        let patterns: Vec<_> = patterns
            .iter()
            .map(|pattern| (!pattern.is_empty()).then(|| known.statuses(pattern).expect("valid")))
            .collect();
        by_status(&patterns).into_vec()
    }

    #[test]
    fn s8_1_whole_match_first_in_stored_order_and_default_last() {
        assert_eq!(runs(&["", "4\\d{2}", "404"]), [(100, Some(0)), (400, Some(1)), (500, Some(0))]);
        assert_eq!(
            runs(&["404", "4\\d{2}"]),
            [(100, None), (400, Some(1)), (404, Some(0)), (405, Some(1)), (500, None)]
        );
        assert_eq!(runs(&["40"]), [(100, None)]);
        assert_eq!(runs(&["200|201", ".*"]), [(100, Some(1)), (200, Some(0)), (202, Some(1))]);
        assert_eq!(runs(&["(?i)5[0-9&&[^3]].|5[^\\d]"]).len(), 5);
    }

    #[test]
    fn s8_1_what_means_something_else_in_java_is_refused_with_its_position() {
        for (pattern, at) in [
            ("a(?=b)", "position 1"),
            (r"(a)\1", "position 3"),
            ("2\\d++", "position 4"),
            ("20*+", "position 3"),
            ("2{1}+", "position 4"),
            ("[[:alpha:]]", "position 1"),
            ("[a--b]", "position 2"),
            (r"\<a", "position 0"),
            (r"a\Qb\E", "position 1"),
            (r"4\p{Digit}+", "Unicode"),
            ("(", "position 0"),
            ("[", "position 0"),
        ] {
            let error = compile(pattern).expect_err(pattern);
            assert!(error.contains(at), "{pattern}: {error}");
        }
    }

    #[test]
    fn s8_1_ordinary_java_patterns_are_taken() {
        for pattern in [
            ".*",
            r"4\d{2}",
            "5..",
            r"(?!)?".trim_end_matches("(?!)?"),
            "20[01]",
            r"\d+?",
            "(?:a|b)*",
            "(?<name>4)04",
            "a+?b",
            r"[+*]+",
            r"\++",
            r"4\x{30}+\d",
            "(\\n|.)*",
        ] {
            compile(pattern).unwrap_or_else(|error| panic!("{error}"));
        }
    }
}
