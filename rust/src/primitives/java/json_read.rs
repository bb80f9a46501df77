//! JSON as json-smart reads it in its permissive mode: names and texts without quotes, single quotes, useless commas,
//! leading zeros, and whatever follows the first value. Nesting ends at 400, json-smart's own limit.

use std::rc::Rc;

use num_bigint::BigInt;

use super::{List, ListKind, Map, Number, Text, Value, decimal::Decimal};

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

/// Reads the first value of a text; an empty text is an empty String, as json-smart says.
pub fn read(text: &str) -> Result<Value, JsonError> {
    let mut reader = Reader { text, bytes: text.as_bytes(), at: 0, depth: 0 };
    reader.value(Stop::Nothing)
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

/// An object under way: looked through for a name while it is small.
#[derive(Default)]
struct Entries {
    few: Vec<(Value, Value)>,
    map: Option<Map>,
}

impl Entries {
    fn put(&mut self, key: Text, value: Value) {
        if let Some(map) = &self.map {
            map.put(Value::String(key), value);
            return;
        }
        let same = |other: &Value| matches!(other, Value::String(other) if other.as_bytes() == key.as_bytes());
        if let Some((_, old)) = self.few.iter_mut().find(|(other, _)| same(other)) {
            *old = value;
        } else if self.few.len() < Map::FEW {
            self.few.push((Value::String(key), value));
        } else {
            let map = Map::of_distinct(std::mem::take(&mut self.few));
            map.put(Value::String(key), value);
            self.map = Some(map);
        }
    }

    fn into_map(self) -> Map {
        self.map.unwrap_or_else(|| Map::of_distinct(self.few))
    }
}

struct Reader<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    depth: u32,
}

impl<'a> Reader<'a> {
    #[inline]
    fn current(&self) -> u8 {
        self.bytes.get(self.at).copied().unwrap_or(END)
    }

    fn refuse<T>(&self) -> Result<T, JsonError> {
        Err(JsonError { position: self.at.min(self.bytes.len()) })
    }

    fn value(&mut self, stop: Stop) -> Result<Value, JsonError> {
        loop {
            match self.current() {
                b' ' | b'\r' | b'\n' | b'\t' => self.at += 1,
                b':' | b'}' | b']' => return self.refuse(),
                b'{' => return self.object(),
                b'[' => return self.array(),
                b'"' | b'\'' => return self.quoted().map(Value::String),
                b'0'..=b'9' | b'-' => return self.number(stop),
                _ => {
                    return Ok(match self.unquoted(stop) {
                        "null" => Value::Null,
                        "true" => Value::Boolean(true),
                        "false" => Value::Boolean(false),
                        "NaN" => Value::Number(Number::Float(f32::NAN)),
                        text => Value::text(text),
                    });
                }
            }
        }
    }

    fn deeper(&mut self) -> Result<(), JsonError> {
        self.depth += 1;
        if self.depth > DEEPEST { self.refuse() } else { Ok(()) }
    }

    fn array(&mut self) -> Result<Value, JsonError> {
        self.deeper()?;
        self.at += 1;
        let mut items = Vec::new();
        loop {
            match self.current() {
                b' ' | b'\r' | b'\n' | b'\t' | b',' => self.at += 1,
                b']' => {
                    self.depth -= 1;
                    self.at += 1;
                    return Ok(Value::List(List::new(ListKind::Json, items)));
                }
                b':' | b'}' | END => return self.refuse(),
                _ => items.push(self.value(Stop::Array)?),
            }
        }
    }

