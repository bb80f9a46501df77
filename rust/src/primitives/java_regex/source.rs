//! A pattern as characters with their positions, `\Q…\E` already read, and the cursor over it. In comments mode white
//! space is passed over wherever Java passes over it.

use super::refused::Refused;

/// A character of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Letter {
    pub(super) char: char,
    /// It stands between `\Q` and `\E`: it means itself.
    pub(super) quoted: bool,
    at: usize,
}

/// The cursor.
#[derive(Debug)]
pub(super) struct Source {
    letters: Vec<Letter>,
    pub(super) cursor: usize,
    /// `x` is on.
    pub(super) comments: bool,
    /// `d` is on.
    pub(super) unix_lines: bool,
    length: usize,
}

impl Source {
    pub(super) fn new(pattern: &str) -> Self {
        let mut letters = Vec::with_capacity(pattern.len());
        let mut quoted = false;
        let mut chars = pattern.chars().enumerate().peekable();
        while let Some((at, char)) = chars.next() {
            let next = chars.peek().map(|(_, next)| *next);
            match (char, next) {
                ('\\', Some('E')) if quoted => quoted = false,
                ('\\', Some('Q')) if !quoted => quoted = true,
                _ => {
                    letters.push(Letter { char, quoted, at });
                    // The escaped one is never the beginning of an escape.
                    if char == '\\'
                        && !quoted
                        && let Some((at, char)) = chars.next()
                    {
                        letters.push(Letter { char, quoted, at });
                    }
                    continue;
                }
            }
            chars.next();
        }
        Self { letters, cursor: 0, comments: false, unix_lines: false, length: pattern.chars().count() }
    }

    /// The position in the pattern, in characters.
    pub(super) fn position(&self, index: usize) -> usize {
        self.letters.get(index).map_or(self.length, |letter| letter.at)
    }

    /// A refusal at the character that the cursor stands on.
    pub(super) fn refuse<T>(&self, message: impl Into<String>) -> Result<T, Refused> {
        self.refuse_at(self.cursor, message)
    }

    /// A refusal at a character.
    pub(super) fn refuse_at<T>(&self, index: usize, message: impl Into<String>) -> Result<T, Refused> {
        Err(Refused { offset: self.position(index), message: message.into() })
    }

    /// The letter at an index, whatever it is.
    pub(super) fn raw(&self, index: usize) -> Option<Letter> {
        self.letters.get(index).copied()
    }

    /// The letter under the cursor, past white space.
    pub(super) fn peek_letter(&mut self) -> Option<Letter> {
        if self.comments {
            self.pass_comments();
        }
        self.raw(self.cursor)
    }

    /// The sign under the cursor; a quoted character is none.
    pub(super) fn peek(&mut self) -> Option<char> {
        self.peek_letter().filter(|letter| !letter.quoted).map(|letter| letter.char)
    }

    /// Steps on and gives the sign there.
    pub(super) fn next(&mut self) -> Option<char> {
        self.cursor += 1;
        self.peek()
    }

    /// Takes the sign under the cursor as it is written.
    pub(super) fn take_raw(&mut self) -> Option<char> {
        let letter = self.raw(self.cursor)?;
        self.cursor += 1;
        (!letter.quoted).then_some(letter.char)
    }

    /// Takes the sign under the cursor, past white space.
    pub(super) fn take(&mut self) -> Option<char> {
        let char = self.peek()?;
        self.cursor += 1;
        Some(char)
    }

    pub(super) fn at_end(&mut self) -> bool {
        self.peek_letter().is_none()
    }

    fn pass_comments(&mut self) {
        while let Some(letter) = self.raw(self.cursor).filter(|letter| !letter.quoted) {
            match letter.char {
                '\t'..='\r' | ' ' => self.cursor += 1,
                '#' => {
                    while self.raw(self.cursor).is_some_and(|letter| !self.ends_line(letter.char)) {
                        self.cursor += 1;
                    }
                    self.cursor += 1;
                }
                _ => break,
            }
        }
        self.cursor = self.cursor.min(self.letters.len());
    }

    fn ends_line(&self, char: char) -> bool {
        char == '\n' || !self.unix_lines && matches!(char, '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
    }
}
