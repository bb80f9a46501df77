//! Undoes `gzip` and `deflate` while a body streams.

use flate2::{Crc, Decompress, FlushDecompress, Status};

use super::Coding;

/// The bytes are not in the coding they claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the body is not in the coding its header names")]
pub struct Corrupt;

/// Why a whole body was not decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotDecoded {
    /// Not in its coding.
    #[error(transparent)]
    Corrupt(#[from] Corrupt),
    /// More than the limit.
    #[error("the plain body is too large")]
    TooLarge,
}

/// Undoes the coding of a body that is there as a whole, `most` bytes of it.
pub fn decode(coding: Coding, coded: &[u8], most: usize) -> Result<Vec<u8>, NotDecoded> {
    let mut decoder = Decoder::new(coding);
    let mut plain = Vec::new();
    let used = decoder.decode(coded, &mut plain, most.saturating_add(1))?;
    if plain.len() > most {
        return Err(NotDecoded::TooLarge);
    }
    debug_assert_eq!(used, coded.len(), "there was room for all of it");
    decoder.finish()?;
    Ok(plain)
}

/// Decodes one body piece by piece. It holds some 40 KB: make one only for a coded body.
#[derive(Debug)]
pub struct Decoder {
    state: State,
    inflate: Decompress,
    crc: Crc,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing of a deflate body was seen.
    DeflateStart,
    /// Its first byte was, and tells nothing alone.
    DeflateSecond(u8),
    /// Two bytes that the inflater must see before the input.
    Pending([u8; 2], u8),
    /// In front of a gzip member; `true` when it is not the first.
    Gzip(Header, bool),
    /// In deflated bytes; `true` inside of a gzip member.
    Inflating(bool),
    /// In the eight bytes behind a gzip member.
    Trailer([u8; 8], u8),
    /// Behind the end of a deflate body.
    Done,
}

/// Where in a gzip header: what follows and the flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Header {
    Fixed(u8, u8),
    ExtraLength(u8, u8, u16),
    Extra(u16, u8),
    Name(u8),
    Comment(u8),
    Crc(u8),
}

const HAS_CRC: u8 = 2;
const HAS_EXTRA: u8 = 4;
const HAS_NAME: u8 = 8;
const HAS_COMMENT: u8 = 16;

impl Decoder {
    /// Begins to undo `coding`.
    pub fn new(coding: Coding) -> Self {
        let state = match coding {
            Coding::Gzip => State::Gzip(Header::Fixed(0, 0), false),
            Coding::Deflate => State::DeflateStart,
        };
        Self { state, inflate: Decompress::new(false), crc: Crc::new() }
    }

    /// Decodes from the beginning of `input` to the end of `output`, which grows by `room` bytes at most. Returns how many bytes of
    /// `input` are used up. It has to be called again while there is input, or while the last call filled its room.
    pub fn decode(&mut self, input: &[u8], output: &mut Vec<u8>, room: usize) -> Result<usize, Corrupt> {
        let end = output.len().saturating_add(room);
        let mut used = 0;
        loop {
            match self.state {
                State::Pending(bytes, at) => {
                    let taken = self.inflate(&bytes[usize::from(at)..], output, end, false)?;
                    match (self.state, usize::from(at) + taken) {
                        (State::Pending(..), 2) => self.state = State::Inflating(false),
                        (State::Pending(..), at) if taken > 0 => self.state = State::Pending(bytes, at as u8),
                        (State::Pending(..), _) => return Ok(used),
                        // The whole body was in these two bytes, or it ended in the first.
                        (_, 2) => {}
                        _ => return Err(Corrupt),
                    }
                }
                State::Inflating(is_gzip) => {
                    let produced = output.len();
                    let taken = self.inflate(&input[used..], output, end, is_gzip)?;
                    used += taken;
                    if matches!(self.state, State::Inflating(_))
                        && (taken == 0 && output.len() == produced || output.len() >= end)
                    {
                        return Ok(used);
                    }
                }
                _ => match input.get(used) {
                    None => return Ok(used),
                    Some(byte) => {
                        self.step(*byte)?;
                        used += 1;
                    }
                },
            }
        }
    }

    /// The coded bytes ended: an error when they ended early. An empty body is fine.
    pub fn finish(&self) -> Result<(), Corrupt> {
        match self.state {
            State::DeflateStart | State::Done | State::Gzip(Header::Fixed(0, _), _) => Ok(()),
            State::DeflateSecond(_)
            | State::Pending(..)
            | State::Gzip(..)
            | State::Inflating(_)
            | State::Trailer(..) => Err(Corrupt),
        }
    }

