//! One TLS connection: records in, records out, by the library's unbuffered session. All buffers come from the core's pools
//! and go back when they are empty: an idle connection holds its session only.

use std::{
    io::{self, IoSlice},
    pin::{Pin, pin},
    rc::Rc,
    task::{Context, Poll, ready},
};

use rustls::{
    HandshakeKind,
    server::UnbufferedServerConnection,
    unbuffered::{ConnectionState, EncodeError, EncryptError},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf},
    net::TcpStream,
};

use super::{Offer, offer::H2};
use crate::per_core::{
    BIG, Core,
    shared::{Readable, Writable},
};

/// Payload of one record at most.
const RECORD: usize = 16 * 1024;
/// Payload that is sealed before the first of it is sent.
const BATCH: usize = 4 * RECORD;
/// What sealing adds to a record at most: its head, a nonce, a tag, its type.
const ADDED: usize = 32;

/// A connection whose bytes are sealed.
pub struct TlsStream {
    socket: TcpStream,
    session: UnbufferedServerConnection,
    core: Rc<Core>,
    /// Bytes of the socket; what lies before `taken` is done with.
    incoming: Vec<u8>,
    taken: usize,
    /// Opened bytes that nobody has read yet.
    plain: Vec<u8>,
    plain_at: usize,
    /// Bytes to be sealed together: see `gather`.
    gathered: Vec<u8>,
    /// Sealed bytes; what lies before `sent` is out.
    outgoing: Vec<u8>,
    sent: usize,
    /// The client sends no more.
    ended: bool,
    /// We said that we send no more.
    said_goodbye: bool,
    /// The last read filled its buffer: there is more.
    eager: bool,
}

impl std::fmt::Debug for TlsStream {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("TlsStream").field("socket", &self.socket).finish_non_exhaustive()
    }
}

/// How far the session got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stand {
    /// It needs more bytes of the client before anything can be said.
    Handshaking,
    /// Data may pass.
    Open,
    /// Both ends have said goodbye.
    Closed,
}

impl TlsStream {
    /// A session that has not begun.
    pub(super) fn new(core: Rc<Core>, socket: TcpStream, offer: &Offer) -> io::Result<Self> {
        let session = UnbufferedServerConnection::new(offer.config()).map_err(io::Error::other)?;
        Ok(Self {
            socket,
            session,
            core,
            incoming: Vec::new(),
            taken: 0,
            plain: Vec::new(),
            plain_at: 0,
            gathered: Vec::new(),
            outgoing: Vec::new(),
            sent: 0,
            ended: false,
            said_goodbye: false,
            eager: false,
        })
    }

    /// The TCP connection.
    pub fn tcp(&self) -> &TcpStream {
        &self.socket
    }

    /// Whether the client chose HTTP/2.
    pub fn is_http2(&self) -> bool {
        self.session.alpn_protocol() == Some(H2)
    }

    /// Whether an earlier session went on.
    pub(super) fn is_resumed(&self) -> bool {
        self.session.handshake_kind() == Some(HandshakeKind::Resumed)
    }

    /// Bytes that were received and are no whole record or handshake message yet.
    pub(super) fn unfinished(&self) -> &[u8] {
        &self.incoming[self.taken..]
    }

    /// Ready when a read may give bytes; no buffer is held meanwhile.
    pub fn poll_read_ready(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.plain_at < self.plain.len() || self.ended {
            return Poll::Ready(Ok(()));
        }
        self.socket.poll_read_ready(context)
    }

    /// Receives what there is; 0 is the end.
    pub(super) fn poll_receive(&mut self, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        self.make_room();
        let before = self.incoming.capacity() - self.incoming.len();
        let read = pin!(self.socket.read_buf(&mut self.incoming)).poll(context);
        match &read {
            Poll::Ready(Ok(count)) => self.eager = *count == before,
            _ => self.put_incoming(),
        }
        read
    }

