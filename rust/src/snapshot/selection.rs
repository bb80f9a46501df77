//! `selectionPattern`: Java's regular expressions over a backend's status. What cannot be one is refused with its position.

use rustc_hash::FxHashMap;

use crate::primitives::java_regex::{OutOfSteps, Regex};

/// What comparing one selector may take: ordinary patterns take dozens.
const STEPS: u64 = 20_000;

/// Compiles a pattern, which must match the whole selector; the reason names the position of what is wrong.
pub fn compile(pattern: &str) -> Result<Regex, String> {
    Regex::compile(pattern)
        .map_err(|refused| format!("{} at position {} of {pattern:?}", refused.message, refused.offset))
}

/// What is wrong with a pattern, if anything.
pub fn check(pattern: &str) -> Result<(), String> {
    Statuses::of(pattern).map(|_| ())
}

/// The same of one that is for something else than statuses (`identityValidationExpression`).
pub fn check_regex(pattern: &str) -> Result<(), String> {
    compile(pattern).map(drop)
}

fn is_match(pattern: &Regex, selector: &str) -> Result<bool, OutOfSteps> {
    pattern.matches(selector, &mut { STEPS })
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
            let matches = is_match(&regex, digits.format(status));
            if matches.map_err(|why| format!("{why} for {status}: {pattern:?}"))? {
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

/// The first pattern in stored order that matches, else the default (`None`). A pattern that ran out of steps might have matched:
/// then nothing is selected.
fn select<'p>(patterns: impl Iterator<Item = Option<&'p Regex>>, selector: &str) -> Option<u16> {
    let mut default = None;
    for (number, pattern) in patterns.enumerate() {
        match pattern.map(|pattern| is_match(pattern, selector)) {
            Some(Ok(true)) => return Some(number as u16),
            Some(Ok(false)) => {}
            Some(Err(OutOfSteps)) => return None,
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
        select(patterns, itoa::Buffer::new().format(status)).map(usize::from)
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
    fn s8_1_all_of_javas_patterns_are_taken() {
        for (pattern, selected) in [
            ("(?!200).*", 899),
            (r"(?!2)\d++", 800),
            (r"(\d)\1\1", 9),
            ("(?<=^)4.*+", 100),
            ("(?>4|40)4", 0),
            (r"\Q404\E", 1),
            (r"[45]\p{Digit}{2}", 200),
            ("[0-9&&[^4]]+", 8 * 81),
            ("(\\n|.)*", 900),
            ("(?x) 4 04 # not found", 1),
            (".*$", 900),
        ] {
            let statuses = Statuses::of(pattern).unwrap_or_else(|why| panic!("{why}"));
            assert_eq!((100..=999).filter(|status| statuses.has(*status)).count(), selected, "{pattern}");
        }
    }

    #[test]
    fn s8_1_what_java_cannot_read_is_refused_with_its_position() {
        for (pattern, at) in [
            ("(", "position 1"),
            ("[", "position 0"),
            ("4**", "position 2"),
            ("4{2", "position 3"),
            (r"\<4", "literal"),
            (r"4\p{Digits}", "position 3"),
            (r"\b{g}", "position 0"),
            ("(?#c)4", "position 2"),
        ] {
            match compile(pattern) {
                Ok(_) => assert_eq!(at, "literal", "{pattern}"),
                Err(error) => assert!(error.contains(at) && error.contains(" of \""), "{pattern}: {error}"),
            }
        }
    }

    #[test]
    fn s8_1_what_takes_too_long_is_refused_and_selects_nothing() {
        let digit = format!("({})", [r"\d"; 40].join("|"));
        let refused = check(&format!(r"{digit}{digit}{digit}\1x")).expect_err("too many steps");
        assert!(refused.contains("too many steps"), "{refused}");
        let hostile = compile(r"(\d*)*\1x").expect("valid");
        let all = compile(".*").expect("valid");
        let long = "1".repeat(40);
        assert_eq!(select([Some(&hostile), Some(&all), None].into_iter(), &long), None);
        assert_eq!(select([Some(&all), Some(&hostile)].into_iter(), &long), Some(0));
    }
}
