//! JSON as json-smart reads it in its permissive mode: names and texts without quotes, single quotes, useless commas,
//! leading zeros, and whatever follows the first value. Nesting ends at 400, json-smart's own limit.

use std::{cell::OnceCell, rc::Rc};

use super::{
    List, Map, Number, Text, Value,
    document::{self, Document, Handle, Node, Table},
    json_pieces::{Units, fraction_of, integer_of, quote_or_backslash, trimmed},
};

/// Lists and objects may be nested so deep.
const DEEPEST: u32 = 400;
/// json-smart's mark for the end of the text; the character itself ends the text too.
const END: u8 = 0x1a;
/// Integers and fractions of more digits are refused: reading them takes time that grows with their square.
const MOST_DIGITS: usize = 20_000;

/// The text is not JSON even for a permissive reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not JSON at byte {position}")]
pub struct JsonError {
    /// How many bytes had been read.
    pub position: usize,
}

/// Why nothing was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unread {
    /// It is no JSON.
    #[error(transparent)]
    NotJson(#[from] JsonError),
    /// It takes more memory than it may.
    #[error("the JSON holds too much")]
    TooLarge,
}

/// Reads the first value of a text; an empty text is an empty String, as json-smart says.
pub fn read(text: &str) -> Result<Value, JsonError> {
    read_within(text, usize::MAX).map(|(value, _)| value).map_err(|unread| match unread {
        Unread::NotJson(error) => error,
        Unread::TooLarge => JsonError { position: text.len() },
    })
}

/// Reads the first value of a text within so many bytes of memory; gives how many it took, too.
pub fn read_within(text: &str, memory: usize) -> Result<(Value, usize), Unread> {
    let room = memory.saturating_sub(text.len());
    if u32::try_from(text.len()).is_err() || memory < text.len() {
        return Err(Unread::TooLarge);
    }
    let mut reader = Reader::new(text, room);
    match reader.value(Stop::Nothing) {
        Ok(()) => Ok(reader.finish()),
        Err(Refused) if reader.is_full => Err(Unread::TooLarge),
        Err(Refused) => Err(JsonError { position: reader.at.min(text.len()) }.into()),
    }
}

/// Where a text without quotes ends.
#[derive(Clone, Copy)]
enum Stop {
    /// At the end of the text.
    Nothing,
    /// In an array.
    Array,
    /// A name in an object.
    Key,
    /// A value in an object.
    Value,
}

impl Stop {
    #[inline]
    fn at(self, byte: u8) -> bool {
        match byte {
            END => true,
            b',' => matches!(self, Self::Array | Self::Value),
            b']' => matches!(self, Self::Array),
            b'}' => matches!(self, Self::Value),
            b':' => matches!(self, Self::Key),
            _ => false,
        }
    }
}

/// The text is refused where the reader stands.
struct Refused;

type Read = Result<(), Refused>;

