//! A JSON text as a flat list of nodes whose strings stay where they are: half the time and a tenth of the memory of a tree.
//!
//! Strict (RFC 8259); nesting is bounded. Of members with one name the last counts, as Jackson has it. A lone surrogate is
//! refused: no text has it.

use std::{borrow::Cow, collections::HashSet};

/// How deep arrays and objects may nest.
pub(super) const MOST_NESTED: usize = 512;

/// The text is not JSON, or nests too deeply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not JSON at byte {at}")]
pub struct NotJson {
    /// Where.
    pub at: usize,
}

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Null,
    False,
    True,
    /// A number without fraction and exponent.
    Integer,
    Decimal,
    /// A string as it stands in the text.
    Text,
    /// A string that had escapes, in `unescaped`.
    Unescaped,
    Array,
    Object,
    /// The name of a member that another one of that name replaces.
    Dead,
}

/// `start..end` are bytes; of containers, `start` is their size and `end` the node behind them.
#[derive(Debug, Clone, Copy)]
struct Node {
    kind: Kind,
    start: u32,
    end: u32,
}

/// A parsed text.
#[derive(Debug)]
pub struct Document<'t> {
    text: Cow<'t, str>,
    unescaped: String,
    nodes: Vec<Node>,
}

/// One value of a document.
#[derive(Debug, Clone, Copy)]
pub(super) struct Value<'d> {
    document: &'d Document<'d>,
    index: u32,
}

impl<'t> Document<'t> {
    /// Reads a text of up to 4 GB.
    pub fn parse(text: &'t [u8]) -> Result<Self, NotJson> {
        let text = std::str::from_utf8(text).map_err(|error| NotJson { at: error.valid_up_to() })?;
        if u32::try_from(text.len()).is_err() {
            return Err(NotJson { at: 0 });
        }
        let nodes = Vec::with_capacity(text.len() / 8 + 1);
        let document = Self { text: Cow::Borrowed(text), unescaped: String::new(), nodes };
        let mut parser = Parser { text, document, at: 0, open: Vec::new(), names: Vec::new() };
        parser.run()?;
        Ok(parser.document)
    }

    /// The same with a text of its own.
    pub(super) fn into_owned(self) -> Document<'static> {
        Document { text: Cow::Owned(self.text.into_owned()), unescaped: self.unescaped, nodes: self.nodes }
    }

    pub(super) fn root(&self) -> Value<'_> {
        Value { document: self, index: 0 }
    }

    /// How many values and names there are.
    pub(super) fn size(&self) -> usize {
        self.nodes.len()
    }

    pub(super) fn bytes(&self) -> usize {
        self.text.len()
    }

    fn string(&self, node: Node) -> &str {
        let range = node.start as usize..node.end as usize;
        if node.kind == Kind::Unescaped { &self.unescaped[range] } else { &self.text[range] }
    }
}

impl<'d> Value<'d> {
    #[inline]
    fn node(self) -> Node {
        self.document.nodes[self.index as usize]
    }

    #[inline]
    pub(super) fn kind(self) -> Kind {
        self.node().kind
    }

    /// The text of a string or number; empty for others.
    #[inline]
    pub(super) fn text(self) -> &'d str {
        let node = self.node();
        match node.kind {
            Kind::Text | Kind::Unescaped | Kind::Integer | Kind::Decimal => self.document.string(node),
            _ => "",
        }
    }

    /// The string, if it is one.
    pub(super) fn as_string(self) -> Option<&'d str> {
        matches!(self.kind(), Kind::Text | Kind::Unescaped).then(|| self.text())
    }

    /// How many items or members a container has.
    #[inline]
    pub(super) fn len(self) -> usize {
        let node = self.node();
        if matches!(node.kind, Kind::Array | Kind::Object) { node.start as usize } else { 0 }
    }

    /// Where it stands in the document: a number of its own.
    pub(super) fn position(self) -> u32 {
        self.index
    }

    /// How many nodes it has, itself and all names included.
    pub(super) fn size(self) -> u64 {
        u64::from(self.behind() - self.index)
    }

    fn behind(self) -> u32 {
        let node = self.node();
        if matches!(node.kind, Kind::Array | Kind::Object) { node.end } else { self.index + 1 }
    }

    /// The items of an array; none of anything else.
    #[inline]
    pub(super) fn items(self) -> impl Iterator<Item = Self> {
        let end = if self.kind() == Kind::Array { self.node().end } else { 0 };
        let mut next = Self { index: self.index + 1, ..self };
        std::iter::from_fn(move || {
            let item = next;
            (item.index < end).then(|| {
                next.index = item.behind();
                item
            })
        })
    }

    /// The members of an object; none of anything else.
    #[inline]
    pub(super) fn members(self) -> impl Iterator<Item = (&'d str, Self)> {
        let end = if self.kind() == Kind::Object { self.node().end } else { 0 };
        let mut next = self.index + 1;
        std::iter::from_fn(move || {
            while next < end {
                let name = self.document.nodes[next as usize];
                let value = Self { index: next + 1, ..self };
                next = value.behind();
                if name.kind != Kind::Dead {
                    return Some((self.document.string(name), value));
                }
            }
            None
        })
    }

    /// The member of this name.
    pub(super) fn get(self, wanted: &str) -> Option<Self> {
        self.members().find(|(name, _)| *name == wanted).map(|(_, value)| value)
    }
}

