//! Request heads, read strictly: one way to understand them or a refusal.

use self::Refusal::BadRequest;
use super::{
    fields::{FieldError, Meaning, mark, read_fields},
    head::{Field, Framing, Span, Version},
    host::is_host,
    scan::{TOKEN, target_end},
};
use crate::primitives::header_names::HeaderName;

/// A parsed request head: offsets into the buffer it was read into. Pooled: parsing clears it first and keeps its memory.
#[derive(Debug, Default)]
pub struct RequestHead {
    /// The method, a token of any letters.
    pub method: Span,
    /// The request target as sent.
    pub target: Span,
    /// HTTP/1.0, 1.1 or 2.
    pub version: Version,
    /// The field lines in order.
    pub fields: Vec<Field>,
    /// Which names may be among the fields: see `may_have`.
    pub(super) marks: u64,
    /// How the body ends.
    pub framing: Framing,
    /// Whether the client allows another request on this connection.
    pub keep_alive: bool,
    /// Whether the client waits for `100 Continue` before it sends the body.
    pub expect_continue: bool,
    /// The value of `Host`, or the authority of an absolute-form target.
    pub host: Span,
    /// Path and query in origin form: begins with `/` or, after an absolute-form authority, may be empty or begin with `?`.
    pub path: Span,
    /// Bytes of the head, an empty line before it included.
    pub length: u32,
}

impl RequestHead {
    /// Forgets everything and keeps the memory.
    pub fn clear(&mut self) {
        let mut fields = std::mem::take(&mut self.fields);
        fields.clear();
        *self = Self { fields, ..Self::default() };
    }

    /// Whether to look for a known name at all: `false` is certain.
    #[inline]
    pub fn may_have(&self, id: HeaderName) -> bool {
        self.marks & mark(id) != 0
    }
}

/// Bounds of a request head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeadLimits {
    /// Bytes of the request target; over it: 414.
    pub target: u32,
    /// Bytes of all field lines with their line ends; over it: 431.
    pub header_block: u32,
    /// Field lines; over it: 431.
    pub fields: u16,
}

/// Why a request head is refused; the connection closes after the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// 400, and why (for logs).
    #[error("bad request: {0}")]
    BadRequest(&'static str),
    /// 414.
    #[error("the request target is too long")]
    UriTooLong,
    /// 431.
    #[error("the request head is too large")]
    HeadTooLarge,
    /// 505.
    #[error("the HTTP version is not supported")]
    Version,
}

/// Parses a request head from the beginning of `buf`; `false` means that more bytes are needed.
/// A refusal comes with the first byte that deserves it, complete or not.
pub fn parse_request(buf: &[u8], limits: &HeadLimits, head: &mut RequestHead) -> Result<bool, Refusal> {
    head.clear();
    let Some(at) = request_line(buf, limits, head)? else { return Ok(false) };
    let (end, marks) =
        match read_fields(buf, at, limits.header_block as usize, usize::from(limits.fields), &mut head.fields) {
            Ok(Some(found)) => found,
            Ok(None) => return Ok(false),
            Err(FieldError::Malformed(why)) => return Err(BadRequest(why)),
            Err(FieldError::TooLarge) => return Err(Refusal::HeadTooLarge),
        };
    let meaning = Meaning::of(buf, &head.fields, head.version).map_err(BadRequest)?;
    let host = meaning.host.ok_or(BadRequest("no Host"))?;
    if !is_host(host.of(buf)) {
        return Err(BadRequest("Host is no host[:port]"));
    }
    // A target and a Host that disagree would be two answers to "which API?".
    if head.host != Span::default() && !head.host.of(buf).eq_ignore_ascii_case(host.of(buf)) {
        return Err(BadRequest("the target names another host"));
    }
    head.host = host;
    head.marks = marks;
    head.framing = meaning.framing().unwrap_or_default();
    head.keep_alive = meaning.persistent(head.version);
    head.expect_continue = meaning.expect_continue && head.version == Version::Http11 && head.framing != Framing::None;
    head.length = end as u32;
    Ok(true)
}

