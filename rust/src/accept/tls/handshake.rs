//! A handshake: bounded in time and bytes, counted however it ends. Whoever speaks plain HTTP to this port is told so.

use std::{future::poll_fn, rc::Rc, task::Poll};

use tokio::{io::ReadBuf, net::TcpStream};

use super::{Offer, TlsStream, records::Stand};
use crate::per_core::{
    Core,
    clock::SECOND,
    deadlines::Slot,
    timed::{self, Stopped},
};

/// Bytes of a handshake that may wait for their end: a client's largest message has its keys and a ticket.
const MOST: usize = 16 * 1024;

/// Why there is no session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// It spoke HTTP.
    PlainHttp,
    /// It sent what is no TLS, or TLS that is not for us.
    Malformed,
    /// Its messages are too large.
    TooLarge,
    /// It took too long.
    Late,
    /// It went away.
    Gone,
}

/// The answer to plain HTTP.
const SPEAK_TLS: &[u8] = b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: 27\r\nConnection: close\r\n\r\nThis port speaks HTTPS only";

/// Shakes hands; `slot` is the connection's deadline.
pub async fn handshake(
    core: &Rc<Core>,
    slot: &Slot,
    socket: TcpStream,
    offer: &Offer,
) -> Result<Box<TlsStream>, Refused> {
    let result = run(core, slot, socket, offer).await;
    let metrics = &core.metrics;
    match &result {
        Ok(stream) if stream.is_resumed() => metrics.tls_resumed.add(1),
        Ok(_) => metrics.tls_handshakes.add(1),
        Err(Refused::PlainHttp) => metrics.tls_plain_http.add(1),
        Err(Refused::Malformed) => metrics.tls_malformed.add(1),
        Err(Refused::TooLarge) => metrics.tls_too_large.add(1),
        Err(Refused::Late) => metrics.tls_late.add(1),
        Err(Refused::Gone) => metrics.tls_gone.add(1),
    }
    result
}

async fn run(core: &Rc<Core>, slot: &Slot, socket: TcpStream, offer: &Offer) -> Result<Box<TlsStream>, Refused> {
    let patience = u64::from(core.limits.borrow().head_seconds) * SECOND;
    core.deadlines.arm(slot, core.clock.refresh() + patience);
    // Nothing is made for a client that says nothing.
    let waiting = poll_fn(|context| {
        let mut byte = [0];
        match socket.poll_peek(context, &mut ReadBuf::new(&mut byte)) {
            Poll::Ready(result) => Poll::Ready(result.map_err(Stopped::Broken)),
            Poll::Pending if timed::is_late(core, slot) => Poll::Ready(Err(Stopped::Late)),
            // A connection without a request is not waited for when the core drains.
            Poll::Pending if core.draining.get() => Poll::Ready(Ok(0)),
            Poll::Pending => Poll::Pending,
        }
    });
    if stopped(waiting.await)? == 0 {
        return Err(Refused::Gone);
    }
    let mut stream = Box::new(TlsStream::new(core.clone(), socket, offer).map_err(|_| Refused::Malformed)?);
    loop {
        let received = poll_fn(|context| match stream.poll_receive(context) {
            Poll::Ready(result) => Poll::Ready(result.map_err(Stopped::Broken)),
            Poll::Pending if timed::is_late(core, slot) => Poll::Ready(Err(Stopped::Late)),
            Poll::Pending => Poll::Pending,
        });
        if stopped(received.await)? == 0 {
            return Err(Refused::Gone);
        }
        if speaks_http(stream.unfinished()) {
            stream.send_plainly(SPEAK_TLS);
            return Err(Refused::PlainHttp);
        }
        if announced(stream.unfinished()) > MOST {
            return Err(Refused::TooLarge);
        }
        let advanced = stream.advance();
        let Ok(stand) = advanced else {
            stream.send_alert();
            return Err(Refused::Malformed);
        };
        if stream.unfinished().len() > MOST {
            return Err(Refused::TooLarge);
        }
        let sending = poll_fn(|context| match stream.poll_send(context) {
            Poll::Ready(result) => Poll::Ready(result.map_err(Stopped::Broken)),
            Poll::Pending if timed::is_late(core, slot) => Poll::Ready(Err(Stopped::Late)),
            Poll::Pending => Poll::Pending,
        });
        stopped(sending.await)?;
        match stand {
            Stand::Handshaking => {}
            Stand::Open => return Ok(stream),
            Stand::Closed => return Err(Refused::Gone),
        }
    }
}

fn stopped<T>(result: Result<T, Stopped>) -> Result<T, Refused> {
    result.map_err(|stopped| match stopped {
        Stopped::Late => Refused::Late,
        Stopped::Broken(_) => Refused::Gone,
    })
}

/// The length of a first message by its own account.
fn announced(bytes: &[u8]) -> usize {
    match bytes.first_chunk() {
        Some([0x16, _, _, _, _, 1, high, middle, low]) => u32::from_be_bytes([0, *high, *middle, *low]) as usize,
        _ => 0,
    }
}

/// Records begin with a type below 32; a method is letters.
fn speaks_http(bytes: &[u8]) -> bool {
    bytes.first_chunk::<3>().is_some_and(|start| start.iter().all(u8::is_ascii_uppercase))
}
