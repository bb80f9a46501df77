//! One HTTP/2 connection: streams are accepted and become tasks, answers are sent together, and what a client may ask for
//! without asking for anything is bounded in time and number.

use std::{
    future::poll_fn,
    net::SocketAddr,
    pin::pin,
    rc::Rc,
    task::{Context, Poll},
};

use bytes::Bytes;
use h2::{Reason, server};

use super::{
    exchange::{Ends, begin, exchange},
    frames::{Frames, Line},
};
use crate::{
    accept::{Client, Role, Wire, client::Seat, linger::linger, tls::TlsStream},
    per_core::{
        Core,
        clock::{Micros, SECOND},
        deadlines::Slot,
        timed::{self, is_late},
    },
};

/// Requests of one connection at once.
const STREAMS: u32 = 128;
/// Bytes of one body, and of all bodies of a connection, that may come before they are asked for.
const WINDOW: u32 = 64 * 1024;
const WINDOW_OF_ALL: u32 = 256 * 1024;
/// Requests that a client may take back, beyond those that it lets end.
const TAKEN_BACK: u32 = 200;
/// Streams that `h2` may have to reset for errors in them.
const ERRORS: usize = 100;
/// How long a client may read nothing of what waits for it.
const STALLED: Micros = 60 * SECOND;
/// How long a client may take to see that the connection ends.
const PARTING: Micros = 5 * SECOND;
/// What HPACK's accounting adds to a field.
const PER_FIELD: u32 = 32;