/// Reads values one after the other into nodes; each reading method leaves one more in `open`.
struct Reader<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    depth: u32,
    /// What closed lists and objects hold.
    nodes: Vec<Node>,
    /// What open ones hold so far.
    open: Vec<Node>,
    escaped: Vec<Text>,
    rare: Vec<Number>,
    tables: Vec<Table>,
    long: u32,
    /// How many more bytes may be taken.
    room: usize,
    /// How many there were.
    memory: usize,
    is_full: bool,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str, memory: usize) -> Self {
        // A node of six bytes is usual.
        let (nodes, open) = (Vec::with_capacity(text.len() / 6 + 1), Vec::with_capacity(32));
        Self {
            text,
            bytes: text.as_bytes(),
            at: 0,
            depth: 0,
            nodes,
            open,
            escaped: Vec::new(),
            rare: Vec::new(),
            tables: Vec::new(),
            long: 0,
            room: memory,
            memory,
            is_full: false,
        }
    }

    /// The value that was read, and how many bytes it took.
    fn finish(mut self) -> (Value, usize) {
        let root = self.open.pop().unwrap_or(Node::Null);
        let is_list = match root {
            Node::Null => return (Value::Null, 0),
            Node::Boolean(truth) => return (Value::Boolean(truth), 0),
            Node::Integer(number) => return (Value::Number(Number::Integer(number)), 0),
            Node::Wide(number) => return (Value::Number(Number::Long(number)), 0),
            Node::Double(number) => return (Value::Number(Number::Double(number)), 0),
            Node::Rare(_) => return (self.rare.pop().map_or(Value::Null, Value::Number), self.text.len()),
            Node::Text { start, length } | Node::Long { start, length, .. } => {
                return (Value::text(&self.text[start as usize..(start + length) as usize]), length as usize);
            }
            Node::Escaped(_) => return (Value::String(self.escaped.pop().unwrap_or_default()), self.text.len()),
            Node::List { .. } => true,
            Node::Map { .. } | Node::Large { .. } => false,
        };
        self.nodes.push(root);
        let taken = self.memory - self.room + self.text.len() + size_of::<Document>();
        let last = (self.nodes.len() - 1) as u32;
        let document = Document {
            text: self.text.into(),
            nodes: self.nodes,
            escaped: self.escaped,
            rare: self.rare,
            tables: self.tables,
            long: self.long,
            made: OnceCell::new(),
            objects: OnceCell::new(),
        };
        let handle = Handle::new(Rc::new(document), last);
        let value = if is_list { Value::List(List::of_document(handle)) } else { Value::Map(Map::of_document(handle)) };
        (value, taken)
    }

    /// Takes one more node into what is open.
    #[inline]
    fn hold(&mut self, node: Node) -> Read {
        self.open.push(node);
        self.take(size_of::<Node>())
    }

    /// Takes memory.
    #[inline]
    fn take(&mut self, bytes: usize) -> Read {
        if let Some(room) = self.room.checked_sub(bytes) {
            self.room = room;
            return Ok(());
        }
        self.is_full = true;
        Err(Refused)
    }

    /// Closes what was opened at `mark`: the number of its first node, and how many there are.
    #[inline]
    fn close(&mut self, mark: usize) -> (u32, u32) {
        let start = self.nodes.len();
        self.nodes.extend_from_slice(&self.open[mark..]);
        self.open.truncate(mark);
        (start as u32, (self.nodes.len() - start) as u32)
    }

    #[inline]
    fn current(&self) -> u8 {
        self.bytes.get(self.at).copied().unwrap_or(END)
    }

    fn value(&mut self, stop: Stop) -> Read {
        loop {
            match self.current() {
                b' ' | b'\r' | b'\n' | b'\t' => self.at += 1,
                b':' | b'}' | b']' => return Err(Refused),
                b'{' => return self.object(),
                b'[' => return self.array(),
                quote @ (b'"' | b'\'') => return self.quoted(quote),
                b'0'..=b'9' | b'-' => return self.number(stop),
                _ => {
                    let node = match self.unquoted(stop) {
                        "null" => Node::Null,
                        "true" => Node::Boolean(true),
                        "false" => Node::Boolean(false),
                        "NaN" => Node::number(Number::Float(f32::NAN), &mut self.rare),
                        text => self.piece(text),
                    };
                    return self.hold(node);
                }
            }
        }
    }

    fn deeper(&mut self) -> Read {
        self.depth += 1;
        if self.depth > DEEPEST { Err(Refused) } else { Ok(()) }
    }

    fn array(&mut self) -> Read {
        self.deeper()?;
        self.at += 1;
        let mark = self.open.len();
        loop {
            match self.current() {
                b' ' | b'\r' | b'\n' | b'\t' | b',' => self.at += 1,
                b']' => {
                    self.depth -= 1;
                    self.at += 1;
                    let (start, count) = self.close(mark);
                    return self.hold(Node::List { start, count });
                }
                b':' | b'}' | END => return Err(Refused),
                _ => self.value(Stop::Array)?,
            }
        }
    }

    fn object(&mut self) -> Read {
        self.deeper()?;
        let mark = self.open.len();
        let mut table = None;
        loop {
            self.at += 1;
            match self.current() {
                b' ' | b'\r' | b'\n' | b'\t' | b',' => continue,
                b':' | b']' | b'[' | b'{' => return Err(Refused),
                b'}' => break,
                quote @ (b'"' | b'\'') => self.quoted(quote)?,
                _ => {
                    let name = self.unquoted(Stop::Key);
                    let node = self.piece(name);
                    self.hold(node)?;
                }
            }
            let known = self.known(mark, &mut table)?;
            self.skip_space();
            if self.current() != b':' {
                return Err(Refused);
            }
            self.at += 1;
            if self.at >= self.bytes.len() {
                return Err(Refused);
            }
            self.value(Stop::Value)?;
            if let Some(place) = known {
                // The key that was there first gets the value.
                let end = self.open.len();
                self.open[mark + 2 * place + 1] = self.open[end - 1];
                self.open.truncate(end - 2);
            }
            self.skip_space();
            match self.current() {
                b'}' => break,
                b',' => {}
                _ => return Err(Refused),
            }
        }
        self.depth -= 1;
        self.at += 1;
        let (start, nodes) = self.close(mark);
        let count = nodes / 2;
        let node = match table {
            None => Node::Map { start, count },
            Some(table) => {
                self.tables.push(table);
                Node::Large { start, count, table: (self.tables.len() - 1) as u32 }
            }
        };
        self.hold(node)
    }

    /// Which entry of the object opened at `mark` has the key that was read last; large objects have a table of their keys.
    #[inline]
    fn known(&mut self, mark: usize, table: &mut Option<Table>) -> Result<Option<usize>, Refused> {
        let (text, escaped) = (self.text, &self.escaped);
        let Some((key, entries)) = self.open[mark..].split_last() else { return Ok(None) };
        let count = entries.len() / 2;
        if table.is_none() && count <= Map::FEW {
            let name = key.bytes(text, escaped);
            let place = entries.chunks_exact(2).position(|pair| pair[0].is(name, text, escaped));
            if place.is_some() || count < Map::FEW {
                return Ok(place);
            }
        }
        let name = key.text(text, escaped);
        let table = table.get_or_insert_with(|| {
            entries.chunks_exact(2).map(|pair| Text::new(pair[0].text(text, escaped))).zip(0..).collect()
        });
        if let Some(place) = table.get(name) {
            return Ok(Some(*place as usize));
        }
        let new = if table.len() == Map::FEW { Map::FEW + 1 } else { 1 };
        table.insert(Text::new(name), count as u32);
        self.take(64 * new)?;
        Ok(None)
    }

    /// The node of a piece of the text.
    #[inline]
    fn piece(&mut self, text: &str) -> Node {
        let start = text.as_ptr().addr() - self.text.as_ptr().addr();
        document::piece(start, text.len(), &mut self.long)
    }

    #[inline]
    fn skip_space(&mut self) {
        while self.current() <= b' ' && self.current() != END {
            self.at += 1;
        }
    }

    fn skip_to(&mut self, stop: Stop) {
        while !stop.at(self.current()) {
            self.at += 1;
        }
    }

    fn unquoted(&mut self, stop: Stop) -> &'a str {
        let start = self.at;
        self.skip_to(stop);
        trimmed(&self.text[start..self.at])
    }

    fn number(&mut self, stop: Stop) -> Read {
        let start = self.at;
        if let Some(number) = self.short_integer(stop) {
            return self.hold(number);
        }
        self.at += 1;
        self.skip_digits();
        let mut integer = true;
        if self.current() == b'.' {
            integer = false;
            self.at += 1;
            self.skip_digits();
        }
        if matches!(self.current(), b'e' | b'E') {
            integer = false;
            self.at += 1;
            if !matches!(self.current(), b'+' | b'-' | b'0'..=b'9') {
                self.skip_to(stop);
                let node = self.piece(trimmed(&self.text[start..self.at]));
                return self.hold(node);
            }
            self.at += 1;
            self.skip_digits();
        }
        self.skip_space();
        // From `~` on json-smart does not look; what follows is then an item of its own, or an error.
        if self.current() < b'~' && !stop.at(self.current()) {
            self.skip_to(stop);
            let node = self.piece(trimmed(&self.text[start..self.at]));
            return self.hold(node);
        }
        let text = trimmed(&self.text[start..self.at]);
        let number = if text.len() > MOST_DIGITS {
            None
        } else if integer {
            integer_of(text)
        } else {
            fraction_of(text)
        };
        match number {
            Some(number) => {
                if !matches!(number, Number::Integer(_) | Number::Long(_) | Number::Double(_)) {
                    self.take(size_of::<Number>() + text.len())?;
                }
                let node = Node::number(number, &mut self.rare);
                self.hold(node)
            }
            None => Err(Refused),
        }
    }

    /// Up to 18 digits with their end right behind them: the usual ones.
    #[inline]
    fn short_integer(&mut self, stop: Stop) -> Option<Node> {
        let negative = self.current() == b'-';
        let first = self.at + usize::from(negative);
        let mut number = 0_i64;
        let mut at = first;
        while let Some(digit @ b'0'..=b'9') = self.bytes.get(at) {
            number = number.wrapping_mul(10).wrapping_add(i64::from(digit - b'0'));
            at += 1;
        }
        let ends = stop.at(self.bytes.get(at).copied().unwrap_or(END));
        if !ends || !(1..=18).contains(&(at - first)) {
            return None;
        }
        self.at = at;
        let number = if negative { -number } else { number };
        Some(i32::try_from(number).map_or(Node::Wide(number), Node::Integer))
    }

    fn skip_digits(&mut self) {
        while self.current().is_ascii_digit() {
            self.at += 1;
        }
    }

    #[inline]
    fn quoted(&mut self, quote: u8) -> Read {
        let start = self.at + 1;
        match quote_or_backslash(self.bytes, start, quote) {
            Some(end) if self.bytes[end] == quote => {
                self.at = end + 1;
                let node = document::piece(start, end - start, &mut self.long);
                self.hold(node)
            }
            Some(_) => self.escaped(quote),
            None => Err(Refused),
        }
    }

    /// A text with escapes, in which control characters are dropped and an unknown escape stands for nothing.
    fn escaped(&mut self, quote: u8) -> Read {
        let mut units = Units::new();
        loop {
            self.at += 1;
            match self.current() {
                END => return Err(Refused),
                byte if byte == quote => break,
                b'\\' => {
                    self.at += 1;
                    match self.current() {
                        b't' => units.push('\t'),
                        b'n' => units.push('\n'),
                        b'r' => units.push('\r'),
                        b'f' => units.push('\u{c}'),
                        b'b' => units.push('\u{8}'),
                        byte @ (b'\\' | b'/' | b'\'' | b'"') => units.push(char::from(byte)),
                        b'u' => units.push_unit(self.hexadecimal(4)?),
                        b'x' => units.push_unit(self.hexadecimal(2)?),
                        byte if byte >= 0x80 => self.at += self.character().len_utf8() - 1,
                        _ => {}
                    }
                }
                byte if byte < b' ' || byte == 0x7f => {}
                byte if byte < 0x80 => units.push(char::from(byte)),
                _ => {
                    let character = self.character();
                    units.push(character);
                    self.at += character.len_utf8() - 1;
                }
            }
        }
        self.at += 1;
        units.flush();
        self.take(size_of::<Text>() + units.out.len())?;
        self.escaped.push(Text::from(units.out));
        self.hold(Node::Escaped((self.escaped.len() - 1) as u32))
    }

    fn character(&self) -> char {
        self.text[self.at..].chars().next().unwrap_or('?')
    }

    fn hexadecimal(&mut self, digits: usize) -> Result<u16, Refused> {
        let mut value = 0;
        for _ in 0..digits {
            self.at += 1;
            match char::from(self.current()).to_digit(16) {
                Some(digit) => value = value * 16 + digit as u16,
                None => return Err(Refused),
            }
        }
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::primitives::java::json_write::{self, Style};

    fn again(text: &str) -> String {
        match read(text) {
            Ok(value) => {
                let mut out = String::new();
                json_write::write(&value, Style::Json, &mut out, 100_000).unwrap();
                out
            }
            Err(error) => format!("error {}", error.position),
        }
    }

    #[test]
    fn permissive_forms_are_read() {
        for (given, expected) in [
            (r#"{"a": [1, 2.5, "x", null, true]}"#, r#"{"a":[1,2.5,"x",null,true]}"#),
            ("{statusCode: 200}", r#"{"statusCode":200}"#),
            ("{'a':'b',}", r#"{"a":"b"}"#),
            ("[1,,2,]", "[1,2]"),
            ("[1 2, a b]", r#"["1 2","a b"]"#),
            ("{a:}", "error 3"),
            ("{\"a\":1} trailing", r#"{"a":1}"#),
            ("", "\"\""),
            ("nothing", "\"nothing\""),
            ("-", "0"),
            ("007", "7"),
            (
                "[12345678901234567890, 1.0, 1e3, 1e, 0.12345678901234567890]",
                r#"[12345678901234567890,1.0,1000.0,"1e",0.12345678901234567890]"#,
            ),
            (r#"["a\u00e9\ud83d\ude00\ud83dx\q\x41"]"#, "[\"aé😀?xA\"]"),
            ("99999999999999999907766279631452241920", "99999999999999999907766279631452241920"),
            ("{\"a\":1", "error 6"),
            ("[1", "error 2"),
            ("\"open", "error 0"),
            ("{\"a\":1,\"a\":2}", "{\"a\":2}"),
        ] {
            assert_eq!(again(given), expected, "{given}");
        }
    }

    #[test]
    fn depth_ends_at_400() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(read(&nested(400)).is_ok());
        assert!(read(&nested(401)).is_err());
    }
}