    /// Room behind what was received; a big one for a long record, or for a client that sends a lot.
    fn make_room(&mut self) {
        let core = &self.core;
        if self.taken == self.incoming.len() {
            self.incoming.clear();
        } else {
            self.incoming.drain(..self.taken);
        }
        self.taken = 0;
        let wanted = match self.incoming.first_chunk::<5>() {
            Some(head) => 5 + usize::from(u16::from_be_bytes([head[3], head[4]])),
            None => 5,
        };
        if self.incoming.capacity() == 0 {
            self.incoming = if self.eager { core.buffers.big() } else { core.buffers.small() };
        } else if wanted > self.incoming.capacity() || self.incoming.len() == self.incoming.capacity() {
            let mut larger = core.buffers.big();
            larger.extend_from_slice(&self.incoming);
            core.buffers.put(std::mem::replace(&mut self.incoming, larger));
        }
        if self.incoming.len() == self.incoming.capacity() {
            // A handshake in so many pieces; whoever reads it sets the bound.
            self.incoming.reserve(BIG);
        }
    }

    fn put_incoming(&mut self) {
        if self.taken == self.incoming.len() && self.incoming.capacity() > 0 {
            self.taken = 0;
            self.core.buffers.put(std::mem::take(&mut self.incoming));
        }
    }

    /// Opens what was received, into `room` and what is too much for it into `plain`, and seals `data`, if there is any.
    pub(super) fn advance(&mut self, room: &mut ReadBuf<'_>, data: &[u8]) -> io::Result<Stand> {
        let Self { session, core, incoming, taken, plain, outgoing, ended, .. } = self;
        loop {
            let status = session.process_tls_records(&mut incoming[*taken..]);
            let mut discard = status.discard;
            let stand = match status.state {
                Ok(ConnectionState::ReadTraffic(mut traffic)) => {
                    while let Some(record) = traffic.next_record() {
                        let record = record.map_err(broken)?;
                        discard += record.discard;
                        let fits = record.payload.len().min(if plain.is_empty() { room.remaining() } else { 0 });
                        let (now, later) = record.payload.split_at(fits);
                        room.put_slice(now);
                        if !later.is_empty() {
                            if plain.capacity() == 0 {
                                *plain = core.buffers.big();
                            }
                            plain.extend_from_slice(later);
                        }
                    }
                    None
                }
                Ok(ConnectionState::EncodeTlsData(mut record)) => {
                    if outgoing.capacity() == 0 {
                        *outgoing = core.buffers.small();
                    }
                    if let Err(EncodeError::InsufficientSize(short)) = record.encode(&mut []) {
                        let at = outgoing.len();
                        outgoing.resize(at + short.required_size, 0);
                        let written = record.encode(&mut outgoing[at..]).map_err(io::Error::other)?;
                        outgoing.truncate(at + written);
                    }
                    None
                }
                Ok(ConnectionState::TransmitTlsData(records)) => {
                    // They lie in `outgoing`, before everything that follows.
                    records.done();
                    None
                }
                Ok(ConnectionState::WriteTraffic(mut traffic)) => {
                    if !data.is_empty() {
                        seal(core, outgoing, data.len(), |out| traffic.encrypt(data, out))?;
                    }
                    Some(Stand::Open)
                }
                Ok(ConnectionState::BlockedHandshake) => Some(Stand::Handshaking),
                Ok(ConnectionState::PeerClosed) => {
                    *ended = true;
                    None
                }
                Ok(ConnectionState::Closed) => {
                    *ended = true;
                    Some(Stand::Closed)
                }
                // Early data is not offered, and no other state is known.
                Ok(_) => return Err(io::ErrorKind::Unsupported.into()),
                Err(error) => return Err(broken(error)),
            };
            *taken += discard;
            if let Some(stand) = stand {
                return Ok(stand);
            }
        }
    }

    /// After an error: the alert that the session has for it is sent, if that can be done at once.
    pub(super) fn send_alert(&mut self) {
        let Self { session, incoming, taken, outgoing, .. } = self;
        // Asked once only: the bytes that made the error are still there.
        if let Ok(ConnectionState::EncodeTlsData(mut record)) =
            session.process_tls_records(&mut incoming[*taken..]).state
            && let Err(EncodeError::InsufficientSize(short)) = record.encode(&mut [])
        {
            let at = outgoing.len();
            outgoing.resize(at + short.required_size, 0);
            let _ = record.encode(&mut outgoing[at..]);
        }
        let _ = self.socket.try_write(&self.outgoing[self.sent..]);
    }