    fn inflate(&mut self, input: &[u8], output: &mut Vec<u8>, end: usize, is_gzip: bool) -> Result<usize, Corrupt> {
        const PIECE: usize = 16 * 1024;
        let start = output.len();
        let room = end.saturating_sub(start).min(PIECE);
        output.resize(start + room, 0);
        let (before_in, before_out) = (self.inflate.total_in(), self.inflate.total_out());
        let status =
            self.inflate.decompress(input, &mut output[start..], FlushDecompress::None).map_err(|_| Corrupt)?;
        let taken = (self.inflate.total_in() - before_in) as usize;
        let produced = (self.inflate.total_out() - before_out) as usize;
        output.truncate(start + produced);
        if is_gzip {
            self.crc.update(&output[start..]);
        }
        if status == Status::StreamEnd {
            self.state = if is_gzip { State::Trailer([0; 8], 0) } else { State::Done };
        }
        Ok(taken)
    }

    /// One byte outside of the deflated ones.
    fn step(&mut self, byte: u8) -> Result<(), Corrupt> {
        self.state = match self.state {
            State::DeflateStart => State::DeflateSecond(byte),
            State::DeflateSecond(first) => {
                // A zlib header is a multiple of 31 with method 8; anything else is taken for raw deflate.
                if first & 15 == 8 && (u16::from(first) << 8 | u16::from(byte)) % 31 == 0 {
                    self.inflate = Decompress::new(true);
                }
                State::Pending([first, byte], 0)
            }
            State::Gzip(header, _) => gzip_header(header, byte)?,
            State::Trailer(mut bytes, at) => {
                bytes[usize::from(at)] = byte;
                if at < 7 {
                    State::Trailer(bytes, at + 1)
                } else {
                    let [crc0, crc1, crc2, crc3, length0, length1, length2, length3] = bytes;
                    let (crc, length) = (
                        u32::from_le_bytes([crc0, crc1, crc2, crc3]),
                        u32::from_le_bytes([length0, length1, length2, length3]),
                    );
                    if crc != self.crc.sum() || length != self.crc.amount() {
                        return Err(Corrupt);
                    }
                    // Members may follow each other.
                    self.crc.reset();
                    self.inflate.reset(false);
                    State::Gzip(Header::Fixed(0, 0), true)
                }
            }
            State::Pending(..) | State::Inflating(_) | State::Done => return Err(Corrupt),
        };
        Ok(())
    }
}

/// One byte of a gzip header.
fn gzip_header(header: Header, byte: u8) -> Result<State, Corrupt> {
    let next = match header {
        Header::Fixed(at, flags) => {
            let is_wrong = match at {
                0 => byte != 0x1f,
                1 => byte != 0x8b,
                2 => byte != 8,
                3 => byte & 0xe0 != 0,
                _ => false,
            };
            if is_wrong {
                return Err(Corrupt);
            }
            let flags = if at == 3 { byte } else { flags };
            if at < 9 { Some(Header::Fixed(at + 1, flags)) } else { after(HAS_EXTRA >> 1, flags) }
        }
        Header::ExtraLength(0, flags, _) => Some(Header::ExtraLength(1, flags, byte.into())),
        Header::ExtraLength(_, flags, low) => match u16::from(byte) << 8 | low {
            0 => after(HAS_EXTRA, flags),
            length => Some(Header::Extra(length, flags)),
        },
        Header::Extra(1, flags) => after(HAS_EXTRA, flags),
        Header::Extra(left, flags) => Some(Header::Extra(left - 1, flags)),
        Header::Name(flags) if byte == 0 => after(HAS_NAME, flags),
        Header::Comment(flags) if byte == 0 => after(HAS_COMMENT, flags),
        Header::Name(_) | Header::Comment(_) => Some(header),
        Header::Crc(0) => Some(Header::Crc(1)),
        Header::Crc(_) => None,
    };
    Ok(next.map_or(State::Inflating(true), |header| State::Gzip(header, false)))
}

/// The optional part that follows the part `done`; `None` before the deflated bytes.
fn after(done: u8, flags: u8) -> Option<Header> {
    if done < HAS_EXTRA && flags & HAS_EXTRA != 0 {
        Some(Header::ExtraLength(0, flags, 0))
    } else if done < HAS_NAME && flags & HAS_NAME != 0 {
        Some(Header::Name(flags))
    } else if done < HAS_COMMENT && flags & HAS_COMMENT != 0 {
        Some(Header::Comment(flags))
    } else if flags & HAS_CRC != 0 {
        Some(Header::Crc(0))
    } else {
        None
    }
}

#[cfg(test)]
#[path = "decode_tests.rs"]
mod tests;
