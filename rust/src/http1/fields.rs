//! Field lines and what follows from them, for both heads. Byte for byte in order, so that the first bad byte decides and a
//! head that arrives in pieces is judged as it is in one.

use super::{
    head::{Field, Framing, Span, Version},
    scan::{TOKEN, is_token, near_colon, value_end},
};
use crate::primitives::header_names::{HeaderName, identify};

/// Why field lines are refused.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum FieldError {
    Malformed(&'static str),
    TooLarge,
}

/// Reads field lines from `at` to the empty line and gives the end of the head and the marks of its names, or nothing while that has not come.
/// `block` bounds the bytes of the lines, `most` their number.
pub(super) fn read_fields(
    buf: &[u8],
    mut at: usize,
    block: usize,
    most: usize,
    fields: &mut Vec<Field>,
) -> Result<Option<(usize, u64)>, FieldError> {
    use FieldError::{Malformed, TooLarge};
    let window = at.saturating_add(block).saturating_add(2);
    let full = buf.len() >= window;
    let buf = &buf[..window.min(buf.len())];
    let mut marks = 0;
    let incomplete = if full { Err(TooLarge) } else { Ok(None) };
    loop {
        if buf.get(at) == Some(&b'\r') {
            return match buf.get(at + 1) {
                Some(b'\n') => Ok(Some((at + 2, marks))),
                Some(_) => Err(Malformed("CR without LF")),
                None => incomplete,
            };
        }
        if fields.len() == most && buf.get(at).is_some_and(|&byte| TOKEN[usize::from(byte)]) {
            return Err(TooLarge);
        }
        let Some((colon, id)) = name(buf, at)? else { return incomplete };
        // One space, nearly always.
        let mut start = colon + 1 + usize::from(buf.get(colon + 1) == Some(&b' '));
        while let Some(b' ' | b'\t') = buf.get(start) {
            start += 1;
        }
        let Some(stop) = value_end(buf, start) else { return incomplete };
        match (buf[stop], buf.get(stop + 1)) {
            (b'\r', Some(b'\n')) => {}
            (b'\r', Some(_)) => return Err(Malformed("CR without LF")),
            (b'\r', None) => return incomplete,
            (b'\n', _) => return Err(Malformed("LF without CR")),
            _ => return Err(Malformed("a control character in a value")),
        }
        let mut end = stop;
        // No control but tab is left in there.
        while end > start && buf[end - 1] <= b' ' {
            end -= 1;
        }
        let name = Span { start: at as u32, end: colon as u32 };
        fields.push(Field { name, value: Span { start: start as u32, end: end as u32 }, id });
        marks |= mark(id);
        at = stop + 2;
    }
}

/// The name that begins at `at`: where its colon is and who it is. Nothing while the colon has not come.
#[inline]
fn name(buf: &[u8], at: usize) -> Result<Option<(usize, HeaderName)>, FieldError> {
    // A known name needs no look at its bytes; anything unusual is judged byte by byte below.
    if let Some(colon) = near_colon(buf, at) {
        let name = &buf[at..colon];
        let id = identify(name);
        if id != HeaderName::Other || is_token(name) {
            return Ok(Some((colon, id)));
        }
    }
    name_slowly(buf, at)
}

#[cold]
fn name_slowly(buf: &[u8], start: usize) -> Result<Option<(usize, HeaderName)>, FieldError> {
    let rest = &buf[start..];
    let Some(length) = rest.iter().position(|&byte| !TOKEN[usize::from(byte)]) else { return Ok(None) };
    Err(FieldError::Malformed(match (length, rest[length]) {
        (0, b' ' | b'\t') => "a line begins with white space",
        (0, b':') => "a field without a name",
        (0, b'\n') => "LF without CR",
        (1.., b':') => return Ok(Some((start + length, identify(&rest[..length])))),
        (1.., b' ' | b'\t') => "white space before the colon",
        (1.., b'\r' | b'\n') => "a field without a colon",
        _ => "a field name is no token",
    }))
}

