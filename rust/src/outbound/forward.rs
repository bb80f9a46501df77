//! An `HTTP_PROXY` backend's answer on its way to the client: held until complete or 64 KB (`BUFFERED`), or passed on as it
//! comes (`STREAM`); unframed, decoded and framed again; cut when it fails after its beginning was sent.

use std::cell::Cell;

use tokio::io::AsyncRead;

use super::{cache_store::Kept, compression::Wish, proxy, recoded::Source};
use crate::{
    accept::{Reply, Sent},
    exchange::Exchange,
    fault::Fault,
    http1::Framing,
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
pub(super) fn held_for(reply: &Reply) -> usize {
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

    pub(super) fn limit(&self) -> u64 {
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

    pub(super) async fn read(&mut self, buffer: &mut Vec<u8>) -> Result<usize, Failure> {
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
pub(super) fn trace(exchange: &mut Exchange, piece: &[u8]) {
    if let Some(trace) = &mut exchange.data_trace {
        trace.piece(piece);
    }
}

/// HEAD is answered as GET would be, whose length nobody knows.
fn announce(exchange: &mut Exchange, reply: &Reply, wish: Wish) {
    let length = proxy::announced(&reply.answer, &reply.upstream);
    if exchange.is_head() && length.is_some_and(|length| length >= wish.least) {
        exchange.packed = Some(wish.coding);
    }
}