/// Reads the request line, one empty line before it allowed, and gives where the fields begin.
fn request_line(buf: &[u8], limits: &HeadLimits, head: &mut RequestHead) -> Result<Option<usize>, Refusal> {
    let mut at = 0;
    if buf.first() == Some(&b'\r') {
        match buf.get(1) {
            None => return Ok(None),
            Some(b'\n') => at = 2,
            Some(_) => return Err(BadRequest("CR without LF")),
        }
    }
    let start = at;
    while let Some(&byte) = buf.get(at)
        && TOKEN[usize::from(byte)]
    {
        at += 1;
        if at - start > LONGEST_METHOD {
            return Err(BadRequest("the method is too long"));
        }
    }
    match buf.get(at) {
        None => return Ok(None),
        Some(b' ') if at > start => head.method = Span { start: start as u32, end: at as u32 },
        Some(_) => return Err(BadRequest("the method is no token")),
    }
    let start = at + 1;
    // One byte more than allowed is enough to see that there are too many.
    let window = start.saturating_add(limits.target as usize).saturating_add(1).min(buf.len());
    let Some(end) = target_end(&buf[..window], start) else {
        return if window - start.min(window) > limits.target as usize { Err(Refusal::UriTooLong) } else { Ok(None) };
    };
    if buf[end] != b' ' || end == start {
        return Err(BadRequest("the target is empty, has a fragment, is not ASCII, or no version follows"));
    }
    head.target = Span { start: start as u32, end: end as u32 };
    let Some((version, at)) = version_and_line_end(buf, end + 1)? else { return Ok(None) };
    head.version = version;
    target_form(buf, head)?;
    Ok(Some(at))
}

/// Methods longer than any registered one by far.
pub(super) const LONGEST_METHOD: usize = 64;

fn version_and_line_end(buf: &[u8], at: usize) -> Result<Option<(Version, usize)>, Refusal> {
    let rest = buf.get(at..).unwrap_or_default();
    if rest.starts_with(b"HTTP/1.1\r\n") {
        return Ok(Some((Version::Http11, at + 10)));
    }
    for (place, (&byte, expected)) in rest.iter().zip(b"HTTP/0.0\r\n").enumerate() {
        let fits = if *expected == b'0' { byte.is_ascii_digit() } else { byte == *expected };
        if !fits {
            return Err(BadRequest("the request line does not end in a version and CR LF"));
        }
        if place == 7 && !matches!(&rest[5..8], b"1.0" | b"1.1") {
            return Err(Refusal::Version);
        }
    }
    if rest.len() < 10 {
        return Ok(None);
    }
    Ok(Some((if rest[7] == b'0' { Version::Http10 } else { Version::Http11 }, at + 10)))
}

/// Origin-form or absolute-form; finds the path, and the authority of the latter.
fn target_form(buf: &[u8], head: &mut RequestHead) -> Result<(), Refusal> {
    let target = head.target.of(buf);
    // Its answer would be a tunnel, whatever the target looks like.
    if head.method.of(buf) == b"CONNECT" {
        return Err(BadRequest("CONNECT"));
    }
    if target[0] == b'/' {
        head.path = head.target;
        return Ok(());
    }
    let scheme = if starts_with_ignore_case(target, b"http://") {
        7
    } else if starts_with_ignore_case(target, b"https://") {
        8
    } else {
        return Err(BadRequest("the target is neither in origin-form nor in absolute-form"));
    };
    let authority = memchr::memchr2(b'/', b'?', &target[scheme..]).unwrap_or(target.len() - scheme);
    let start = head.target.start + scheme as u32;
    head.host = Span { start, end: start + authority as u32 };
    head.path = Span { start: head.host.end, end: head.target.end };
    // Whether it is a host at all shows when it is compared with Host.
    Ok(())
}

fn starts_with_ignore_case(text: &[u8], prefix: &[u8]) -> bool {
    text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

#[cfg(test)]
#[path = "request_tests.rs"]
mod tests;