/// A name's place in a set of names. Some share one: what is marked may be there, what is not marked is not.
#[inline]
pub(super) const fn mark(id: HeaderName) -> u64 {
    1 << (id as u8 & 63)
}

/// The names that frame a message or govern its connection.
const GOVERNING: u64 = mark(HeaderName::Host)
    | mark(HeaderName::ContentLength)
    | mark(HeaderName::TransferEncoding)
    | mark(HeaderName::Connection)
    | mark(HeaderName::Expect);

/// What the fields say about the message as a whole.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "five independent facts of one head")]
pub(super) struct Meaning {
    pub(super) host: Option<Span>,
    pub(super) length: Option<u64>,
    pub(super) chunked: bool,
    pub(super) close: bool,
    pub(super) keep_alive: bool,
    pub(super) expect_continue: bool,
}

impl Meaning {
    /// Reads the fields that frame the message and govern the connection; contradictions are refused.
    pub(super) fn of(buf: &[u8], fields: &[Field], version: Version) -> Result<Self, &'static str> {
        let mut meaning = Self::default();
        for field in fields {
            if mark(field.id) & GOVERNING == 0 {
                continue;
            }
            match field.id {
                HeaderName::Host if meaning.host.is_some() => return Err("several Hosts"),
                HeaderName::Host => meaning.host = Some(field.value),
                HeaderName::ContentLength => {
                    let length = decimal(field.value.of(buf)).ok_or("Content-Length is no number")?;
                    if meaning.length.replace(length).is_some() {
                        return Err("several Content-Lengths");
                    }
                }
                HeaderName::TransferEncoding => {
                    if meaning.chunked {
                        return Err("several Transfer-Encodings");
                    }
                    if !field.value.of(buf).eq_ignore_ascii_case(b"chunked") {
                        return Err("Transfer-Encoding is not chunked");
                    }
                    if version == Version::Http10 {
                        return Err("Transfer-Encoding in HTTP/1.0");
                    }
                    meaning.chunked = true;
                }
                HeaderName::Connection => meaning.connection(field.value.of(buf)),
                HeaderName::Expect => {
                    meaning.expect_continue |= field.value.of(buf).eq_ignore_ascii_case(b"100-continue");
                }
                _ => {}
            }
        }
        if meaning.chunked && meaning.length.is_some() {
            return Err("Content-Length with Transfer-Encoding");
        }
        Ok(meaning)
    }

    #[inline]
    fn connection(&mut self, value: &[u8]) {
        match value.len() {
            5 if value.eq_ignore_ascii_case(b"close") => self.close = true,
            10 if value.eq_ignore_ascii_case(b"keep-alive") => self.keep_alive = true,
            _ => {
                for option in value.split(|&byte| byte == b',').map(<[u8]>::trim_ascii) {
                    self.close |= option.eq_ignore_ascii_case(b"close");
                    self.keep_alive |= option.eq_ignore_ascii_case(b"keep-alive");
                }
            }
        }
    }

    /// Whether the connection may carry another message.
    pub(super) fn persistent(&self, version: Version) -> bool {
        !self.close && (version != Version::Http10 || self.keep_alive)
    }

    /// The framing that the fields name, if they do.
    pub(super) fn framing(&self) -> Option<Framing> {
        match self.length {
            _ if self.chunked => Some(Framing::Chunked),
            Some(0) => Some(Framing::None),
            Some(length) => Some(Framing::Length(length)),
            None => None,
        }
    }
}

/// 1*DIGIT that fits; no sign, no list, no space.
fn decimal(text: &[u8]) -> Option<u64> {
    if text.is_empty() {
        return None;
    }
    text.iter().try_fold(0u64, |sum, &byte| {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        sum.checked_mul(10)?.checked_add(u64::from(digit))
    })
}
