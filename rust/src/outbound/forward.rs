//! An `HTTP_PROXY` backend's answer on its way to the client: held until complete or 64 KB (`BUFFERED`), or passed on as it
//! comes (`STREAM`); unframed, decoded and framed again; cut when it fails after its beginning was sent.

use std::cell::Cell;

use tokio::io::AsyncRead;

use super::{
    cache_store::Kept,
    compression::{Encoder, Wish},
    proxy,
};
use crate::{
    accept::{Reply, Sent},
    exchange::Exchange,
    fault::Fault,
    http1::{BodyReader, Framing, LAST_CHUNK, Version, write_chunk_head},
    inbound::content_encoding::{Coding, Decoder},
    per_core::{
        Core,
        clock::SECOND,
        deadlines::Slot,
        shared::{Plain, Writable},
        timed::{self, Stopped},
    },
    snapshot::wire::ResponseTransferMode,
    state::caches::LARGEST,
    upstream::Failure,
};

/// Bytes a `BUFFERED` answer is held for.
pub const HELD: usize = 64 * 1024;
/// Bodies up to this size are copied behind their head: one buffer costs less than two.
pub const COPIED: usize = 4096;

/// Bytes that this answer is held for: one that is to be kept, until it is known whether it is small enough.
fn held_for(reply: &Reply) -> usize {
    if reply.caching.is_some() { LARGEST + 1 } else { HELD }
}

/// Whether the client's connection stays after this answer: a wish until its head is written, then a promise.
#[derive(Debug)]
pub struct KeepAlive {
    wish: Cell<bool>,
    promise: Cell<Option<bool>>,
}

impl KeepAlive {
    /// Nothing is promised yet.
    pub fn new(wish: bool) -> Self {
        Self { wish: Cell::new(wish), promise: Cell::new(None) }
    }

    /// Changes the wish; too late when the head is out.
    pub fn wish(&self, wish: bool) {
        self.wish.set(wish);
    }

    /// What the head says from now on.
    pub fn promise(&self, possible: bool) -> bool {
        let promise = self.promise.get().unwrap_or(self.wish.get() && possible);
        self.promise.set(Some(promise));
        promise
    }

    /// What was promised.
    pub fn kept(&self) -> bool {
        self.promise.get().unwrap_or(false)
    }
}

/// What one answer is forwarded with.
#[derive(Debug)]
pub struct Forward<'a, C, U> {
    /// The core.
    pub core: &'a Core,
    /// The deadline of both ends.
    pub slot: &'a Slot,
    /// Where it goes.
    pub client: &'a mut C,
    /// Where it comes from.
    pub backend: &'a mut U,
    /// How it travels.
    pub mode: ResponseTransferMode,
    /// Whether the client's connection stays.
    pub keep_alive: &'a KeepAlive,
}

