//! A client's body on its way in: unframed and decoded piece by piece, counted after decoding, held or streamed.

use std::ops::Range;

use tokio::io::AsyncRead;

use crate::{
    exchange::Exchange,
    fault::Fault,
    http1::{BodyReader, Framing, RequestHead},
    per_core::{
        BIG, Core, SMALL, Share,
        clock::{Micros, SECOND},
        deadlines::Slot,
        shared::{Readable, Writable},
        timed::{self, Stopped},
    },
    primitives::content_coding::{Coding, Decoder},
};

/// Why a body cannot be read to its end.
#[derive(Debug)]
pub enum Refused {
    /// There is an answer for this.
    Fault(Fault),
    /// The client went away.
    Gone,
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// A piece of payload and where it lies until the next one is asked for.
#[derive(Debug)]
enum Piece {
    Input(Range<usize>),
    Raw(Range<usize>),
    Decoded,
}

/// What asking for a piece gave.
enum Next {
    Piece(Piece),
    NeedMore,
    Done,
}

/// Bytes of one decoded piece at most.
const PIECE: usize = 64 * 1024;
/// Nobody has to hurry before.
const GRACE: Micros = 10 * SECOND;

/// The state of one body.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts of one body, no states of a machine")]
pub struct Incoming {
    reader: Option<BodyReader>,
    decoder: Option<Box<Decoder>>,
    /// Whether the decoder may have more to give without more input.
    decoder_full: bool,
    framing: Framing,
    /// Bytes of the exchange's input that are used up: the head, then the body as far as it came with it.
    used: usize,
    /// Later bytes of the connection.
    raw: Vec<u8>,
    raw_used: usize,
    in_raw: bool,
    /// Payload that was unframed and not looked at yet.
    pending: Range<usize>,
    decoded: Vec<u8>,
    /// Payload that is held.
    pub body: Vec<u8>,
    share: Option<Share>,
    received: u64,
    limit: u64,
    /// Bytes on the wire, and since when, for the minimum rate.
    wire: u64,
    since: Option<Micros>,
    /// Whether the client still waits for leave to send.
    wants_leave: bool,
    /// Whether reading failed or was given up half-way: where the body ends, and the next request begins, is not known.
    broken: bool,
}

impl Incoming {
    /// Begins with a complete head.
    pub fn begin(&mut self, head: &RequestHead, limit: u64) {
        self.reader = Some(BodyReader::new(head.framing));
        self.framing = head.framing;
        self.used = head.length as usize;
        self.limit = limit;
        self.wants_leave = head.expect_continue;
    }

    /// Undoes a coding; refuses what is too long by its own account.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "once a request, and its other caller is rare; measured")]
    pub fn decode(&mut self, coding: Option<Coding>) -> Result<(), Fault> {
        match (coding, self.framing) {
            (Some(coding), _) => self.decoder = Some(Box::new(Decoder::new(coding))),
            (None, Framing::Length(length)) if length > self.limit => return Err(Fault::payload_too_large(self.limit)),
            (None, _) => {}
        }
        Ok(())
    }

    /// The whole body when it came with the head as it is: a range of `exchange.input`.
    pub fn inline(&mut self, exchange: &Exchange) -> Option<Range<usize>> {
        match self.framing {
            Framing::None => Some(self.used..self.used),
            Framing::Length(length) if self.decoder.is_none() && !self.in_raw && self.received == 0 => {
                let end = self.used.checked_add(usize::try_from(length).ok()?)?;
                (end <= exchange.input.len()).then(|| {
                    let range = self.used..end;
                    self.used = end;
                    self.received = length;
                    self.reader = None;
                    range
                })
            }
            _ => None,
        }
    }

    /// Whether every byte of the body was read, whatever became of its coding.
    #[inline]
    pub fn is_complete(&self) -> bool {
        self.reader.as_ref().is_none_or(BodyReader::is_done)
    }

    /// The body's framing towards a backend when it is streamed.
    pub fn outgoing(&self) -> Framing {
        match self.framing {
            Framing::Length(length) if self.decoder.is_none() => Framing::Length(length),
            Framing::None => Framing::None,
            _ => Framing::Chunked,
        }
    }

