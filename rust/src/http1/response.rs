//! Response heads of backends, read as strictly as requests.

use self::BadResponse::Malformed;
use super::{
    fields::{FieldError, Meaning, read_fields},
    head::{Field, Framing, Version},
    scan::value_end,
};

/// A parsed response head: offsets into the buffer it was read into. Pooled: parsing clears it first and keeps its memory.
#[derive(Debug, Default)]
pub struct ResponseHead {
    /// The status code.
    pub status: u16,
    /// HTTP/1.0 or 1.1.
    pub version: Version,
    /// The field lines in order.
    pub fields: Vec<Field>,
    /// How the body ends.
    pub framing: Framing,
    /// Whether the backend allows another request on this connection.
    pub keep_alive: bool,
    /// Bytes of the head.
    pub length: u32,
}

impl ResponseHead {
    /// Forgets everything and keeps the memory.
    pub fn clear(&mut self) {
        let mut fields = std::mem::take(&mut self.fields);
        fields.clear();
        *self = Self { fields, ..Self::default() };
    }
}

/// Why a backend's response head is refused; its connection is dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadResponse {
    /// Not one understandable HTTP/1.x response, and why (for logs).
    #[error("malformed response: {0}")]
    Malformed(&'static str),
    /// Over 64 KB or 256 fields.
    #[error("the response head is too large")]
    TooLarge,
}

/// Parses a response head from the beginning of `buf`; `false` means that more bytes are needed.
/// An interim answer (1xx) parses with `Framing::None` and is the caller's to skip; 101 is malformed.
pub fn parse_response(buf: &[u8], request_was_head: bool, head: &mut ResponseHead) -> Result<bool, BadResponse> {
    head.clear();
    let full = buf.len() >= MOST_BYTES;
    let buf = &buf[..buf.len().min(MOST_BYTES)];
    let incomplete = if full { Err(BadResponse::TooLarge) } else { Ok(false) };
    let Some(at) = status_line(buf, head)? else { return incomplete };
    let (end, _) = match read_fields(buf, at, MOST_BYTES, MOST_FIELDS, &mut head.fields) {
        Ok(Some(found)) => found,
        Ok(None) => return incomplete,
        Err(FieldError::Malformed(why)) => return Err(Malformed(why)),
        Err(FieldError::TooLarge) => return Err(BadResponse::TooLarge),
    };
    if head.status == 101 {
        return Err(Malformed("an upgrade nobody asked for"));
    }
    let meaning = Meaning::of(buf, &head.fields, head.version).map_err(Malformed)?;
    head.framing = match head.status {
        _ if request_was_head => Framing::None,
        100..=199 | 204 | 304 => Framing::None,
        _ => meaning.framing().unwrap_or(Framing::UntilClose),
    };
    head.keep_alive = meaning.persistent(head.version) && head.framing != Framing::UntilClose;
    head.length = end as u32;
    Ok(true)
}

const MOST_BYTES: usize = 64 * 1024;
const MOST_FIELDS: usize = 256;

/// Reads `HTTP/1.1 200 Reason` and gives where the fields begin. The reason, with its space, may be missing.
fn status_line(buf: &[u8], head: &mut ResponseHead) -> Result<Option<usize>, BadResponse> {
    let Some(line) = buf.first_chunk::<12>() else { return partial_line(buf) };
    head.version = match &line[..9] {
        b"HTTP/1.1 " => Version::Http11,
        b"HTTP/1.0 " => Version::Http10,
        _ => return Err(NO_STATUS_LINE),
    };
    let [hundreds, tens, ones] = [line[9], line[10], line[11]].map(|digit| digit.wrapping_sub(b'0'));
    if hundreds == 0 || hundreds > 9 || tens > 9 || ones > 9 {
        return Err(NO_STATUS_LINE);
    }
    head.status = u16::from(hundreds) * 100 + u16::from(tens) * 10 + u16::from(ones);
    match buf.get(12) {
        None => return Ok(None),
        Some(b' ' | b'\r') => {}
        Some(_) => return Err(Malformed("a status of more than three digits")),
    }
    let Some(end) = value_end(buf, 12) else { return Ok(None) };
    match (buf[end], buf.get(end + 1)) {
        (b'\r', Some(b'\n')) => Ok(Some(end + 2)),
        (b'\r', None) => Ok(None),
        _ => Err(Malformed("a control character in the status line")),
    }
}

const NO_STATUS_LINE: BadResponse = Malformed("no status line of HTTP/1.0 or 1.1");

/// Too little to tell, unless it is wrong already.
#[cold]
fn partial_line(buf: &[u8]) -> Result<Option<usize>, BadResponse> {
    let fits = buf.iter().zip(b"HTTP/1.v sdd").all(|(&byte, expected)| match expected {
        b'v' => matches!(byte, b'0' | b'1'),
        b's' => matches!(byte, b'1'..=b'9'),
        b'd' => byte.is_ascii_digit(),
        _ => byte == *expected,
    });
    if fits { Ok(None) } else { Err(NO_STATUS_LINE) }
}

#[cfg(test)]
#[path = "response_tests.rs"]
mod tests;
