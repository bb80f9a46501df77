//! Answers whose length is not known or changes on the way: they are unframed, decoded, compressed and framed again.

use tokio::io::AsyncRead;

use super::{
    cache_store::Kept,
    compression::Wish,
    forward::{COPIED, Forward, HELD, held_for, trace, unwritten},
};
use crate::{
    accept::{Reply, Sent},
    exchange::Exchange,
    fault::Fault,
    http1::{BodyReader, Framing, LAST_CHUNK, Version, write_chunk_head},
    per_core::{
        shared::{Plain, Writable},
        timed,
    },
    primitives::content_coding::{Coding, Decoder, Encoder},
    snapshot::wire::ResponseTransferMode,
    upstream::Failure,
};

impl<C: Writable + Plain + Unpin, U: AsyncRead + Plain + Unpin> Forward<'_, C, U> {
    /// A body whose length is not known, or changes as it is decoded or compressed.
    pub(super) async fn recoded(
        &mut self,
        exchange: &mut Exchange,
        reply: &mut Reply,
        mut source: Source,
        wish: Option<Wish>,
    ) -> Result<bool, Failure> {
        source.used = reply.answer.length as usize;
        if reply.held.capacity() == 0 {
            reply.held = self.core.buffers.big();
        }
        let hold = if self.mode == ResponseTransferMode::Buffered { held_for(reply) } else { 1 };
        let mut total = 0;
        // Held until complete or enough: failures up to here are answered as such.
        let mut done = loop {
            // What came with the head is streamed with it, when streaming at once.
            let done = source.fill(&reply.upstream, &mut reply.held, hold.max(HELD))?;
            if done || reply.held.len() >= hold {
                break done;
            }
            if hold == 1 {
                break false;
            }
            self.refill(&mut source, reply).await?;
        };
        total += reply.held.len() as u64;
        if total > self.limit() {
            return Err(Fault::RESPONSE_TOO_LARGE.into());
        }
        // What is not known to be long enough passes as it is.
        let size = if done { total } else { source.length.unwrap_or(total) };
        exchange.packed = wish.filter(|wish| size >= wish.least).map(|wish| wish.coding);
        let mut packer = exchange.packed.map(Packer::new);
        trace(exchange, &reply.held);
        pack(&mut packer, &mut reply.held, done);
        let outgoing = match (done, exchange.head.version) {
            (true, _) if reply.held.is_empty() => Framing::None,
            (true, _) => Framing::Length(reply.held.len() as u64),
            (false, Version::Http11) => Framing::Chunked,
            (false, Version::Http10 | Version::Http2) => Framing::UntilClose,
        };
        self.head(exchange, reply, outgoing)?;
        if done {
            self.core.keep_answer(exchange, reply, Kept::Held);
        } else {
            self.core.pass_answer(reply);
        }
        loop {
            exchange.response_length += reply.held.len() as u64;
            self.frame(reply, outgoing, done).await?;
            if done {
                break;
            }
            reply.held.clear();
            done = source.fill(&reply.upstream, &mut reply.held, HELD)?;
            if !done && reply.held.is_empty() {
                self.refill(&mut source, reply).await?;
                done = source.fill(&reply.upstream, &mut reply.held, HELD)?;
            }
            total += reply.held.len() as u64;
            if total > self.limit() {
                return Err(Fault::RESPONSE_TOO_LARGE.into());
            }
            trace(exchange, &reply.held);
            pack(&mut packer, &mut reply.held, done);
        }
        reply.sent = Sent::All;
        Ok(reply.answer.keep_alive && source.framing != Framing::UntilClose && source.used == reply.upstream.len())
    }

    async fn refill(&mut self, source: &mut Source, reply: &mut Reply) -> Result<(), Failure> {
        // The head stays where it is: the answer's head is written from it later.
        let keep = if reply.sent == Sent::Nothing { reply.answer.length as usize } else { 0 };
        reply.upstream.drain(keep..source.used);
        source.used = keep;
        self.core.buffers.grow(&mut reply.upstream);
        reply.upstream.reserve(4096);
        let count = self.read(&mut reply.upstream).await?;
        self.core.clock.refresh();
        if count == 0 { source.at_eof() } else { Ok(()) }
    }

    /// Writes what is held behind what is in `out` already.
    async fn frame(&mut self, reply: &mut Reply, outgoing: Framing, done: bool) -> Result<(), Failure> {
        if !done && reply.held.is_empty() && reply.out.is_empty() {
            return Ok(());
        }
        reply.sent = Sent::Some;
        self.hurry(done);
        let chunked = outgoing == Framing::Chunked;
        if chunked && !reply.held.is_empty() {
            write_chunk_head(&mut reply.out, reply.held.len());
            reply.held.extend_from_slice(b"\r\n");
        }
        if chunked && done {
            reply.held.extend_from_slice(LAST_CHUNK);
        }
        let written = if reply.held.len() <= COPIED {
            reply.out.extend_from_slice(&reply.held);
            timed::write_all(self.core, self.slot, self.client, &reply.out).await
        } else {
            timed::write_both(self.core, self.slot, self.client, &reply.out, &reply.held).await
        };
        reply.out.clear();
        written.map_err(unwritten)
    }
}

