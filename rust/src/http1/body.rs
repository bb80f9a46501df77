//! Reads a framed body incrementally and without memory of its own: payload stays where it was received.

use std::ops::Range;

use super::{head::Framing, scan::TOKEN};

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
    state: State,
    /// Bytes of the current chunk, or of a body of known length, that are still to come.
    remaining: u64,
    /// Digits of the current chunk size.
    digits: u8,
    /// Bytes of the current chunk's extensions.
    extension: u16,
    /// Bytes of extensions and trailers so far: neither may dwarf the payload.
    overhead: u16,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Done,
    Length,
    UntilClose,
    Size,
    Extension,
    SizeLf,
    Data,
    DataCr,
    DataLf,
    TrailerStart,
    TrailerName,
    TrailerValue,
    TrailerLf,
    LastLf,
}

/// Hexadecimal digits of a chunk size, leading zeros included: 64 bits.
const MOST_DIGITS: u8 = 16;
/// Bytes of one chunk's extensions.
const MOST_EXTENSION: u16 = 256;
/// Bytes of all extensions and trailers of a body.
const MOST_OVERHEAD: u16 = 16 * 1024;

impl BodyReader {
    /// Begins to read a body so framed.
    pub fn new(framing: Framing) -> Self {
        let (state, remaining) = match framing {
            Framing::None | Framing::Length(0) => (State::Done, 0),
            Framing::Length(length) => (State::Length, length),
            Framing::Chunked => (State::Size, 0),
            Framing::UntilClose => (State::UntilClose, 0),
        };
        Self { state, remaining, digits: 0, extension: 0, overhead: 0 }
    }

    /// Whether the last byte was read.
    pub fn is_done(&self) -> bool {
        self.state == State::Done
    }

    /// Takes the next run of payload from the beginning of `buf`. Call again with what follows `consumed` until the buffer
    /// is used up or the body done; a step may use bytes (chunk heads) and give no payload. After an error: no further calls.
    pub fn step(&mut self, buf: &[u8]) -> Result<Step, BodyError> {
        let (mut at, mut data) = (0, 0..0);
        match self.state {
            State::UntilClose => (at, data) = (buf.len(), 0..buf.len()),
            State::Length => {
                at = self.take(buf.len());
                data = 0..at;
                if self.remaining == 0 {
                    self.state = State::Done;
                }
            }
            _ => {
                while self.state != State::Done && at < buf.len() {
                    if self.state != State::Data {
                        self.chunk_byte(buf[at])?;
                        at += 1;
                    } else if data.is_empty() {
                        let taken = self.take(buf.len() - at);
                        data = at..at + taken;
                        at += taken;
                        if self.remaining == 0 {
                            self.state = State::DataCr;
                        }
                    } else {
                        break;
                    }
                }
            }
        }
        Ok(Step { consumed: at, data, done: self.is_done() })
    }

    /// The connection ended: fine for a body that ends so, an error for any other unfinished one.
    pub fn at_eof(&mut self) -> Result<(), BodyError> {
        match self.state {
            State::Done | State::UntilClose => {
                self.state = State::Done;
                Ok(())
            }
            _ => Err(BodyError::Truncated),
        }
    }

    fn take(&mut self, available: usize) -> usize {
        let taken = usize::try_from(self.remaining).map_or(available, |remaining| remaining.min(available));
        self.remaining -= taken as u64;
        taken
    }

    /// One byte outside of chunk data.
    fn chunk_byte(&mut self, byte: u8) -> Result<(), BodyError> {
        use BodyError::Malformed;
        self.state = match (self.state, byte) {
            (State::Size, b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F') => {
                self.digits += 1;
                if self.digits > MOST_DIGITS {
                    return Err(Malformed("a chunk size of too many digits"));
                }
                let digit = (byte as char).to_digit(16).unwrap_or_default();
                self.remaining = self.remaining << 4 | u64::from(digit);
                State::Size
            }
            (State::Size, b'\r') if self.digits > 0 => State::SizeLf,
            (State::Size, b';') if self.digits > 0 => {
                self.extension = 0;
                State::Extension
            }
            (State::Size, _) => return Err(Malformed("a chunk size that is no hexadecimal number")),
            (State::Extension, b'\r') => State::SizeLf,
            (State::Extension, b'\t' | b' '..=b'~' | 0x80..) => {
                self.extension += 1;
                if self.extension > MOST_EXTENSION {
                    return Err(Malformed("a chunk extension is too long"));
                }
                self.count(State::Extension)?
            }
            (State::Extension, _) => return Err(Malformed("a control character in a chunk extension")),
            (State::SizeLf, b'\n') if self.remaining > 0 => State::Data,
            (State::SizeLf | State::TrailerLf, b'\n') => State::TrailerStart,
            (State::SizeLf, _) => return Err(Malformed("a chunk size line ends without CR LF")),
            (State::DataCr, b'\r') => State::DataLf,
            (State::DataLf, b'\n') => {
                self.digits = 0;
                State::Size
            }
            (State::DataCr | State::DataLf, _) => return Err(Malformed("chunk data does not end where its size says")),
            (State::TrailerStart, b'\r') => State::LastLf,
            (State::LastLf, b'\n') => State::Done,
            (State::TrailerName, b':') | (State::TrailerValue, b'\t' | b' '..=b'~' | 0x80..) => {
                self.count(State::TrailerValue)?
            }
            (State::TrailerStart | State::TrailerName, _) if TOKEN[usize::from(byte)] => {
                self.count(State::TrailerName)?
            }
            (State::TrailerStart | State::TrailerName, _) => return Err(Malformed("a trailer is no field")),
            (State::TrailerValue, b'\r') => State::TrailerLf,
            (State::TrailerValue | State::TrailerLf | State::LastLf, _) => {
                return Err(Malformed("a control character in a trailer"));
            }
            // `step` calls for the states above only.
            (State::Done | State::Length | State::UntilClose | State::Data, _) => self.state,
        };
        Ok(())
    }

    fn count(&mut self, state: State) -> Result<State, BodyError> {
        self.overhead += 1;
        if self.overhead > MOST_OVERHEAD {
            Err(BodyError::Malformed("too many extensions or trailers"))
        } else {
            Ok(state)
        }
    }
}

#[cfg(test)]
#[path = "body_tests.rs"]
mod tests;
