//! One stream as the pipeline sees it: read and written like a connection that carries one request. What is read is the
//! body; what is written is a head of HTTP/1.1, which becomes HTTP/2's, and the bytes of a body. Flow control is the backpressure.

use std::{
    cell::RefCell,
    io,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, ready},
};

use bytes::{Buf, Bytes};
use h2::{Reason, RecvStream, SendStream, server::SendResponse};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{
    answer::{self, Follows},
    frames::Line,
};
use crate::{
    accept::tls::Negotiated,
    per_core::shared::{Readable, Writable},
};

/// Bytes of a body that are handed over at once.
const PIECE: usize = 16 * 1024;

/// A stream; clones are the same one.
#[derive(Debug, Clone)]
pub struct Stream(Rc<Inner>);

#[derive(Debug)]
struct Inner {
    line: Rc<Line>,
    receiving: RefCell<Receiving>,
    sending: RefCell<Sending>,
    /// Whether the answer can have no body.
    is_head: bool,
}

#[derive(Debug)]
struct Receiving {
    body: RecvStream,
    /// What was received and not read yet.
    piece: Bytes,
    ended: bool,
}

#[derive(Debug)]
enum Sending {
    /// Nothing but interim answers was sent.
    Head(SendResponse<Bytes>),
    /// The body, of which so much is left, if that is known.
    Body(SendStream<Bytes>, Option<u64>),
    /// Everything was said.
    Done,
}

fn broken(error: h2::Error) -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionReset, error)
}

impl Stream {
    pub(super) fn new(line: Rc<Line>, body: RecvStream, respond: SendResponse<Bytes>, is_head: bool) -> Self {
        let receiving = Receiving { body, piece: Bytes::new(), ended: false };
        Self(Rc::new(Inner {
            line,
            receiving: RefCell::new(receiving),
            sending: RefCell::new(Sending::Head(respond)),
            is_head,
        }))
    }

    /// What the connection's TLS agreed on.
    pub(in crate::accept) fn negotiated(&self) -> Option<Negotiated> {
        self.0.line.negotiated()
    }

    /// Whether the client took the request back, or is gone.
    pub(super) fn poll_gone(&self, context: &mut Context<'_>) -> bool {
        match &mut *self.0.sending.borrow_mut() {
            Sending::Head(respond) => respond.poll_reset(context).is_ready(),
            Sending::Body(body, _) => body.poll_reset(context).is_ready(),
            Sending::Done => false,
        }
    }

    /// Whether the client has sent its whole body.
    pub(super) fn is_received(&self) -> bool {
        let receiving = self.0.receiving.borrow();
        receiving.ended || receiving.piece.is_empty() && receiving.body.is_end_stream()
    }

    /// The answer is complete.
    pub(super) fn finish(&self) {
        let mut sending = self.0.sending.borrow_mut();
        if let Sending::Body(body, _) = &mut *sending {
            let _ = body.send_data(Bytes::new(), true);
        }
        *sending = Sending::Done;
    }

    /// There is no answer, or not all of it; the client sees that.
    pub(super) fn cut(&self, reason: Reason) {
        let mut sending = self.0.sending.borrow_mut();
        match &mut *sending {
            Sending::Head(respond) => respond.send_reset(reason),
            Sending::Body(body, _) => body.send_reset(reason),
            Sending::Done => {}
        }
        *sending = Sending::Done;
    }

    fn poll_receive(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut receiving = self.0.receiving.borrow_mut();
        while receiving.piece.is_empty() && !receiving.ended {
            match ready!(receiving.body.poll_data(context)) {
                Some(Ok(piece)) => receiving.piece = piece,
                Some(Err(error)) => return Poll::Ready(Err(broken(error))),
                None => receiving.ended = true,
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl Readable for Stream {
    fn poll_readable(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_receive(context)
    }
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, room: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_receive(context))?;
        let mut receiving = self.0.receiving.borrow_mut();
        let count = room.remaining().min(receiving.piece.len());
        room.put_slice(&receiving.piece[..count]);
        receiving.piece.advance(count);
        if count > 0 {
            // Only what was taken may be sent anew.
            receiving.body.flow_control().release_capacity(count).map_err(broken)?;
        }
        Poll::Ready(Ok(()))
    }
}

impl Writable for Stream {
    fn write_now(&self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::WouldBlock.into())
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let mut sending = self.0.sending.borrow_mut();
        match &mut *sending {
            Sending::Head(respond) => {
                let (response, follows, taken) = answer::head(bytes).ok_or(io::ErrorKind::InvalidData)?;
                if response.status().is_informational() {
                    respond.send_informational(response).map_err(broken)?;
                    return Poll::Ready(Ok(taken));
                }
                let has_none = self.0.is_head || matches!(response.status().as_u16(), 204 | 304);
                let is_all = has_none || follows == Follows::Length(0);
                let body = respond.send_response(response, is_all).map_err(broken)?;
                *sending = match follows {
                    _ if is_all => Sending::Done,
                    Follows::Length(length) => Sending::Body(body, Some(length)),
                    Follows::Some => Sending::Body(body, None),
                };
                Poll::Ready(Ok(taken))
            }
            Sending::Body(body, left) => {
                ready!(self.0.line.poll_open(context));
                let wanted = bytes.len().min(PIECE);
                body.reserve_capacity(wanted);
                while body.capacity() == 0 {
                    match ready!(body.poll_capacity(context)) {
                        Some(Ok(_)) => {}
                        Some(Err(error)) => return Poll::Ready(Err(broken(error))),
                        None => return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into())),
                    }
                }
                let count = wanted.min(body.capacity());
                let mut is_last = false;
                if let Some(left) = left {
                    *left = left.checked_sub(count as u64).ok_or(io::ErrorKind::InvalidData)?;
                    is_last = *left == 0;
                }
                body.send_data(Bytes::copy_from_slice(&bytes[..count]), is_last).map_err(broken)?;
                if is_last {
                    *sending = Sending::Done;
                }
                Poll::Ready(Ok(count))
            }
            // The body of an answer that must not have one.
            Sending::Done => Poll::Ready(Ok(bytes.len())),
        }
    }

    /// The connection sends what all streams have said.
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.finish();
        Poll::Ready(Ok(()))
    }
}