    fn object(&mut self) -> Result<Value, JsonError> {
        self.deeper()?;
        let mut entries = Entries::default();
        loop {
            self.at += 1;
            let key = match self.current() {
                b' ' | b'\r' | b'\n' | b'\t' | b',' => continue,
                b':' | b']' | b'[' | b'{' => return self.refuse(),
                b'}' => break,
                b'"' | b'\'' => self.quoted()?,
                _ => Text::new(self.unquoted(Stop::Key)),
            };
            self.skip_space();
            if self.current() != b':' {
                return self.refuse();
            }
            self.at += 1;
            if self.at >= self.bytes.len() {
                return self.refuse();
            }
            let value = self.value(Stop::Value)?;
            entries.put(key, value);
            self.skip_space();
            match self.current() {
                b'}' => break,
                b',' => {}
                _ => return self.refuse(),
            }
        }
        self.depth -= 1;
        self.at += 1;
        Ok(Value::Map(entries.into_map()))
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

    fn number(&mut self, stop: Stop) -> Result<Value, JsonError> {
        let start = self.at;
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
                return Ok(Value::text(trimmed(&self.text[start..self.at])));
            }
            self.at += 1;
            self.skip_digits();
        }
        self.skip_space();
        // From `~` on json-smart does not look; what follows is then an item of its own, or an error.
        if self.current() < b'~' && !stop.at(self.current()) {
            self.skip_to(stop);
            return Ok(Value::text(trimmed(&self.text[start..self.at])));
        }
        let text = trimmed(&self.text[start..self.at]);
        let number = if text.len() > MOST_DIGITS {
            None
        } else if integer {
            integer_of(text)
        } else {
            fraction_of(text)
        };
        number.map_or_else(|| self.refuse(), |number| Ok(Value::Number(number)))
    }

    fn skip_digits(&mut self) {
        while self.current().is_ascii_digit() {
            self.at += 1;
        }
    }

    fn quoted(&mut self) -> Result<Text, JsonError> {
        let quote = self.current();
        let start = self.at + 1;
        let end = self.bytes[start..].iter().position(|&byte| byte == quote || byte == b'\\');
        let Some(length) = end else { return self.refuse() };
        if self.bytes[start + length] == quote {
            self.at = start + length + 1;
            return Ok(Text::new(&self.text[start..start + length]));
        }
        self.escaped(quote)
    }

    /// A text with escapes, in which control characters are dropped and an unknown escape stands for nothing.
    fn escaped(&mut self, quote: u8) -> Result<Text, JsonError> {
        let mut units = Units { out: String::new(), high: None };
        loop {
            self.at += 1;
            match self.current() {
                END => return self.refuse(),
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
        Ok(Text::from(units.out))
    }

    fn character(&self) -> char {
        self.text[self.at..].chars().next().unwrap_or('?')
    }

    fn hexadecimal(&mut self, digits: usize) -> Result<u16, JsonError> {
        let mut value = 0;
        for _ in 0..digits {
            self.at += 1;
            match char::from(self.current()).to_digit(16) {
                Some(digit) => value = value * 16 + digit as u16,
                None => return self.refuse(),
            }
        }
        Ok(value)
    }
}

/// Text under way that joins the two halves of a surrogate pair.
struct Units {
    out: String,
    high: Option<u16>,
}

impl Units {
    fn push(&mut self, character: char) {
        self.flush();
        self.out.push(character);
    }

    fn push_unit(&mut self, unit: u16) {
        if let Some(high) = self.high.take() {
            let pair = [high, unit];
            if let Some(Ok(character)) = char::decode_utf16(pair).next() {
                return self.out.push(character);
            }
            self.out.push('?');
        }
        match unit {
            0xd800..=0xdbff => self.high = Some(unit),
            _ => self.out.push(char::from_u32(u32::from(unit)).unwrap_or('?')),
        }
    }

    fn flush(&mut self) {
        if self.high.take().is_some() {
            self.out.push('?');
        }
    }
}

/// Without blanks at both ends, but at least one character.
#[inline]
fn trimmed(text: &str) -> &str {
    // Nearly always there is nothing to trim.
    let plain = |byte: Option<&u8>| byte.is_some_and(|byte| (b'!'..=b'~').contains(byte));
    if plain(text.as_bytes().first()) && plain(text.as_bytes().last()) {
        return text;
    }
    let inner = text.trim_matches(is_java_whitespace);
    if inner.is_empty() && !text.is_empty() {
        let last = text.char_indices().next_back().map_or(0, |(at, _)| at);
        return &text[last..];
    }
    inner
}

/// `Character.isWhitespace`.
fn is_java_whitespace(character: char) -> bool {
    match character {
        '\t'..='\r' | '\x1c'..=' ' => true,
        '\u{85}' | '\u{a0}' | '\u{2007}' | '\u{202f}' => false,
        other => !other.is_ascii() && other.is_whitespace(),
    }
}

/// Integer, Long or `BigInteger`, whichever is the first to hold it. A lone `-` is 0.
fn integer_of(text: &str) -> Option<Number> {
    if text == "-" {
        return Some(Number::Integer(0));
    }
    if text.len() < 20
        && let Ok(number) = text.parse::<i64>()
    {
        return Some(Number::of(number));
    }
    let number = BigInt::parse_bytes(text.as_bytes(), 10)?;
    // Only what is longer than a Long can be becomes a BigInteger for its length alone, even when zeros lead it.
    let longest = if text.starts_with('-') { 20 } else { 19 };
    match i64::try_from(&number) {
        Ok(small) if text.len() <= longest => Some(Number::of(small)),
        _ => Some(Number::BigInteger(Rc::new(number))),
    }
}

/// A Double up to 18 characters, else a `BigDecimal`.
fn fraction_of(text: &str) -> Option<Number> {
    if text.len() > 18 {
        return Decimal::parse(text).map(|decimal| Number::BigDecimal(Rc::new(decimal)));
    }
    text.parse().ok().map(Number::Double)
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