/// Serves the connection until it ends.
pub(in crate::accept) async fn serve(seat: Seat, tls: Box<TlsStream>, peer: SocketAddr, local_port: u16) {
    let core = seat.core().clone();
    let line = Rc::new(Line::new(core.clone(), tls));
    let settings = settings(&core);
    let patience = u64::from(core.limits.borrow().head_seconds) * SECOND;
    core.deadlines.arm(&seat.slot, core.clock.now() + patience);
    let mut shaking = pin!(settings.handshake::<_, Bytes>(Frames(line.clone())));
    let begun = poll_fn(|context| {
        let begun = shaking.as_mut().poll(context);
        // Our settings do not wait for the client's.
        let _ = line.poll_send(context);
        match begun {
            Poll::Ready(begun) => Poll::Ready(begun.ok()),
            Poll::Pending if is_late(&core, &seat.slot) || core.cutting.get() => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    });
    let Some(connection) = begun.await else { return };
    let mut held = Held {
        connection,
        line: line.clone(),
        ends: Ends { peer, local_port },
        since: core.clock.now(),
        reads: 0,
        heads: 0,
        is_ending: false,
    };
    poll_fn(|context| {
        line.set_task(context.waker());
        Poll::Ready(())
    })
    .await;
    poll_fn(|context| held.poll(context, &core, &seat.slot)).await;
    drop(held);
    // What was said last, a GOAWAY often, should arrive: nothing of it may be lost in a reset.
    core.deadlines.arm(&seat.slot, core.clock.refresh() + SECOND);
    let sending = timed::before(&core, &seat.slot, poll_fn(|context| line.poll_send(context)));
    let flushed = timed::unless_cut(&core, pin!(sending)).await;
    if let (Some(Ok(Ok(()))), Some(line)) = (flushed, Rc::into_inner(line)) {
        let mut client = Client::new(seat, Wire::Tls(line.into_tls()), peer, local_port, Role::InvokeTls);
        timed::unless_cut(&core, pin!(linger(&core, &mut client))).await;
    }
}

fn settings(core: &Core) -> server::Builder {
    let limits = core.limits.borrow();
    let mut settings = server::Builder::new();
    settings
        .max_concurrent_streams(STREAMS)
        .initial_window_size(WINDOW)
        .initial_connection_window_size(WINDOW_OF_ALL)
        // Our own limits answer first, as they do on any connection.
        .max_header_list_size(
            limits.request_headers
                + limits.request_target
                + PER_FIELD * (u32::from(crate::accept::connection::FIELDS) + 4),
        )
        .max_send_buffer_size(WINDOW as usize)
        .max_concurrent_reset_streams(STREAMS as usize)
        .max_pending_accept_reset_streams(20)
        .max_local_error_reset_streams(Some(ERRORS));
    settings
}

/// A connection that was begun.
struct Held {
    connection: server::Connection<Frames, Bytes>,
    line: Rc<Line>,
    ends: Ends,
    /// When something was read or sent last.
    since: Micros,
    reads: u64,
    heads: u64,
    is_ending: bool,
}

impl Held {
    fn poll(&mut self, context: &mut Context<'_>, core: &Rc<Core>, slot: &Slot) -> Poll<()> {
        if core.cutting.get() && self.line.active.get() == 0 {
            return Poll::Ready(());
        }
        let now = core.clock.refresh();
        if core.draining.get() {
            self.end(now);
        }
        if self.accept(context, core).is_ready() {
            return Poll::Ready(());
        }
        let sent = self.line.poll_send(context);
        if matches!(sent, Poll::Ready(Err(_))) {
            return Poll::Ready(());
        }
        self.look_at_the_time(context, core, slot, sent.is_pending())
    }

    fn accept(&mut self, context: &mut Context<'_>, core: &Rc<Core>) -> Poll<()> {
        loop {
            match self.connection.poll_accept(context) {
                Poll::Ready(Some(Ok((request, respond)))) => {
                    let begun = begin(&self.line, self.ends, request, respond);
                    let core = core.clone();
                    drop(tokio::task::spawn_local(async move {
                        let mut placed = core.streams.put(|| exchange(begun));
                        (&mut placed).await;
                        core.streams.give_back(placed);
                    }));
                }
                Poll::Ready(Some(Err(_)) | None) => return Poll::Ready(()),
                Poll::Pending => break,
            }
        }
        if self.line.meter.borrow().is_flooded() || self.line.taken_back.get() > TAKEN_BACK {
            core.metrics.http2_floods.add(1);
            self.connection.abrupt_shutdown(Reason::ENHANCE_YOUR_CALM);
            // Says why; the connection ends with it.
            let _ = self.connection.poll_closed(context);
            return Poll::Ready(());
        }
        Poll::Pending
    }

    /// No more streams; those that are served may end.
    fn end(&mut self, now: Micros) {
        if !std::mem::replace(&mut self.is_ending, true) {
            self.connection.graceful_shutdown();
            self.since = now;
        }
    }

    fn look_at_the_time(&mut self, context: &mut Context<'_>, core: &Core, slot: &Slot, is_stuffed: bool) -> Poll<()> {
        let now = core.clock.now();
        let (reads, active) = (self.line.reads.get(), self.line.active.get());
        let (heads, is_in_head) = self.line.meter.borrow().heads();
        // A head that comes byte by byte is no progress, a complete one is.
        if heads != self.heads || !is_stuffed && !is_in_head && (reads != self.reads || active > 0) {
            self.since = now;
        }
        (self.reads, self.heads) = (reads, heads);
        let limits = core.limits.borrow();
        let patience = if is_stuffed {
            STALLED
        } else if is_in_head {
            u64::from(limits.head_seconds) * SECOND
        } else if active > 0 {
            // Requests have deadlines of their own.
            slot.disarm();
            return Poll::Pending;
        } else if self.is_ending {
            PARTING
        } else {
            u64::from(limits.idle_seconds) * SECOND
        };
        drop(limits);
        let until = self.since.saturating_add(patience);
        if until > now {
            core.deadlines.arm(slot, until);
            return Poll::Pending;
        }
        slot.disarm();
        if is_stuffed || is_in_head || self.is_ending {
            return Poll::Ready(());
        }
        self.end(now);
        context.waker().wake_by_ref();
        Poll::Pending
    }
}