    /// Moves what was read behind the head to where more can be read behind it (a chunk's size line may be cut in two).
    /// From then on `exchange` is not needed to read the body.
    pub fn leave_input(&mut self, core: &Core, input: &[u8]) {
        if !self.in_raw {
            self.raw = core.buffers.big();
            // Payload that waits for the decoder lies before what is used up.
            let from = if self.pending.is_empty() { self.used } else { self.pending.start };
            self.raw.extend_from_slice(&input[from..]);
            self.pending = self.pending.start.saturating_sub(from)..self.pending.end.saturating_sub(from);
            self.raw_used = self.used - from;
            self.used = input.len();
            self.in_raw = true;
        }
    }

    /// Whether what is left is little enough to read and drop after the answer, so that the connection can stay.
    pub fn is_nearly_read(&mut self, input: &[u8]) -> bool {
        if self.is_complete() {
            return true;
        }
        if self.decoder.is_some() || self.broken {
            return false;
        }
        // What lies in the buffers costs nothing to look at.
        self.limit = u64::MAX;
        loop {
            match self.next(input) {
                Ok(Next::Piece(_)) => {}
                Ok(Next::Done) => return true,
                Ok(Next::NeedMore) => break,
                Err(_) => return false,
            }
        }
        match self.framing {
            Framing::Length(length) => !self.wants_leave && length - self.received <= super::linger::MOST as u64,
            _ => false,
        }
    }

    fn next(&mut self, input: &[u8]) -> Result<Next, Refused> {
        let next = self.look(input);
        self.broken |= next.is_err();
        next
    }

    fn look(&mut self, input: &[u8]) -> Result<Next, Refused> {
        loop {
            let buffer: &[u8] = if self.in_raw { &self.raw } else { input };
            if let Some(decoder) = &mut self.decoder {
                if !self.pending.is_empty() || self.decoder_full {
                    self.decoded.clear();
                    let used = decoder
                        .decode(&buffer[self.pending.clone()], &mut self.decoded, PIECE)
                        .map_err(|_| Fault::UNSUPPORTED_MEDIA_TYPE)?;
                    self.pending.start += used;
                    self.decoder_full = self.decoded.len() >= PIECE;
                    if !self.decoded.is_empty() {
                        self.count(self.decoded.len())?;
                        return Ok(Next::Piece(Piece::Decoded));
                    }
                    if used == 0 && !self.pending.is_empty() {
                        return Err(Fault::UNSUPPORTED_MEDIA_TYPE.into());
                    }
                    continue;
                }
            } else if !self.pending.is_empty() {
                let range = std::mem::take(&mut self.pending);
                self.count(range.len())?;
                return Ok(Next::Piece(if self.in_raw { Piece::Raw(range) } else { Piece::Input(range) }));
            }
            let Some(reader) = self.reader.as_mut().filter(|reader| !reader.is_done()) else {
                if let Some(decoder) = &self.decoder {
                    decoder.finish().map_err(|_| Fault::UNSUPPORTED_MEDIA_TYPE)?;
                }
                return Ok(Next::Done);
            };
            let used = if self.in_raw { &mut self.raw_used } else { &mut self.used };
            if *used >= buffer.len() {
                return Ok(Next::NeedMore);
            }
            let step = reader.step(&buffer[*used..]).map_err(|_| Fault::MALFORMED_REQUEST)?;
            self.pending = *used + step.data.start..*used + step.data.end;
            *used += step.consumed;
            if step.consumed == 0 && !step.done {
                return Ok(Next::NeedMore);
            }
        }
    }

    fn count(&mut self, bytes: usize) -> Result<(), Refused> {
        self.received += bytes as u64;
        if self.received > self.limit { Err(Fault::payload_too_large(self.limit).into()) } else { Ok(()) }
    }

    fn bytes<'a>(&'a self, input: &'a [u8], piece: &Piece) -> &'a [u8] {
        match piece {
            Piece::Input(range) => &input[range.clone()],
            Piece::Raw(range) => &self.raw[range.clone()],
            Piece::Decoded => &self.decoded,
        }
    }

