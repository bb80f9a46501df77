//! The flags of a pattern.

/// What Java's `Pattern.compile(pattern, flags)` and `(?…)` can switch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "they are independent of one another")]
pub struct Flags {
    /// `i`: cases of ASCII letters are one.
    pub any_case: bool,
    /// `m`: `^` and `$` match at each line.
    pub multiline: bool,
    /// `s`: `.` matches line terminators too.
    pub dot_all: bool,
    /// `u`: with `i`, cases of all letters are one.
    pub unicode_case: bool,
    /// `x`: white space and comments mean nothing.
    pub comments: bool,
    /// `d`: only `\n` ends a line.
    pub unix_lines: bool,
    /// `U`: classes by Unicode; switches `u` on too.
    pub unicode_classes: bool,
}

impl Flags {
    /// Switches the flag of a letter; false when there is none.
    pub(super) fn switch(&mut self, letter: char, on: bool) -> bool {
        match letter {
            'i' => self.any_case = on,
            'm' => self.multiline = on,
            's' => self.dot_all = on,
            'u' => self.unicode_case = on,
            'x' => self.comments = on,
            'd' => self.unix_lines = on,
            'U' => (self.unicode_classes, self.unicode_case) = (on, on),
            _ => return false,
        }
        true
    }
}
