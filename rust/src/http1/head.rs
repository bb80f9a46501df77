//! What both heads share: offsets into the buffer a head was read into, never copies.

use crate::primitives::header_names::HeaderName;

/// A range of bytes in the buffer a head was parsed from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The bytes of this span.
    #[inline]
    pub fn of(self, buffer: &[u8]) -> &[u8] {
        &buffer[self.start as usize..self.end as usize]
    }
}

/// One field line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// The name as sent.
    pub name: Span,
    /// The value without surrounding white space.
    pub value: Span,
    /// The name's identity when it is one we know.
    pub id: HeaderName,
}

/// The protocol of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Version {
    /// HTTP/1.0.
    Http10,
    /// HTTP/1.1.
    #[default]
    Http11,
    /// HTTP/2: a stream frames its message.
    Http2,
}

impl Version {
    /// As logs have it.
    pub fn protocol(self) -> &'static [u8; 8] {
        match self {
            Self::Http10 => b"HTTP/1.0",
            Self::Http11 => b"HTTP/1.1",
            Self::Http2 => b"HTTP/2.0",
        }
    }
}

/// How a message's body ends: computed once from the head and carried, never derived again from headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Framing {
    /// No body.
    #[default]
    None,
    /// Exactly so many bytes (more than none).
    Length(u64),
    /// Chunks up to the last one.
    Chunked,
    /// Up to the end of the connection (responses), or of the stream (HTTP/2).
    UntilClose,
}
