//! A path's characters and a place among them; where brackets and quotes end.

use super::parse::Refused;

/// The cursor.
#[derive(Debug, Clone)]
pub(super) struct Cursor {
    chars: Vec<char>,
    pub(super) at: usize,
    /// Characters of the whole path that stand before the first one; may be below zero for a `$.` that was left out.
    offset: isize,
}

impl Cursor {
    pub(super) fn new(text: &str, offset: isize) -> Self {
        Self { chars: text.chars().collect(), at: 0, offset }
    }

    /// A refusal at a place.
    pub(super) fn refuse_at<T>(&self, at: usize, message: impl Into<String>) -> Result<T, Refused> {
        Err(Refused { offset: self.offset_of(at), message: message.into() })
    }

    /// A refusal at the cursor.
    pub(super) fn refuse<T>(&self, message: impl Into<String>) -> Result<T, Refused> {
        self.refuse_at(self.at, message)
    }

    /// Where a place stands in the whole path.
    pub(super) fn offset_of(&self, at: usize) -> usize {
        usize::try_from(self.offset + isize::try_from(at).unwrap_or(0)).unwrap_or(0)
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.char(self.at)
    }

    pub(super) fn char(&self, at: usize) -> Option<char> {
        self.chars.get(at).copied()
    }

    pub(super) fn is_at(&self, char: char) -> bool {
        self.peek() == Some(char)
    }

    pub(super) fn has_more(&self) -> bool {
        self.at < self.chars.len()
    }

    pub(super) fn len(&self) -> usize {
        self.chars.len()
    }

    pub(super) fn slice(&self, from: usize, to: usize) -> String {
        self.chars[from.min(to)..to.min(self.chars.len())].iter().collect()
    }

    /// A cursor over a part, with the same positions.
    pub(super) fn part(&self, from: usize, to: usize) -> Self {
        let offset = self.offset + isize::try_from(from).unwrap_or(0);
        Self { chars: self.chars[from..to].to_vec(), at: 0, offset }
    }

    pub(super) fn pass_blanks(&mut self) {
        while self.is_at(' ') {
            self.at += 1;
        }
    }

    /// The place of the next character behind `at` that is no blank.
    pub(super) fn next_sign(&self, at: usize) -> Option<(usize, char)> {
        (at + 1..self.chars.len()).map(|at| (at, self.chars[at])).find(|(_, char)| *char != ' ')
    }

    /// The last character before the cursor that is no blank.
    pub(super) fn last_sign(&self) -> Option<char> {
        self.chars[..self.at].iter().rev().find(|char| **char != ' ').copied()
    }

    /// Where a quoted text that begins at `at` ends.
    pub(super) fn closing_quote(&self, at: usize) -> Option<usize> {
        let quote = self.chars[at];
        let mut escaped = false;
        for (place, char) in self.chars.iter().enumerate().skip(at + 1) {
            match *char {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                char if char == quote => return Some(place),
                _ => {}
            }
        }
        None
    }

    /// Where the bracket at `at` is closed; quoted texts and, if asked, regular expressions are passed over.
    pub(super) fn closing(&self, at: usize, close: char, regexes: bool) -> Option<usize> {
        let open = *self.chars.get(at)?;
        let (mut depth, mut place) = (1, at + 1);
        while let Some(char) = self.char(place) {
            match char {
                '\'' | '"' => place = self.closing_quote(place)?,
                '/' if regexes => place = self.closing_quote(place)?,
                char if char == open => depth += 1,
                char if char == close => {
                    depth -= 1;
                    if depth == 0 {
                        return Some(place);
                    }
                }
                _ => {}
            }
            place += 1;
        }
        None
    }
}

/// What a quoted text stands for.
pub(super) fn unescape(text: &str) -> String {
    if !text.contains('\\') {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    let mut units = Vec::new();
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        if char != '\\' {
            flush(&mut units, &mut out);
            out.push(char);
            continue;
        }
        let Some(escaped) = chars.next() else {
            flush(&mut units, &mut out);
            out.push('\\');
            break;
        };
        if escaped == 'u' {
            let digits: String = chars.by_ref().take(4).collect();
            units.push(u16::from_str_radix(&digits, 16).unwrap_or(0xFFFD));
            continue;
        }
        flush(&mut units, &mut out);
        out.push(match escaped {
            'r' => '\r',
            'f' => '\u{C}',
            't' => '\t',
            'n' => '\n',
            'b' => '\u{8}',
            other => other,
        });
    }
    flush(&mut units, &mut out);
    out
}

/// UTF-16 as it was escaped; halves of a pair become one character.
fn flush(units: &mut Vec<u16>, out: &mut String) {
    out.extend(char::decode_utf16(units.drain(..)).map(|char| char.unwrap_or('?')));
}
