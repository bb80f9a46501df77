//! The bytes of a connection as `h2` reads and writes them: frames are gathered and sealed together once nobody has more to
//! say, so that many answers cost one record and one system call. Everything that is read passes the meter.

use std::{
    cell::{Cell, RefCell},
    io,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, Waker},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::meter::Meter;
use crate::{
    accept::tls::{Negotiated, TlsStream},
    per_core::Core,
};

/// What a connection, its frames and its streams share.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) core: Rc<Core>,
    tls: RefCell<Box<TlsStream>>,
    pub(super) meter: RefCell<Meter>,
    /// Streams that wait until the client reads again.
    waiting: RefCell<Vec<Waker>>,
    /// The connection's task.
    task: RefCell<Option<Waker>>,
    /// Streams that are served.
    pub(super) active: Cell<u32>,
    /// Streams that the client took back before their end, less those that ended well.
    pub(super) taken_back: Cell<u32>,
    /// Counts what is read, so that progress can be seen.
    pub(super) reads: Cell<u64>,
}

impl Line {
    pub(super) fn new(core: Rc<Core>, tls: Box<TlsStream>) -> Self {
        let meter = RefCell::new(Meter::new(core.clock.now()));
        Self {
            core,
            tls: RefCell::new(tls),
            meter,
            waiting: RefCell::default(),
            task: RefCell::default(),
            active: Cell::new(0),
            taken_back: Cell::new(0),
            reads: Cell::new(0),
        }
    }

    /// Sends all that was gathered.
    pub(super) fn poll_send(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let sent = self.tls.borrow_mut().poll_send_gathered(context);
        if sent.is_ready() {
            self.waiting.borrow_mut().drain(..).for_each(Waker::wake);
        }
        sent
    }

    /// Ready unless the client does not read: then a stream keeps its answer to itself.
    pub(super) fn poll_open(&self, context: &mut Context<'_>) -> Poll<()> {
        if !self.tls.borrow().is_stuffed() {
            return Poll::Ready(());
        }
        let mut waiting = self.waiting.borrow_mut();
        if !waiting.iter().any(|waker| waker.will_wake(context.waker())) {
            waiting.push(context.waker().clone());
        }
        Poll::Pending
    }

    /// What its TLS agreed on.
    pub(super) fn negotiated(&self) -> Option<Negotiated> {
        self.tls.borrow().negotiated()
    }

    /// Names the connection's task.
    pub(super) fn set_task(&self, waker: &Waker) {
        *self.task.borrow_mut() = Some(waker.clone());
    }

    /// A stream begins.
    pub(super) fn begin(&self) {
        self.active.set(self.active.get() + 1);
    }

    /// A stream has ended: a connection without one idles, and has to know.
    pub(super) fn end(&self) {
        self.active.set(self.active.get() - 1);
        if self.active.get() == 0
            && let Some(task) = &*self.task.borrow()
        {
            task.wake_by_ref();
        }
    }

    /// The connection itself, when nobody else has it any more.
    pub(super) fn into_tls(self) -> Box<TlsStream> {
        self.tls.into_inner()
    }
}

/// The line as `h2` owns it.
#[derive(Debug)]
pub(super) struct Frames(pub(super) Rc<Line>);

impl AsyncRead for Frames {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, room: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let line = &*self.0;
        let before = room.filled().len();
        let read = Pin::new(&mut **line.tls.borrow_mut()).poll_read(context, room);
        if read.is_ready() {
            let mut meter = line.meter.borrow_mut();
            meter.read(&room.filled()[before..], line.core.clock.now());
            if meter.is_flooded() {
                // Nothing of it is looked at.
                return Poll::Pending;
            }
            line.reads.set(line.reads.get() + 1);
        }
        read
    }
}

impl AsyncWrite for Frames {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = self.0.tls.borrow_mut().poll_gather(context, bytes);
        if let Poll::Ready(Ok(count)) = &written {
            self.0.meter.borrow_mut().wrote(*count);
        }
        written
    }

    /// Nothing yet: the connection sends when all streams have been asked.
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.poll_send(context)
    }
}