/// Compresses a body on its way.
struct Packer {
    encoder: Box<Encoder>,
    packed: Vec<u8>,
}

impl Packer {
    fn new(coding: Coding) -> Self {
        Self { encoder: Box::new(Encoder::new(coding)), packed: Vec::new() }
    }
}

/// What is held becomes what is sent.
fn pack(packer: &mut Option<Packer>, held: &mut Vec<u8>, done: bool) {
    let Some(Packer { encoder, packed }) = packer else { return };
    packed.clear();
    encoder.encode(held, done, packed);
    std::mem::swap(packed, held);
}

/// Where the reading of a backend's body stands.
pub(super) struct Source {
    framing: Framing,
    /// Bytes of the whole body, where they are known.
    length: Option<u64>,
    reader: BodyReader,
    decoder: Option<Box<Decoder>>,
    decoder_full: bool,
    /// Bytes of the buffer that are used up.
    used: usize,
    /// Unframed bytes of the buffer that are not decoded yet; they lie before `used`.
    pending: std::ops::Range<usize>,
}

impl Source {
    pub(super) fn new(framing: Framing, coding: Option<Coding>) -> Self {
        let decoder = coding.map(|coding| Box::new(Decoder::new(coding)));
        let length = match framing {
            Framing::Length(length) if decoder.is_none() => Some(length),
            _ => None,
        };
        let reader = BodyReader::new(framing);
        Self { framing, length, reader, decoder, decoder_full: false, used: 0, pending: 0..0 }
    }

    /// Moves payload from the buffer to `held` until either ends; says whether the body is complete.
    fn fill(&mut self, buffer: &[u8], held: &mut Vec<u8>, most: usize) -> Result<bool, Failure> {
        loop {
            if let Some(decoder) = &mut self.decoder {
                while !self.pending.is_empty() || self.decoder_full {
                    let room = most.saturating_sub(held.len());
                    if room == 0 {
                        return Ok(false);
                    }
                    let before = held.len();
                    let used =
                        decoder.decode(&buffer[self.pending.clone()], held, room).map_err(|_| Fault::INTERNAL)?;
                    self.pending.start += used;
                    self.decoder_full = held.len() - before >= room;
                    if used == 0 && held.len() == before && !self.pending.is_empty() {
                        return Err(Fault::INTERNAL.into());
                    }
                }
            } else if !self.pending.is_empty() {
                let room = most.saturating_sub(held.len());
                if room == 0 {
                    return Ok(false);
                }
                let end = self.pending.end.min(self.pending.start + room);
                held.extend_from_slice(&buffer[self.pending.start..end]);
                self.pending.start = end;
                continue;
            }
            if self.reader.is_done() {
                if let Some(decoder) = &self.decoder {
                    decoder.finish().map_err(|_| Fault::INTERNAL)?;
                }
                return Ok(true);
            }
            if self.used >= buffer.len() {
                return Ok(false);
            }
            let step = self.reader.step(&buffer[self.used..]).map_err(|_| Fault::BAD_BACKEND_HEAD)?;
            self.pending = self.used + step.data.start..self.used + step.data.end;
            self.used += step.consumed;
            if step.consumed == 0 && !step.done {
                return Ok(false);
            }
        }
    }

    fn at_eof(&mut self) -> Result<(), Failure> {
        self.reader.at_eof().map_err(|_| Fault::INTEGRATION_FAILURE.into())
    }
}