    /// Writes something that is no TLS, for a client that speaks none.
    pub(super) fn send_plainly(&self, bytes: &[u8]) {
        let _ = self.socket.try_write(bytes);
    }

    /// Sends what is sealed.
    pub(super) fn poll_send(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.sent < self.outgoing.len() {
            match ready!(Pin::new(&mut self.socket).poll_write(context, &self.outgoing[self.sent..]))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                count => self.sent += count,
            }
        }
        if self.outgoing.capacity() > 0 {
            self.sent = 0;
            self.core.buffers.put(std::mem::take(&mut self.outgoing));
        }
        Poll::Ready(Ok(()))
    }

    fn seal(&mut self, data: &[u8]) -> io::Result<()> {
        match self.advance(&mut ReadBuf::new(&mut []), data)? {
            Stand::Open => Ok(()),
            Stand::Handshaking | Stand::Closed => Err(io::ErrorKind::NotConnected.into()),
        }
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
        let sealed = self.seal(&gathered);
        self.core.buffers.put(gathered);
        sealed?;
        self.poll_send(context)
    }

    /// Whether something waits for the client to read.
    pub fn is_stuffed(&self) -> bool {
        self.sent < self.outgoing.len()
    }

    /// Says goodbye, if that has not been done, so that the client knows the end from a cut.
    fn say_goodbye(&mut self) -> io::Result<()> {
        if std::mem::replace(&mut self.said_goodbye, true) {
            return Ok(());
        }
        self.advance(&mut ReadBuf::new(&mut []), &[])?;
        let Self { session, core, incoming, taken, outgoing, .. } = self;
        if let Ok(ConnectionState::WriteTraffic(mut traffic)) =
            session.process_tls_records(&mut incoming[*taken..]).state
        {
            seal(core, outgoing, 2, |out| traffic.queue_close_notify(out))?;
        }
        Ok(())
    }

    /// Says goodbye without waiting: the connection ends between two requests.
    pub fn part(&mut self) {
        if self.say_goodbye().is_ok() {
            let _ = self.socket.try_write(&self.outgoing[self.sent..]);
        }
    }
}

fn seal(
    core: &Core,
    outgoing: &mut Vec<u8>,
    length: usize,
    encrypt: impl FnOnce(&mut [u8]) -> Result<usize, EncryptError>,
) -> io::Result<()> {
    if outgoing.capacity() == 0 {
        *outgoing = if length < 3 * 1024 { core.buffers.small() } else { core.buffers.big() };
    }
    let at = outgoing.len();
    outgoing.resize(at + length + (length / RECORD + 1) * ADDED, 0);
    let written = encrypt(&mut outgoing[at..]).map_err(io::Error::other)?;
    outgoing.truncate(at + written);
    Ok(())
}

fn broken(error: rustls::Error) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

impl Drop for TlsStream {
    fn drop(&mut self) {
        for buffer in [&mut self.incoming, &mut self.plain, &mut self.gathered, &mut self.outgoing] {
            if buffer.capacity() > 0 {
                self.core.buffers.put(std::mem::take(buffer));
            }
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
            if stream.plain_at < stream.plain.len() {
                let count = room.remaining().min(stream.plain.len() - stream.plain_at);
                room.put_slice(&stream.plain[stream.plain_at..stream.plain_at + count]);
                stream.plain_at += count;
                if stream.plain_at == stream.plain.len() {
                    stream.plain_at = 0;
                    stream.core.buffers.put(std::mem::take(&mut stream.plain));
                }
                return Poll::Ready(Ok(()));
            }
            if stream.ended {
                return Poll::Ready(Ok(()));
            }
            let before = room.filled().len();
            if ready!(stream.poll_receive(context))? == 0 {
                stream.ended = true;
                return Poll::Ready(Ok(()));
            }
            if let Err(error) = stream.advance(room, &[]) {
                stream.send_alert();
                return Poll::Ready(Err(error));
            }
            stream.put_incoming();
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
        stream.seal(bytes)?;
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
        let sealed = stream.seal(&together);
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
        stream.say_goodbye()?;
        ready!(stream.poll_send(context))?;
        Pin::new(&mut stream.socket).poll_shutdown(context)
    }
}
