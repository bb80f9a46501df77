//! One TLS connection as a stream: what the socket brings goes through its records, what is written is sealed and sent. An idle
//! connection holds its session only.

use std::{
    io::{self, IoSlice},
    pin::{Pin, pin},
    rc::Rc,
    task::{Context, Poll, ready},
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf},
    net::TcpStream,
};

use super::{
    Negotiated, Offer,
    records::{Records, Stand},
};
use crate::per_core::{
    Core,
    shared::{Readable, Writable},
};

/// Payload that is sealed before the first of it is sent: four records.
const BATCH: usize = 64 * 1024;

/// A connection whose bytes are sealed.
pub struct TlsStream {
    socket: TcpStream,
    records: Records,
    core: Rc<Core>,
    /// Bytes to be sealed together: see `gather`.
    gathered: Vec<u8>,
    /// The last read filled its buffer: there is more.
    eager: bool,
}

impl std::fmt::Debug for TlsStream {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("TlsStream").field("socket", &self.socket).finish_non_exhaustive()
    }
}

impl TlsStream {
    /// A session that has not begun.
    pub(super) fn new(core: Rc<Core>, socket: TcpStream, offer: &Offer) -> io::Result<Self> {
        let records = Records::new(core.clone(), offer)?;
        Ok(Self { socket, records, core, gathered: Vec::new(), eager: false })
    }

    /// The TCP connection.
    pub fn tcp(&self) -> &TcpStream {
        &self.socket
    }

    /// Whether the client chose HTTP/2.
    pub fn is_http2(&self) -> bool {
        self.records.is_http2()
    }

    /// What was agreed on, once the handshake is over.
    pub fn negotiated(&self) -> Option<Negotiated> {
        self.records.negotiated()
    }

    /// Whether an earlier session went on.
    pub(super) fn is_resumed(&self) -> bool {
        self.records.is_resumed()
    }

    /// Bytes that were received and are no whole record or handshake message yet.
    pub(super) fn unfinished(&self) -> &[u8] {
        self.records.unfinished()
    }

    /// Ready when a read may give bytes; no buffer is held meanwhile.
    pub fn poll_read_ready(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.records.is_readable() || self.records.ended {
            return Poll::Ready(Ok(()));
        }
        self.socket.poll_read_ready(context)
    }

    /// Receives what there is; 0 is the end.
    pub(super) fn poll_receive(&mut self, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        self.records.make_room(self.eager);
        let incoming = &mut self.records.incoming;
        let before = incoming.capacity() - incoming.len();
        let read = pin!(self.socket.read_buf(incoming)).poll(context);
        match &read {
            Poll::Ready(Ok(count)) => self.eager = *count == before,
            _ => self.records.put_incoming(),
        }
        read
    }

    /// Goes on with the handshake by what was received.
    pub(super) fn advance(&mut self) -> io::Result<Stand> {
        self.records.advance(&mut ReadBuf::new(&mut []), &[])
    }

    /// After an error: the alert that the session has for it is sent, if that can be done at once.
    pub(super) fn send_alert(&mut self) {
        self.records.alert();
        let _ = self.socket.try_write(self.records.unsent());
    }

    /// Writes something that is no TLS, for a client that speaks none.
    pub(super) fn send_plainly(&self, bytes: &[u8]) {
        let _ = self.socket.try_write(bytes);
    }

    /// Sends what is sealed.
    pub(super) fn poll_send(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.records.unsent().is_empty() {
            match ready!(Pin::new(&mut self.socket).poll_write(context, self.records.unsent()))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                count => self.records.sent(count),
            }
        }
        self.records.put_outgoing();
        Poll::Ready(Ok(()))
    }

    /// Takes bytes that will be sealed and sent together by `poll_send_gathered`.
    pub fn poll_gather(&mut self, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.gathered.len() >= BATCH {
            ready!(self.poll_send_gathered(context))?;
        }
        if self.gathered.capacity() == 0 {
            self.gathered = self.core.buffers.big();
        }
        let count = bytes.len().min(BATCH - self.gathered.len());
        self.gathered.extend_from_slice(&bytes[..count]);
        Poll::Ready(Ok(count))
    }

    /// Seals and sends all that was gathered.
    pub fn poll_send_gathered(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_send(context))?;
        if self.gathered.is_empty() {
            return Poll::Ready(Ok(()));
        }
        let gathered = std::mem::take(&mut self.gathered);
        let sealed = self.records.seal(&gathered);
        self.core.buffers.put(gathered);
        sealed?;
        self.poll_send(context)
    }

    /// Whether something waits for the client to read.
    pub fn is_stuffed(&self) -> bool {
        !self.records.unsent().is_empty()
    }

    /// Says goodbye without waiting: the connection ends between two requests.
    pub fn part(&mut self) {
        if self.records.say_goodbye().is_ok() {
            let _ = self.socket.try_write(self.records.unsent());
        }
    }
}

impl Drop for TlsStream {
    fn drop(&mut self) {
        if self.gathered.capacity() > 0 {
            self.core.buffers.put(std::mem::take(&mut self.gathered));
        }
    }
}

impl Readable for TlsStream {
    fn poll_readable(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_read_ready(context)
    }
}

impl AsyncRead for TlsStream {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, room: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let stream = self.get_mut();
        loop {
            if stream.records.read(room) || stream.records.ended {
                return Poll::Ready(Ok(()));
            }
            let before = room.filled().len();
            if ready!(stream.poll_receive(context))? == 0 {
                stream.records.ended = true;
                return Poll::Ready(Ok(()));
            }
            if let Err(error) = stream.records.advance(room, &[]) {
                stream.send_alert();
                return Poll::Ready(Err(error));
            }
            stream.records.put_incoming();
            if room.filled().len() > before {
                return Poll::Ready(Ok(()));
            }
        }
    }
}

impl Writable for TlsStream {
    fn write_now(&self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::WouldBlock.into())
    }
}

impl AsyncWrite for TlsStream {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let stream = self.get_mut();
        ready!(stream.poll_send(context))?;
        let bytes = &bytes[..bytes.len().min(BATCH)];
        stream.records.seal(bytes)?;
        match stream.poll_send(context) {
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            _ => Poll::Ready(Ok(bytes.len())),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let stream = self.get_mut();
        ready!(stream.poll_send(context))?;
        // One record for a head and the beginning of its body.
        let mut together = stream.core.buffers.big();
        for piece in pieces {
            together.extend_from_slice(&piece[..piece.len().min(BATCH - together.len())]);
        }
        let count = together.len();
        let sealed = stream.records.seal(&together);
        stream.core.buffers.put(together);
        sealed?;
        match stream.poll_send(context) {
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            _ => Poll::Ready(Ok(count)),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().poll_send(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let stream = self.get_mut();
        stream.records.say_goodbye()?;
        ready!(stream.poll_send(context))?;
        Pin::new(&mut stream.socket).poll_shutdown(context)
    }
}
