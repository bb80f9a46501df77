//! Everything that goes into a head goes through here and is checked as strictly as what is read.

use super::head::{Field, Framing};

/// Why a head cannot be written; nothing of it was left in the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unwritable {
    /// A method or field name that is no token.
    #[error("a name is no token")]
    Name,
    /// A control byte (tab excepted) in a value.
    #[error("a value holds a control character")]
    Value,
    /// A space, control or non-ASCII byte in a target, or none at all.
    #[error("a target holds a space or control character")]
    Target,
    /// A status outside of 100 to 999.
    #[error("a status is no three digits")]
    Status,
    /// `Content-Length` or `Transfer-Encoding` other than by `framing`, or a second framing or `Host`.
    #[error("a head may have one framing and one host")]
    Framing,
}

/// What ends a chunked body.
pub const LAST_CHUNK: &[u8] = b"0\r\n\r\n";

/// Writes one head to the end of `out`; the first error sticks and `finish` reports it.
#[derive(Debug)]
#[must_use = "a head is complete after finish"]
pub struct HeadWriter<'a> {
    out: &'a mut Vec<u8>,
    start: usize,
    failed: Option<Unwritable>,
}

impl<'a> HeadWriter<'a> {
    /// Begins a head at the end of `out`.
    pub fn new(out: &'a mut Vec<u8>) -> Self {
        let start = out.len();
        Self { out, start, failed: None }
    }

    /// `METHOD target HTTP/1.1`.
    pub fn request_line(&mut self, method: &[u8], target: &[u8]) {
        let _ = (method, target);
    }

    /// `HTTP/1.1 200 OK`.
    pub fn status_line(&mut self, status: u16) {
        let _ = status;
    }

    /// One field. `Content-Length` and `Transfer-Encoding` are refused here: see `framing`.
    pub fn field(&mut self, name: &[u8], value: &[u8]) {
        let _ = (name, value);
    }

    /// One field whose value is put together.
    pub fn field_parts(&mut self, name: &[u8], parts: &[&[u8]]) {
        let _ = (name, parts);
    }

    /// One parsed field as it came: name and value were checked when they were read from `buffer`.
    pub fn forward(&mut self, buffer: &[u8], field: &Field) {
        self.field(field.name.of(buffer), field.value.of(buffer));
    }

    /// Field lines that `prebuild` made.
    pub fn trusted(&mut self, lines: &[u8]) {
        self.out.extend_from_slice(lines);
    }

    /// How the body that follows ends: `Content-Length`, `Transfer-Encoding: chunked`, or neither (`None`, `UntilClose`).
    pub fn framing(&mut self, framing: Framing) {
        let _ = framing;
    }

    /// `Content-Length` of any size: zero, or that of an answer to HEAD.
    pub fn content_length(&mut self, length: u64) {
        let _ = length;
    }

    /// Ends the head with an empty line, or takes back all of it.
    pub fn finish(self) -> Result<(), Unwritable> {
        match self.failed {
            None => Ok(()),
            Some(why) => {
                self.out.truncate(self.start);
                Err(why)
            }
        }
    }
}

/// Appends a checked field line to bytes that `trusted` will take.
pub fn prebuild(lines: &mut Vec<u8>, name: &[u8], value: &[u8]) -> Result<(), Unwritable> {
    let _ = (lines, name, value);
    Ok(())
}

/// Appends the head of a chunk of `length` (not zero) bytes; CRLF follows the chunk's bytes.
pub fn write_chunk_head(out: &mut Vec<u8>, length: usize) {
    let _ = (out, length);
}
