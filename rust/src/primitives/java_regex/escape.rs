//! What stands behind a backslash.

use super::{
    charset::CharSet,
    parse::Parser,
    refused::Refused,
    syntax::{Assertion, Node},
    unicode::{self, Reading},
};

/// What an escape means.
#[derive(Debug)]
pub(super) enum Escaped {
    Point(u32),
    Node(Node),
}

impl Parser {
    /// An escape outside of classes; the cursor stands on the backslash.
    pub(super) fn escaped_atom(&mut self) -> Result<Node, Refused> {
        Ok(match self.escape(false, false)? {
            Escaped::Point(point) => self.literal(point),
            Escaped::Node(node) => node,
        })
    }

    /// An escape; the cursor stands on the backslash.
    pub(super) fn escape(&mut self, in_class: bool, ends_range: bool) -> Result<Escaped, Refused> {
        let start = self.source.cursor;
        self.source.cursor += 1;
        let Some(letter) = self.source.raw(self.source.cursor) else {
            return self.source.refuse_at(start, "a backslash at the end");
        };
        self.source.cursor += 1;
        let unicode = self.flags.unicode_classes;
        let point = |point: u32| Ok(Escaped::Point(point));
        let set = |set: CharSet, negative| Ok(Escaped::Node(Node::Set(if negative { set.negate() } else { set })));
        match letter.char {
            't' => point(9),
            'n' => point(10),
            'r' => point(13),
            'f' => point(12),
            'a' => point(7),
            'e' => point(27),
            '0' => self.octal().map(Escaped::Point),
            'x' => self.hexadecimal().map(Escaped::Point),
            'u' => self.utf16().map(Escaped::Point),
            'c' => match self.source.peek_letter() {
                Some(letter) => {
                    self.source.cursor += 1;
                    point(u32::from(letter.char) ^ 64)
                }
                None => self.source.refuse("a control character's escape at the end"),
            },
            'd' | 'D' => set(unicode::digits(unicode), letter.char == 'D'),
            'w' | 'W' => set(unicode::words(unicode), letter.char == 'W'),
            's' | 'S' => set(unicode::spaces(unicode), letter.char == 'S'),
            'h' | 'H' => set(unicode::horizontal(), letter.char == 'H'),
            // For compatibility Java reads a range's end as it once was.
            'v' if ends_range || in_class && self.source.peek() == Some('-') => point(11),
            'v' | 'V' => set(unicode::vertical(), letter.char == 'V'),
            'p' | 'P' => set(self.property()?, letter.char == 'P'),
            _ if !in_class && let Some(node) = self.position(letter.char, start)? => Ok(Escaped::Node(node)),
            letter if letter.is_ascii_alphanumeric() => {
                self.source.refuse_at(start + 1, format!("the escape \\{letter} is not known or not supported"))
            }
            letter => point(u32::from(letter)),
        }
    }

    /// Escapes that are no characters: positions, line endings, references.
    fn position(&mut self, letter: char, start: usize) -> Result<Option<Node>, Refused> {
        let unix = self.flags.unix_lines;
        let unicode = self.flags.unicode_classes;
        Ok(Some(match letter {
            'A' => Node::Assert(Assertion::Start),
            'z' => Node::Assert(Assertion::End),
            'Z' => Node::Assert(Assertion::LastLineEnd { unix }),
            'G' => Node::Assert(Assertion::LastMatch),
            'b' if self.source.peek() == Some('{')
                && self.source.raw(self.source.cursor + 1).is_some_and(|letter| letter.char == 'g') =>
            {
                return self.source.refuse_at(start, "boundaries of grapheme clusters are not supported");
            }
            'b' => Node::Assert(Assertion::Word { unicode }),
            'B' => Node::Assert(Assertion::NotWord { unicode }),
            'R' => Node::LineEnding,
            '1'..='9' => {
                let mut group = letter.to_digit(10).unwrap_or(0);
                while let Some(digit) = self.source.peek().and_then(|char| char.to_digit(10)) {
                    let longer = group * 10 + digit;
                    if longer > self.groups {
                        break;
                    }
                    group = longer;
                    self.source.cursor += 1;
                }
                self.reference(group)
            }
            'k' => {
                if self.source.take() != Some('<') {
                    return self.source.refuse_at(start, "\\k without <name>");
                }
                let name = self.group_name()?;
                let Some((_, group)) = self.names.iter().find(|(known, _)| **known == *name) else {
                    return self
                        .source
                        .refuse_at(start, format!("a reference to <{name}>, a group that is not before it"));
                };
                let group = *group;
                self.reference(group)
            }
            _ => return Ok(None),
        }))
    }