    /// Reads from the client; called when everything read before is used up (a chunk's head cut in two stays).
    async fn read_more<C>(&mut self, core: &Core, slot: &Slot, client: &mut C) -> Result<(), Refused>
    where
        C: AsyncRead + Writable + Readable + Unpin,
    {
        self.broken = true;
        if std::mem::take(&mut self.wants_leave) {
            timed::write_all(core, slot, client, b"HTTP/1.1 100 Continue\r\n\r\n").await.map_err(|_| Refused::Gone)?;
        }
        let rest = self.raw.len() - self.raw_used;
        if rest == 0 && self.raw.capacity() > 0 {
            // Nobody holds a big buffer while waiting for a slow client.
            core.buffers.put(std::mem::take(&mut self.raw));
        }
        let rate = u64::from(core.limits.borrow().minimum_body_rate.max(1));
        let since = *self.since.get_or_insert_with(|| core.clock.now());
        core.deadlines.arm(slot, since + GRACE + self.wire * SECOND / rate);
        let stopped = |stopped| match stopped {
            Stopped::Late => Fault::REQUEST_TIMEOUT.into(),
            Stopped::Broken(_) => Refused::Gone,
        };
        timed::readable(core, slot, client).await.map_err(stopped)?;
        core.clock.refresh();
        if self.raw.capacity() == 0 {
            self.raw = core.buffers.big();
        } else {
            self.raw.drain(..self.raw_used);
        }
        self.raw_used = 0;
        self.in_raw = true;
        let count = timed::read_ready(core, slot, client, &mut self.raw).await.map_err(stopped)?;
        if count == 0 {
            // A stream's end may be the body's. Else the client ended it before its length: there is no request to answer.
            let reader = self.reader.as_mut().ok_or(Fault::MALFORMED_REQUEST)?;
            reader.at_eof().map_err(|_| Fault::MALFORMED_REQUEST)?;
        }
        self.wire += count as u64;
        self.broken = false;
        Ok(())
    }

    /// Holds payload in `body` until it is complete or `most` bytes are held; says whether it is complete.
    /// More than a first piece is taken out of the node's budget, and reading waits for it.
    pub async fn hold<C>(
        &mut self,
        core: &Core,
        slot: &Slot,
        client: &mut C,
        input: &[u8],
        most: usize,
    ) -> Result<bool, Refused>
    where
        C: AsyncRead + Writable + Readable + Unpin,
    {
        loop {
            match self.next(input)? {
                Next::Done => return Ok(true),
                Next::NeedMore => {
                    self.leave_input(core, input);
                    self.read_more(core, slot, client).await?;
                }
                Next::Piece(piece) => {
                    self.make_room(core, slot, &piece, input).await?;
                    let mut body = std::mem::take(&mut self.body);
                    body.extend_from_slice(self.bytes(input, &piece));
                    self.body = body;
                    if self.body.len() >= most {
                        return Ok(self.is_complete() && self.pending.is_empty() && !self.decoder_full);
                    }
                }
            }
        }
    }

    async fn make_room(&mut self, core: &Core, slot: &Slot, piece: &Piece, input: &[u8]) -> Result<(), Refused> {
        let needed = self.body.len() + self.bytes(input, piece).len();
        // A body that trickles in is no reason to hold a big buffer.
        if self.body.capacity() == 0 && needed <= SMALL {
            self.body = core.buffers.small();
        } else if needed > self.body.capacity() {
            core.buffers.grow(&mut self.body);
        }
        if needed <= self.body.capacity() {
            return Ok(());
        }
        // A length that was announced is reserved at once: bodies that each hold a part and wait for the rest would wait forever.
        let wanted = match self.framing {
            Framing::Length(length) if self.decoder.is_none() => length,
            _ => (needed as u64).next_power_of_two().min(self.limit.max(needed as u64)),
        };
        let before = self.share.take();
        core.deadlines.arm(slot, core.clock.now() + 3 * GRACE);
        let share = timed::before(core, slot, Box::pin(core.node.budget.take(wanted))).await;
        drop(before);
        self.share = share.map_err(|_| Fault::UNAVAILABLE)?;
        self.since = None;
        self.wire = 0;
        self.body.reserve_exact(wanted as usize - self.body.len());
        Ok(())
    }

    /// Holds what was made of the body in its place. Nobody waits for room here: who has a share already and waits for more may wait
    /// for somebody who does the same.
    pub fn replace(&mut self, core: &Core, made: Vec<u8>) -> Result<(), Fault> {
        let has_room = self.share.as_ref().map_or(BIG as u64, Share::bytes) >= made.len() as u64;
        if !has_room {
            self.share = Some(core.node.budget.try_take(made.len() as u64).ok_or(Fault::UNAVAILABLE)?);
        }
        self.body = made;
        Ok(())
    }

    /// Frees what is held: the backend has it.
    pub fn let_go(&mut self, core: &Core) {
        core.buffers.put(std::mem::take(&mut self.body));
        self.share = None;
    }

