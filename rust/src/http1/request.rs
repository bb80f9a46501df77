//! Request heads, read strictly: one way to understand them or a refusal.

use super::head::{Field, Framing, Span, Version};

/// A parsed request head: offsets into the buffer it was read into. Pooled: parsing clears it first and keeps its memory.
#[derive(Debug, Default)]
pub struct RequestHead {
    /// The method, a token of any letters.
    pub method: Span,
    /// The request target as sent.
    pub target: Span,
    /// HTTP/1.0 or 1.1.
    pub version: Version,
    /// The field lines in order.
    pub fields: Vec<Field>,
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
    let _ = (buf, limits);
    Ok(false)
}