    fn reference(&self, group: u32) -> Node {
        Node::BackReference { group, fold: self.fold() }
    }

    /// `\0n`, `\0nn`, `\0mnn`.
    fn octal(&mut self) -> Result<u32, Refused> {
        let mut value = None;
        for place in 0..3 {
            let Some(digit) = self.source.peek().and_then(|char| char.to_digit(8)) else { break };
            // The first of three is at most 3.
            if place == 2 && value.is_some_and(|value| value > 0o37) {
                break;
            }
            value = Some(value.unwrap_or(0) * 8 + digit);
            self.source.cursor += 1;
        }
        match value {
            Some(value) => Ok(value),
            None => self.source.refuse("an octal escape without digits"),
        }
    }

    fn hexadecimal(&mut self) -> Result<u32, Refused> {
        if self.source.peek() == Some('{') {
            self.source.cursor += 1;
            let (mut value, mut any) = (0u32, false);
            while let Some(digit) = self.source.peek().and_then(|char| char.to_digit(16)) {
                value = value << 4 | digit;
                any = true;
                self.source.cursor += 1;
                if value > super::charset::LAST {
                    return self.source.refuse("a code point beyond Unicode");
                }
            }
            if !any || self.source.peek() != Some('}') {
                return self.source.refuse("a hexadecimal escape without its closing brace");
            }
            self.source.cursor += 1;
            return Ok(value);
        }
        self.hexadecimal_digits(2)
    }

    fn hexadecimal_digits(&mut self, count: u32) -> Result<u32, Refused> {
        let mut value = 0;
        for _ in 0..count {
            let Some(digit) = self.source.peek().and_then(|char| char.to_digit(16)) else {
                return self.source.refuse(format!("an escape that needs {count} hexadecimal digits"));
            };
            value = value << 4 | digit;
            self.source.cursor += 1;
        }
        Ok(value)
    }

    /// `\uhhhh`; two of them that are a surrogate pair are one character.
    fn utf16(&mut self) -> Result<u32, Refused> {
        let high = self.hexadecimal_digits(4)?;
        let cursor = self.source.cursor;
        let escape = [cursor, cursor + 1].map(|index| self.source.raw(index).map(|letter| letter.char));
        if (0xD800..0xDC00).contains(&high) && escape == [Some('\\'), Some('u')] {
            self.source.cursor += 2;
            let low = self.hexadecimal_digits(4)?;
            if (0xDC00..0xE000).contains(&low) {
                return Ok(0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00));
            }
            self.source.cursor = cursor;
        }
        Ok(high)
    }

    /// The set of `\pL` or `\p{name}`; the cursor stands behind the `p`.
    fn property(&mut self) -> Result<CharSet, Refused> {
        let start = self.source.cursor;
        let name = match self.source.peek_letter() {
            Some(letter) if letter.char == '{' && !letter.quoted => {
                let mut name = String::new();
                loop {
                    self.source.cursor += 1;
                    match self.source.raw(self.source.cursor) {
                        Some(letter) if letter.char == '}' => break,
                        Some(letter) => name.push(letter.char),
                        None => return self.source.refuse("a property without its closing brace"),
                    }
                }
                self.source.cursor += 1;
                name
            }
            Some(letter) => {
                self.source.cursor += 1;
                letter.char.into()
            }
            None => return self.source.refuse("a property without a name"),
        };
        let reading = Reading { any_case: self.flags.any_case, unicode: self.flags.unicode_classes };
        match unicode::property(&name, reading) {
            Some(set) => Ok(set),
            None => self.source.refuse_at(start, format!("the property {name:?} is not known or not supported")),
        }
    }
}