    /// Sends the beginning that was held to a backend.
    pub async fn send_held<U: Writable + Unpin>(
        &mut self,
        core: &Core,
        slot: &Slot,
        backend: &mut U,
        patience: Micros,
    ) -> Result<(), Refused> {
        if self.body.is_empty() {
            return Ok(());
        }
        core.deadlines.arm(slot, core.clock.now() + patience);
        let mut head = Vec::new();
        if self.outgoing() == Framing::Chunked {
            crate::http1::write_chunk_head(&mut head, self.body.len());
            self.body.extend_from_slice(b"\r\n");
        }
        let written = timed::write_both(core, slot, backend, &head, &self.body).await;
        core.buffers.put(std::mem::take(&mut self.body));
        match written {
            // What the backend does not take, `pump` notices.
            Ok(()) | Err(Stopped::Broken(_)) => Ok(()),
            Err(Stopped::Late) => Err(Fault::INTEGRATION_TIMEOUT.into()),
        }
    }

    /// Sends what is not held yet to a backend, piece by piece: what it does not take is not read.
    pub async fn pump<C, U>(
        &mut self,
        core: &Core,
        slot: &Slot,
        client: &mut C,
        backend: &mut U,
        patience: Micros,
    ) -> Result<Pumped, Refused>
    where
        C: AsyncRead + Writable + Readable + Unpin,
        U: Writable + Unpin,
    {
        let chunked = self.outgoing() == Framing::Chunked;
        let mut chunk = Vec::new();
        loop {
            match self.next(&[])? {
                Next::NeedMore => {
                    self.read_more(core, slot, client).await?;
                }
                Next::Piece(piece) => {
                    let begun = core.clock.now();
                    core.deadlines.arm(slot, begun + patience);
                    let bytes = self.bytes(&[], &piece);
                    let written = if chunked {
                        chunk.clear();
                        crate::http1::write_chunk_head(&mut chunk, bytes.len());
                        chunk.extend_from_slice(bytes);
                        chunk.extend_from_slice(b"\r\n");
                        timed::write_all(core, slot, backend, &chunk).await
                    } else {
                        timed::write_all(core, slot, backend, bytes).await
                    };
                    match written {
                        Ok(()) => {}
                        Err(Stopped::Late) => return Err(Fault::INTEGRATION_TIMEOUT.into()),
                        Err(Stopped::Broken(_)) => return Ok(Pumped::Refused),
                    }
                    // A backend that takes its time is not the client's fault.
                    if let Some(since) = &mut self.since {
                        *since += core.clock.refresh() - begun;
                    }
                }
                Next::Done => {
                    if chunked && timed::write_all(core, slot, backend, crate::http1::LAST_CHUNK).await.is_err() {
                        return Ok(Pumped::Refused);
                    }
                    return Ok(Pumped::All);
                }
            }
        }
    }

    /// Reads the little that is left and drops it.
    pub async fn drain<C>(&mut self, core: &Core, slot: &Slot, client: &mut C, input: &[u8]) -> Result<(), Refused>
    where
        C: AsyncRead + Writable + Readable + Unpin,
    {
        loop {
            match self.next(input)? {
                Next::Done => return Ok(()),
                Next::Piece(_) => {}
                Next::NeedMore => {
                    self.leave_input(core, input);
                    self.read_more(core, slot, client).await?;
                }
            }
        }
    }

    /// Forgets the body; what was read beyond it becomes the beginning of `exchange.input`.
    pub fn end(&mut self, core: &Core, input: &mut Vec<u8>) {
        if self.in_raw {
            input.clear();
            input.extend_from_slice(&self.raw[self.raw_used.min(self.raw.len())..]);
        } else if self.used >= input.len() {
            input.clear();
        } else {
            input.drain(..self.used);
        }
        for buffer in [&mut self.raw, &mut self.body] {
            if buffer.capacity() > 0 {
                core.buffers.put(std::mem::take(buffer));
            }
        }
        if self.decoded.capacity() > 0
            || self.decoder.is_some()
            || self.since.is_some()
            || self.in_raw
            || self.share.is_some()
            || self.broken
        {
            *self = Self::default();
        } else {
            (self.reader, self.pending, self.received) = (None, 0..0, 0);
            (self.used, self.raw_used, self.wire) = (0, 0, 0);
        }
    }
}

/// How sending a body to a backend ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pumped {
    /// To its end.
    All,
    /// The backend takes no more; it may have answered already.
    Refused,
}