/// A container whose end is still to come.
struct Open {
    node: u32,
    count: u32,
    /// Where its names begin in `Parser::names`.
    names: usize,
}

struct Parser<'t> {
    text: &'t str,
    document: Document<'t>,
    at: usize,
    open: Vec<Open>,
    names: Vec<u32>,
}

impl Parser<'_> {
    fn run(&mut self) -> Result<(), NotJson> {
        loop {
            let opened = self.value()?;
            if opened {
                continue;
            }
            // A value is complete: what it stands in goes on or ends.
            loop {
                let Some(open) = self.open.last_mut() else {
                    self.space();
                    return if self.at == self.text.len() { Ok(()) } else { self.refuse() };
                };
                open.count += 1;
                let is_object = self.document.nodes[open.node as usize].kind == Kind::Object;
                match (self.next_token(), is_object) {
                    (Some(b','), true) => {
                        self.at += 1;
                        self.name()?;
                        break;
                    }
                    (Some(b','), false) => {
                        self.at += 1;
                        break;
                    }
                    (Some(b'}'), true) | (Some(b']'), false) => self.close(),
                    _ => return self.refuse(),
                }
            }
        }
    }

    fn refuse<T>(&self) -> Result<T, NotJson> {
        Err(NotJson { at: self.at })
    }

    #[inline]
    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    #[inline]
    fn space(&mut self) {
        while matches!(self.byte(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }

    #[inline]
    fn next_token(&mut self) -> Option<u8> {
        self.space();
        self.byte()
    }

    #[inline]
    fn push(&mut self, kind: Kind, start: usize, end: usize) {
        self.document.nodes.push(Node { kind, start: start as u32, end: end as u32 });
    }

    /// Reads a value, or the beginning of a container that is not empty: then it says so.
    fn value(&mut self) -> Result<bool, NotJson> {
        match self.next_token() {
            Some(b'"') => self.string()?,
            Some(b'{') => return self.begin(Kind::Object, b'}'),
            Some(b'[') => return self.begin(Kind::Array, b']'),
            Some(b't') => self.word("true", Kind::True)?,
            Some(b'f') => self.word("false", Kind::False)?,
            Some(b'n') => self.word("null", Kind::Null)?,
            Some(b'-' | b'0'..=b'9') => self.number()?,
            _ => return self.refuse(),
        }
        Ok(false)
    }

    fn begin(&mut self, kind: Kind, end: u8) -> Result<bool, NotJson> {
        if self.open.len() == MOST_NESTED {
            return self.refuse();
        }
        self.at += 1;
        let node = self.document.nodes.len() as u32;
        self.push(kind, 0, node as usize + 1);
        if self.next_token() == Some(end) {
            self.at += 1;
            return Ok(false);
        }
        self.open.push(Open { node, count: 0, names: self.names.len() });
        if kind == Kind::Object {
            self.name()?;
        }
        Ok(true)
    }

    fn close(&mut self) {
        self.at += 1;
        let Some(open) = self.open.pop() else { return };
        let dead = self.bury(open.names);
        self.names.truncate(open.names);
        let end = self.document.nodes.len() as u32;
        let node = &mut self.document.nodes[open.node as usize];
        (node.start, node.end) = (open.count - dead, end);
    }

    /// A member's name, its colon, and nothing of its value.
    fn name(&mut self) -> Result<(), NotJson> {
        if self.next_token() != Some(b'"') {
            return self.refuse();
        }
        self.names.push(self.document.nodes.len() as u32);
        self.string()?;
        if self.next_token() != Some(b':') {
            return self.refuse();
        }
        self.at += 1;
        Ok(())
    }

    /// Marks names that come again, from `first` on; says how many.
    fn bury(&mut self, first: usize) -> u32 {
        let names = &self.names[first..];
        let text = |index: &u32| self.document.string(self.document.nodes[*index as usize]);
        let dead: Vec<u32> = match names.len() {
            0 | 1 => return 0,
            // Few: comparing all of them is quicker than a table.
            2..=12 => {
                let again = |(at, name): (usize, &u32)| {
                    let name = text(name);
                    names[at + 1..].iter().any(|later| text(later) == name)
                };
                names.iter().enumerate().filter(|one| again(*one)).map(|(_, name)| *name).collect()
            }
            count => {
                // Keyed by chance: nobody can choose names that collide.
                let mut seen = HashSet::with_capacity(count);
                names.iter().rev().filter(|name| !seen.insert(text(name))).copied().collect()
            }
        };
        for index in &dead {
            self.document.nodes[*index as usize].kind = Kind::Dead;
        }
        dead.len() as u32
    }

    fn word(&mut self, word: &str, kind: Kind) -> Result<(), NotJson> {
        if !self.text.as_bytes()[self.at..].starts_with(word.as_bytes()) {
            return self.refuse();
        }
        self.push(kind, 0, 0);
        self.at += word.len();
        Ok(())
    }

    fn digits(&mut self) -> Result<(), NotJson> {
        let start = self.at;
        while matches!(self.byte(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at == start { self.refuse() } else { Ok(()) }
    }

    fn number(&mut self) -> Result<(), NotJson> {
        let (start, mut kind) = (self.at, Kind::Integer);
        if self.byte() == Some(b'-') {
            self.at += 1;
        }
        if self.byte() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.byte() == Some(b'.') {
            kind = Kind::Decimal;
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.byte() {
            kind = Kind::Decimal;
            self.at += 1;
            if let Some(b'+' | b'-') = self.byte() {
                self.at += 1;
            }
            self.digits()?;
        }
        self.push(kind, start, self.at);
        Ok(())
    }

    fn string(&mut self) -> Result<(), NotJson> {
        let start = self.at + 1;
        self.at = plain_end(self.text.as_bytes(), start);
        match self.byte() {
            Some(b'"') => {
                self.push(Kind::Text, start, self.at);
                self.at += 1;
                Ok(())
            }
            Some(b'\\') => self.escaped(start),
            _ => self.refuse(),
        }
    }

    #[cold]
    fn escaped(&mut self, start: usize) -> Result<(), NotJson> {
        let begin = self.document.unescaped.len();
        let text = self.text;
        self.document.unescaped.push_str(&text[start..self.at]);
        loop {
            match self.byte() {
                Some(b'"') => break,
                Some(b'\\') => {
                    let found = self.escape()?;
                    self.document.unescaped.push(found);
                }
                _ => return self.refuse(),
            }
            let run = self.at;
            self.at = plain_end(text.as_bytes(), run);
            self.document.unescaped.push_str(&text[run..self.at]);
        }
        self.at += 1;
        self.push(Kind::Unescaped, begin, self.document.unescaped.len());
        Ok(())
    }

    /// The character of an escape sequence.
    fn escape(&mut self) -> Result<char, NotJson> {
        self.at += 1;
        let simple = match self.byte() {
            Some(same @ (b'"' | b'\\' | b'/')) => char::from(same),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode(),
            _ => return self.refuse(),
        };
        self.at += 1;
        Ok(simple)
    }

    fn unicode(&mut self) -> Result<char, NotJson> {
        let first = self.four_digits()?;
        if !(0xd800..0xdc00).contains(&first) {
            return char::from_u32(first).ok_or(NotJson { at: self.at });
        }
        if !self.text.as_bytes()[self.at..].starts_with(b"\\u") {
            return self.refuse();
        }
        self.at += 1;
        let second = self.four_digits()?;
        if !(0xdc00..0xe000).contains(&second) {
            return self.refuse();
        }
        char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00)).ok_or(NotJson { at: self.at })
    }

    /// The digits behind a `u`.
    fn four_digits(&mut self) -> Result<u32, NotJson> {
        let digits = self.text.as_bytes().get(self.at + 1..self.at + 5).ok_or(NotJson { at: self.at })?;
        let value = digits.iter().try_fold(0, |value, digit| Some(value << 4 | char::from(*digit).to_digit(16)?));
        let value = value.ok_or(NotJson { at: self.at })?;
        self.at += 5;
        Ok(value)
    }
}

/// Where the plain part of a string ends: at a quote, a backslash, a control character or the text's end.
#[inline]
fn plain_end(text: &[u8], mut at: usize) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    // Eight bytes at once: a byte of `word ^ pattern` is zero where it is the one looked for.
    while let Some(eight) = text.get(at..at + 8).and_then(|eight| <[u8; 8]>::try_from(eight).ok()) {
        let word = u64::from_le_bytes(eight);
        let zero = |word: u64| word.wrapping_sub(ONES) & !word & HIGH;
        let control = word.wrapping_sub(ONES * 0x20) & !word & HIGH;
        let found = zero(word ^ (ONES * u64::from(b'"'))) | zero(word ^ (ONES * u64::from(b'\\'))) | control;
        if found != 0 {
            return at + (found.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    while let Some(byte) = text.get(at)
        && *byte >= 0x20
        && !matches!(byte, b'"' | b'\\')
    {
        at += 1;
    }
    at
}
