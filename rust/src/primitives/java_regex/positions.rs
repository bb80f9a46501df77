//! What holds between two characters: the ends of lines and of the text, boundaries of words.

use super::{charset::before, machine::Machine, syntax::Assertion};

/// Where the line terminator that begins at `at` ends, if one does; `\r\n` is two.
fn terminator(text: &[u8], at: usize, unix: bool) -> bool {
    match text.get(at) {
        Some(b'\n') => true,
        Some(b'\r') => !unix,
        Some(0xC2) => !unix && text.get(at + 1) == Some(&0x85),
        Some(0xE2) => !unix && text.get(at + 1) == Some(&0x80) && matches!(text.get(at + 2), Some(0xA8 | 0xA9)),
        _ => false,
    }
}

/// Whether `at` stands between `\r` and `\n`.
fn splits_line_ending(text: &[u8], at: usize) -> bool {
    at > 0 && text[at - 1] == b'\r' && text.get(at) == Some(&b'\n')
}

impl Machine<'_, '_> {
    /// Whether an assertion holds at a place.
    pub(super) fn holds(&self, assertion: Assertion, at: usize) -> bool {
        let text = self.text;
        match assertion {
            Assertion::Start => at == 0,
            Assertion::End => at == text.len(),
            Assertion::LastMatch => at == self.last_end,
            // AWS: none; Java finds no line at the end of a text, not even in an empty one.
            Assertion::LineStart { unix } => {
                at < text.len()
                    && (at == 0 || terminator(text, before(text, at), unix) && (unix || !splits_line_ending(text, at)))
            }
            Assertion::LineEnd { unix } => {
                at == text.len() || terminator(text, at, unix) && (unix || !splits_line_ending(text, at))
            }
            Assertion::LastLineEnd { unix } => {
                if at == text.len() {
                    return true;
                }
                let rest = &text[at..];
                let ends = rest == b"\n"
                    || !unix && matches!(rest, b"\r" | b"\r\n" | b"\xC2\x85" | b"\xE2\x80\xA8" | b"\xE2\x80\xA9");
                ends && (unix || !splits_line_ending(text, at))
            }
            Assertion::Word { unicode } => self.is_boundary(at, unicode),
            Assertion::NotWord { unicode } => !self.is_boundary(at, unicode),
        }
    }

    fn is_boundary(&self, at: usize, unicode: bool) -> bool {
        let left = at > 0 && self.is_word(before(self.text, at), unicode);
        let right = at < self.text.len() && self.is_word(at, unicode);
        left != right
    }

    fn is_word(&self, at: usize, unicode: bool) -> bool {
        let program = self.program;
        let sets = if unicode { &program.unicode_words } else { &program.words };
        let Some([words, marks, letters]) = sets else { return false };
        if words.take(self.text, at).is_some() {
            return true;
        }
        if marks.take(self.text, at).is_none() {
            return false;
        }
        // A mark belongs to the letter before it.
        let mut at = at;
        while at > 0 && marks.take(self.text, at).is_some() {
            at = before(self.text, at);
        }
        letters.take(self.text, at).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminators_are_javas() {
        for (text, any, unix) in [
            ("\n", true, true),
            ("\r", true, false),
            ("\u{85}", true, false),
            ("\u{2029}", true, false),
            ("\u{2030}", false, false),
        ] {
            assert_eq!((terminator(text.as_bytes(), 0, false), terminator(text.as_bytes(), 0, true)), (any, unix));
        }
    }
}
