//! `replaceAll`, `replaceFirst` and `split` as java.lang.String has them.

use std::borrow::Cow;

use super::{
    refused::{OutOfSteps, ReplaceError},
    search::{Match, Matches, Regex},
};

impl Regex {
    /// `String.replaceAll`. The replacement is looked at only when something matches. What is written counts as steps too.
    pub fn replace_all<'t>(
        &self,
        text: &'t str,
        replacement: &str,
        steps: &mut u64,
    ) -> Result<Cow<'t, str>, ReplaceError> {
        self.replace(text, replacement, usize::MAX, steps)
    }

    /// `String.replaceFirst`.
    pub fn replace_first<'t>(
        &self,
        text: &'t str,
        replacement: &str,
        steps: &mut u64,
    ) -> Result<Cow<'t, str>, ReplaceError> {
        self.replace(text, replacement, 1, steps)
    }

    fn replace<'t>(
        &self,
        text: &'t str,
        replacement: &str,
        most: usize,
        steps: &mut u64,
    ) -> Result<Cow<'t, str>, ReplaceError> {
        let mut matches = self.find_iter(text);
        let (mut parts, mut out, mut copied, mut count) = (None, String::new(), 0, 0);
        while count < most
            && let Some(Match { start, end }) = matches.next_match(steps)?
        {
            if parts.is_none() {
                parts = Some(self.replacement(replacement)?);
            }
            let before = out.len();
            out.push_str(&text[copied..start]);
            for part in parts.iter().flatten() {
                match part {
                    Part::Text(text) => out.push_str(text),
                    Part::Group(group) => out.push_str(matches.group(*group).unwrap_or_default()),
                }
                *steps = steps.checked_sub(1).ok_or(OutOfSteps)?;
            }
            *steps = steps.checked_sub((out.len() - before) as u64 / 16).ok_or(OutOfSteps)?;
            copied = end;
            count += 1;
        }
        if count == 0 {
            return Ok(Cow::Borrowed(text));
        }
        out.push_str(&text[copied..]);
        Ok(Cow::Owned(out))
    }

    /// A replacement's parts.
    fn replacement<'a>(&self, replacement: &'a str) -> Result<Vec<Part<'a>>, ReplaceError> {
        let illegal = |message| ReplaceError::Illegal { replacement: replacement.into(), message };
        let mut parts = Vec::new();
        let mut rest = replacement;
        while let Some(at) = rest.find(['\\', '$']) {
            parts.push(Part::Text(&rest[..at]));
            let behind = &rest[at + 1..];
            if rest.as_bytes()[at] == b'\\' {
                let Some(escaped) = behind.chars().next() else {
                    return Err(illegal("nothing stands behind the backslash at its end"));
                };
                parts.push(Part::Text(&behind[..escaped.len_utf8()]));
                rest = &behind[escaped.len_utf8()..];
                continue;
            }
            let group;
            (group, rest) = match behind.strip_prefix('{') {
                Some(name) => self.named(name).map_err(illegal)?,
                None => self.numbered(behind).map_err(illegal)?,
            };
            parts.push(Part::Group(group));
        }
        parts.push(Part::Text(rest));
        Ok(parts)
    }

    /// The group of a name, and what stands behind its closing brace.
    fn named<'a>(&self, text: &'a str) -> Result<(usize, &'a str), &'static str> {
        let length = text.bytes().take_while(u8::is_ascii_alphanumeric).count();
        let (name, rest) = text.split_at(length);
        let Some(rest) = rest.strip_prefix('}').filter(|_| length > 0) else {
            return Err("a group's name without its closing brace");
        };
        let group = self.group_number(name).ok_or("the pattern has no group of that name")?;
        Ok((group, rest))
    }

    /// The longest number that is a group's, and what stands behind it.
    fn numbered<'a>(&self, text: &'a str) -> Result<(usize, &'a str), &'static str> {
        let digit = |at: usize| {
            text.as_bytes().get(at).filter(|byte| byte.is_ascii_digit()).map(|byte| usize::from(byte - b'0'))
        };
        let mut group = digit(0).ok_or("no group stands behind the dollar sign")?;
        let mut length = 1;
        while let Some(next) = digit(length).map(|digit| group * 10 + digit)
            && next <= self.group_count()
        {
            group = next;
            length += 1;
        }
        if group > self.group_count() {
            return Err("the pattern has no group of that number");
        }
        Ok((group, &text[length..]))
    }

    /// `String.split(pattern, limit)`: 0 leaves out empty texts at the end, a negative limit keeps them, a positive one is the
    /// highest number of texts.
    pub fn split<'t>(&self, text: &'t str, limit: i32, steps: &mut u64) -> Result<Vec<&'t str>, OutOfSteps> {
        let most = usize::try_from(limit).ok().filter(|limit| *limit > 0).unwrap_or(usize::MAX);
        let mut matches: Matches<'_, '_> = self.find_iter(text);
        let (mut found, mut copied) = (Vec::new(), 0);
        while found.len() < most - 1
            && let Some(Match { start, end }) = matches.next_match(steps)?
        {
            // An empty match at the beginning separates nothing.
            if end > 0 {
                found.push(&text[copied..start]);
                copied = end;
            }
        }
        if copied == 0 {
            return Ok(vec![text]);
        }
        found.push(&text[copied..]);
        if limit == 0 {
            let length = found.iter().rposition(|text| !text.is_empty()).map_or(0, |last| last + 1);
            found.truncate(length);
        }
        Ok(found)
    }
}

/// A part of a replacement.
#[derive(Debug)]
enum Part<'a> {
    Text(&'a str),
    Group(usize),
}
