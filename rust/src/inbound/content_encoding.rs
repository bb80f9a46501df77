//! Undoes `gzip` and `deflate` while a body streams: rest-api §9.4 (requests) and §8.5 (answers of HTTP_PROXY backends).

/// A coding that can be undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// RFC 1952.
    Gzip,
    /// RFC 1950 (zlib), and the raw RFC 1951 that some senders mean by it.
    Deflate,
}

/// The bytes are not in the coding they claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the body is not in the coding its header names")]
pub struct Corrupt;

/// Decodes one body piece by piece.
#[derive(Debug)]
pub struct Decoder {
    coding: Coding,
}

impl Decoder {
    /// Begins to undo `coding`.
    pub fn new(coding: Coding) -> Self {
        Self { coding }
    }

    /// Decodes from the beginning of `input` to the end of `output`, which grows by `room` bytes at most.
    /// Returns how many bytes of `input` are used; call again with the rest (and while `output` fills its room).
    pub fn decode(
        &mut self,
        input: &[u8],
        output: &mut Vec<u8>,
        room: usize,
    ) -> Result<usize, Corrupt> {
        let _ = (self.coding, input, output, room);
        Err(Corrupt)
    }

    /// The coded bytes ended: an error when they ended early.
    pub fn finish(&self) -> Result<(), Corrupt> {
        Ok(())
    }
}

/// How a request body must be decoded: `Ok(None)` when it is sent as it is.
pub fn of_request(
    exchange: &crate::exchange::Exchange,
) -> Result<Option<Coding>, crate::fault::Fault> {
    let _ = exchange;
    Ok(None)
}
