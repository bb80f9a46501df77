//! The state of one request beside its exchange: buffers and where its body stands. Pooled per core, so that an idle
//! connection has none and a busy one finds its own again.

use std::{cell::RefCell, ops::Range};

use super::{Client, Incoming, Role};
use crate::{
    exchange::Exchange,
    http1::ResponseHead,
    per_core::{Core, SMALL, Share, clock::Micros, deadlines::NEVER},
    state::{caches::Caching, throttles::Admitted},
};

/// How much of the answer the client got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sent {
    /// Nothing: it can still be any answer.
    #[default]
    Nothing,
    /// Its beginning: it can only be completed or cut.
    Some,
    /// All of it.
    All,
}

/// What goes to the backend and what comes back, for the client.
#[derive(Debug, Default)]
pub struct Reply {
    /// The head for the backend, later the answer for the client.
    pub out: Vec<u8>,
    /// The backend's head; its spans point into `upstream`.
    pub answer: ResponseHead,
    /// Bytes of the backend: the head and what came with it.
    pub upstream: Vec<u8>,
    /// Body bytes of the backend, unframed and decoded, where they are held.
    pub held: Vec<u8>,
    /// What `held` takes of the node's budget.
    pub share: Option<Share>,
    /// When the backend was asked; `NEVER` when it was not.
    pub asked: Micros,
    /// When its answer was complete or its streaming began; `NEVER` before.
    pub replied: Micros,
    /// What the client got.
    pub sent: Sent,
    /// Where the answer may be kept, until it is or turns out not to be.
    pub caching: Option<Box<Caching>>,
}

/// One request.
#[derive(Debug, Default)]
pub struct Request {
    /// What the phases see.
    pub exchange: Exchange,
    /// The client's body.
    pub incoming: Incoming,
    /// The answer.
    pub reply: Reply,
    /// Its place among the requests in flight, where those are limited.
    pub admitted: Option<Admitted>,
    /// When the head was complete.
    pub started: Micros,
    /// Whether it is for the log and the metrics when it ends: it began, and it is no management call.
    pub(super) is_recorded: bool,
}

impl Request {
    /// Prepares for the head that begins `exchange.input`.
    pub(super) fn begin(&mut self, core: &Core, client: &Client) {
        self.exchange.peer = client.peer;
        self.exchange.local_port = client.local_port;
        self.exchange.is_secure = client.role == Role::InvokeTls;
        self.exchange.tls = client.socket.negotiated();
        self.exchange.forwarded.prepare(client.peer.ip(), client.local_port, self.exchange.is_secure);
        self.exchange.arrived = core.clock.wall();
        core.request_ids.write_next(&mut self.exchange.request_id, &mut self.exchange.extended_request_id);
        self.started = core.clock.now();
        self.is_recorded = client.role != Role::Admin;
        self.reply.asked = NEVER;
        self.reply.replied = NEVER;
        self.reply.sent = Sent::Nothing;
    }

    /// Whether its client asked for the connection's end and has sent all of it. A head that was refused is no such request: what
    /// follows it is not known.
    pub(super) fn is_last(&self) -> bool {
        let head = &self.exchange.head;
        !head.method.of(&self.exchange.input).is_empty() && !head.keep_alive && self.incoming.is_complete()
    }

    /// Records what the backend is asked, where that is logged; `inline` is a body in the exchange's input.
    #[inline]
    pub fn trace_asked(&mut self, inline: Option<&Range<usize>>) {
        if let Some(mut trace) = self.exchange.data_trace.take() {
            let body = inline.map_or(&self.incoming.body[..], |range| &self.exchange.input[range.clone()]);
            trace.asked(&self.reply.out, body);
            self.exchange.data_trace = Some(trace);
        }
    }

    /// Forgets the request and keeps what was read beyond it.
    pub(super) fn end(&mut self, core: &Core) {
        self.incoming.end(core, &mut self.exchange.input);
        self.exchange.reset();
        self.is_recorded = false;
        self.admitted = None;
        self.reply.caching = None;
        self.reply.out.clear();
        self.reply.share = None;
        for buffer in [&mut self.reply.upstream, &mut self.reply.held] {
            if buffer.capacity() > 0 {
                core.buffers.put(std::mem::take(buffer));
            }
        }
    }

    /// Microseconds the backend took; `None` when none was asked.
    pub fn integration_latency(&self) -> Option<Micros> {
        let Reply { asked, replied, .. } = self.reply;
        (asked != NEVER && replied != NEVER).then(|| replied.saturating_sub(asked))
    }
}

/// States kept for reuse.
const KEPT: usize = 512;

/// One core's free request states.
#[derive(Debug, Default)]
pub struct Requests {
    #[expect(clippy::vec_box, reason = "a state moves between this pool and connections as one pointer")]
    free: RefCell<Vec<Box<Request>>>,
}

impl Requests {
    /// A state with empty buffers that have room.
    pub fn take(&self) -> Box<Request> {
        let free = self.free.borrow_mut().pop();
        free.unwrap_or_else(|| {
            let mut request = Box::<Request>::default();
            request.exchange.input.reserve_exact(SMALL);
            request.reply.out.reserve_exact(SMALL);
            request
        })
    }

    /// Takes a state back whose request has ended.
    pub fn put(&self, mut request: Box<Request>) {
        let input = &mut request.exchange.input;
        input.clear();
        // A head may have been larger than most: its buffer is not worth keeping.
        if input.capacity() > 4 * SMALL {
            *input = Vec::with_capacity(SMALL);
        }
        if request.reply.out.capacity() > 4 * SMALL {
            request.reply.out = Vec::with_capacity(SMALL);
        }
        let mut free = self.free.borrow_mut();
        if free.len() < KEPT {
            free.push(request);
        }
    }
}
