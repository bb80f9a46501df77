//! Pieces of JSON as json-smart takes them: texts with escapes, texts without quotes, numbers. Knows nothing of lists and objects.

use std::rc::Rc;

use num_bigint::BigInt;

use super::{Number, decimal::Decimal};

/// Where the first quote or backslash is, eight bytes at a time.
#[inline]
pub(super) fn quote_or_backslash(bytes: &[u8], mut at: usize, quote: u8) -> Option<usize> {
    const ONES: u64 = u64::MAX / 255;
    // The lowest byte of such a mask that is set is the first that is zero.
    let zeros = |word: u64| word.wrapping_sub(ONES) & !word & (ONES << 7);
    while let Some(eight) = bytes.get(at..).and_then(<[u8]>::first_chunk::<8>) {
        let word = u64::from_le_bytes(*eight);
        let found = zeros(word ^ (ONES * u64::from(quote))) | zeros(word ^ (ONES * u64::from(b'\\')));
        if found != 0 {
            return Some(at + (found.trailing_zeros() / 8) as usize);
        }
        at += 8;
    }
    bytes[at..].iter().position(|&byte| byte == quote || byte == b'\\').map(|place| at + place)
}

/// Text under way that joins the two halves of a surrogate pair.
pub(super) struct Units {
    pub(super) out: String,
    high: Option<u16>,
}

impl Units {
    pub(super) fn new() -> Self {
        Self { out: String::new(), high: None }
    }

    pub(super) fn push(&mut self, character: char) {
        self.flush();
        self.out.push(character);
    }

    pub(super) fn push_unit(&mut self, unit: u16) {
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

    pub(super) fn flush(&mut self) {
        if self.high.take().is_some() {
            self.out.push('?');
        }
    }
}

/// Without blanks at both ends, but at least one character.
#[inline]
pub(super) fn trimmed(text: &str) -> &str {
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
pub(super) fn integer_of(text: &str) -> Option<Number> {
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
pub(super) fn fraction_of(text: &str) -> Option<Number> {
    if text.len() > 18 {
        return Decimal::parse(text).map(|decimal| Number::BigDecimal(Rc::new(decimal)));
    }
    text.parse().ok().map(Number::Double)
}
