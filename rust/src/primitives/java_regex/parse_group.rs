//! Groups: what stands behind `(`.

use super::{
    parse::Parser,
    refused::Refused,
    syntax::{Node, UNBOUNDED},
};

impl Parser {
    /// A group; `None` for flags that hold from here on. The cursor stands on the parenthesis.
    pub(super) fn group(&mut self) -> Result<Option<Node>, Refused> {
        let open = self.source.cursor;
        let saved = self.flags;
        if self.source.next() != Some('?') {
            let number = self.new_group();
            return self.body(number).map(Some);
        }
        self.source.cursor += 1;
        let node = match self.source.take_raw() {
            Some(':') => self.body(0)?,
            Some('=') => Node::Ahead { negative: false, body: Box::new(self.body(0)?) },
            Some('!') => Node::Ahead { negative: true, body: Box::new(self.body(0)?) },
            Some('>') => Node::Atomic(Box::new(self.body(0)?)),
            Some('<') => match self.source.raw(self.source.cursor).map(|letter| letter.char) {
                Some('=') => self.behind(false)?,
                Some('!') => self.behind(true)?,
                _ => self.named(open)?,
            },
            _ => {
                self.source.cursor -= 1;
                let flags = self.inline_flags()?;
                // Flags hold to the end of the group around.
                if flags {
                    return Ok(None);
                }
                let node = self.body(0)?;
                self.apply(saved);
                return Ok(Some(node));
            }
        };
        Ok(Some(node))
    }

    fn new_group(&mut self) -> u32 {
        self.groups += 1;
        self.groups
    }

    /// What a group holds, and its closing parenthesis. Flags that change inside end there.
    fn body(&mut self, number: u32) -> Result<Node, Refused> {
        let saved = self.flags;
        let body = self.deeper(Self::alternatives)?;
        if self.source.peek() != Some(')') {
            return self.source.refuse("a group without its closing parenthesis");
        }
        self.source.cursor += 1;
        self.apply(saved);
        Ok(Node::Group { number, body: Box::new(body) })
    }

    fn named(&mut self, open: usize) -> Result<Node, Refused> {
        let name = self.group_name()?;
        if self.names.iter().any(|(known, _)| **known == *name) {
            return self.source.refuse_at(open, format!("a second group <{name}>"));
        }
        let number = self.new_group();
        self.names.push((name.into(), number));
        self.body(number)
    }

    /// A name up to `>`.
    pub(super) fn group_name(&mut self) -> Result<String, Refused> {
        let mut name = String::new();
        loop {
            match self.source.take_raw() {
                Some(char) if char.is_ascii_alphabetic() || char.is_ascii_digit() && !name.is_empty() => {
                    name.push(char);
                }
                Some('>') if !name.is_empty() => return Ok(name),
                _ => {
                    self.source.cursor = self.source.cursor.saturating_sub(1);
                    return self.source.refuse("a group's name of other than letters and digits, or without its end");
                }
            }
        }
    }

    /// `(?<=` and `(?<!`; the cursor stands on the last sign.
    fn behind(&mut self, negative: bool) -> Result<Node, Refused> {
        self.source.cursor += 1;
        let body = self.body(0)?;
        let shape = body.shape();
        let length = |length: u64| u32::try_from(length).ok().filter(|length| *length <= UNBOUNDED);
        // Where Java's sum of lengths wraps around 32 bits, what it finds depends on the place.
        let (Some(shortest), Some(longest)) = (length(shape.shortest), shape.longest.and_then(length)) else {
            return self.source.refuse_at(self.source.cursor - 1, "a look-behind without an obvious maximum length");
        };
        Ok(Node::Behind { negative, body: Box::new(body), shortest, longest })
    }

    /// `(?i-s)` or `(?i-s:`; whether they stand alone. The cursor stands on the first letter.
    fn inline_flags(&mut self) -> Result<bool, Refused> {
        let mut on = true;
        loop {
            let letter = self.source.take_raw();
            match letter {
                Some('-') if on => on = false,
                Some(')') => return Ok(true),
                Some(':') => return Ok(false),
                Some(letter) => {
                    let mut flags = self.flags;
                    if !flags.switch(letter, on) {
                        self.source.cursor -= 1;
                        return self.source.refuse("an unknown kind of group or flag");
                    }
                    self.apply(flags);
                }
                None => return self.source.refuse("an unknown kind of group or flag"),
            }
        }
    }
}