impl<C: Writable + Plain + Unpin, U: AsyncRead + Plain + Unpin> Forward<'_, C, U> {
    /// Forwards the answer whose head is in `reply`; says whether the backend's connection may be used again.
    pub async fn run(&mut self, exchange: &mut Exchange, reply: &mut Reply) -> Result<bool, Failure> {
        exchange.integration_status = reply.answer.status;
        let coding = proxy::coding(&reply.answer, &reply.upstream);
        // What streams is passed as it comes.
        let wish = match self.mode {
            ResponseTransferMode::Buffered => proxy::wish(exchange, &reply.answer, &reply.upstream),
            ResponseTransferMode::Stream => None,
        };
        let limit = self.limit();
        match (reply.answer.framing, coding) {
            (Framing::Length(length), _) if length > limit => Err(Fault::RESPONSE_TOO_LARGE.into()),
            (Framing::None, _) => {
                if let Some(wish) = wish {
                    announce(exchange, reply, wish);
                }
                let stray = reply.upstream.len() > reply.answer.length as usize;
                self.head(exchange, reply, Framing::None)?;
                self.core.keep_answer(exchange, reply, Kept::Nothing);
                self.send(reply, 0..0, true).await?;
                Ok(!stray && reply.answer.keep_alive)
            }
            (framing, _) if exchange.is_head() => {
                // The backend was asked with another verb and sends a body that HEAD must not have: its length is all that counts.
                if let Some(wish) = wish {
                    announce(exchange, reply, wish);
                }
                let framing = if exchange.packed.is_some() { Framing::None } else { framing };
                self.head(exchange, reply, framing)?;
                self.core.keep_answer(exchange, reply, Kept::Nothing);
                self.send(reply, 0..0, true).await?;
                Ok(false)
            }
            (Framing::Length(length), None) if wish.is_none_or(|wish| length < wish.least) => {
                self.known_length(exchange, reply, length).await
            }
            (framing, coding) => self.recoded(exchange, reply, Source::new(framing, coding), wish).await,
        }
    }

    fn limit(&self) -> u64 {
        match self.mode {
            ResponseTransferMode::Buffered => self.core.limits.borrow().response_payload,
            ResponseTransferMode::Stream => u64::MAX,
        }
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "once a request; measured")]
    pub(super) fn head(&self, exchange: &mut Exchange, reply: &mut Reply, body: Framing) -> Result<(), Fault> {
        reply.replied = self.core.clock.now();
        exchange.integration_latency = (reply.replied.saturating_sub(reply.asked) / 1000) as u32;
        reply.out.clear();
        let keep_alive = self.keep_alive.promise(body != Framing::UntilClose);
        proxy::write_head(
            exchange,
            &reply.answer,
            &reply.upstream,
            body,
            keep_alive,
            &self.core.clock.date(),
            &mut reply.out,
        )?;
        if let Some(trace) = &mut exchange.data_trace {
            trace.passes(&reply.upstream[..reply.answer.length as usize], &reply.out);
        }
        Ok(())
    }

    /// Sends the head in `out` and a range of `upstream` behind it.
    async fn send(&mut self, reply: &mut Reply, body: std::ops::Range<usize>, all: bool) -> Result<(), Failure> {
        reply.sent = Sent::Some;
        self.hurry(all);
        let body = &reply.upstream[body];
        let written = if body.len() <= COPIED {
            reply.out.extend_from_slice(body);
            let done = timed::write_at_once(self.client, &reply.out);
            if done == reply.out.len() {
                Ok(())
            } else {
                timed::write_all(self.core, self.slot, self.client, &reply.out[done..]).await
            }
        } else {
            timed::write_both(self.core, self.slot, self.client, &reply.out, body).await
        };
        if all && written.is_ok() {
            reply.sent = Sent::All;
        }
        written.map_err(unwritten)
    }

    /// Once the backend has said everything, its time is not the client's any more.
    pub(super) fn hurry(&self, all: bool) {
        if all {
            let patience = u64::from(self.core.limits.borrow().idle_seconds) * SECOND;
            self.core.deadlines.arm(self.slot, self.core.clock.now() + patience);
        }
    }

    async fn read(&mut self, buffer: &mut Vec<u8>) -> Result<usize, Failure> {
        match timed::read(self.core, self.slot, self.backend, buffer).await {
            Ok(count) => Ok(count),
            Err(Stopped::Late) => Err(Fault::INTEGRATION_TIMEOUT.into()),
            Err(Stopped::Broken(_)) => Err(Fault::INTEGRATION_FAILURE.into()),
        }
    }

    async fn known_length(&mut self, exchange: &mut Exchange, reply: &mut Reply, length: u64) -> Result<bool, Failure> {
        if length > LARGEST as u64 {
            self.core.pass_answer(reply);
        }
        // What is to be kept has to come by.
        if reply.caching.is_none()
            && let Some(clean) = self.splice(exchange, reply, length).await?
        {
            return Ok(clean);
        }
        let head = reply.answer.length as usize;
        let mut have = reply.upstream.len() - head;
        if (have as u64) < length {
            self.core.buffers.grow(&mut reply.upstream);
        }
        if self.mode == ResponseTransferMode::Buffered {
            let wanted = length.min(held_for(reply) as u64) as usize;
            while have < wanted {
                reply.upstream.reserve(wanted - have);
                let count = self.read(&mut reply.upstream).await?;
                if count == 0 {
                    return Err(Fault::INTEGRATION_FAILURE.into());
                }
                have += count;
                self.core.clock.refresh();
            }
        }
        let stray = have as u64 > length;
        if stray {
            have = length as usize;
        }
        exchange.response_length = length;
        self.head(exchange, reply, Framing::Length(length))?;
        trace(exchange, &reply.upstream[head..head + have]);
        let mut left = length - have as u64;
        self.core.keep_answer(exchange, reply, Kept::Upstream(head..head + have));
        self.send(reply, head..head + have, left == 0).await?;
        let mut clean = !stray;
        while left > 0 {
            reply.upstream.clear();
            let count = self.read(&mut reply.upstream).await?;
            if count == 0 {
                return Err(Fault::INTEGRATION_FAILURE.into());
            }
            clean &= count as u64 <= left;
            let body = &reply.upstream[..(count as u64).min(left) as usize];
            trace(exchange, body);
            self.hurry(body.len() as u64 == left);
            timed::write_all(self.core, self.slot, self.client, body).await.map_err(unwritten)?;
            left -= body.len() as u64;
            self.core.clock.refresh();
        }
        reply.sent = Sent::All;
        Ok(clean && reply.answer.keep_alive)
    }

    /// A body whose length is not known, or changes as it is decoded or compressed.
    async fn recoded(
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

/// Why the client does not get it: it went away, or reads so slowly that the backend's time is over.
#[expect(clippy::needless_pass_by_value, reason = "`map_err` hands it over")]
pub(super) fn unwritten(stopped: Stopped) -> Failure {
    match stopped {
        Stopped::Late => Fault::INTEGRATION_TIMEOUT.into(),
        Stopped::Broken(_) => Failure::Gone,
    }
}

/// Records a piece of the body, where that is logged.
#[inline(always)]
#[expect(clippy::inline_always, reason = "mostly one test; measured")]
fn trace(exchange: &mut Exchange, piece: &[u8]) {
    if let Some(trace) = &mut exchange.data_trace {
        trace.piece(piece);
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

/// HEAD is answered as GET would be, whose length nobody knows.
fn announce(exchange: &mut Exchange, reply: &Reply, wish: Wish) {
    let length = proxy::announced(&reply.answer, &reply.upstream);
    if exchange.is_head() && length.is_some_and(|length| length >= wish.least) {
        exchange.packed = Some(wish.coding);
    }
}

/// Where the reading of a backend's body stands.
struct Source {
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
    fn new(framing: Framing, coding: Option<Coding>) -> Self {
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
