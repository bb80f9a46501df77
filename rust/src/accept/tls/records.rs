//! The records of one connection: bytes of the client become payload, payload becomes bytes for it, by the library's unbuffered
//! session. It knows no socket. All buffers come from the core's pools and go back when they are empty.

use std::{io, rc::Rc};

use rustls::{
    HandshakeKind,
    server::UnbufferedServerConnection,
    unbuffered::{ConnectionState, EncodeError, EncryptError},
};
use tokio::io::ReadBuf;

use super::{Negotiated, Offer, offer::H2};
use crate::per_core::{BIG, Core};

/// Payload of one record at most.
const RECORD: usize = 16 * 1024;
/// What sealing adds to a record at most: its head, a nonce, a tag, its type.
const ADDED: usize = 32;

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

/// A session and what it has not handed on yet.
pub(super) struct Records {
    session: UnbufferedServerConnection,
    core: Rc<Core>,
    /// Bytes of the socket; what lies before `taken` is done with.
    pub(super) incoming: Vec<u8>,
    taken: usize,
    /// Opened bytes that nobody has read yet.
    plain: Vec<u8>,
    plain_at: usize,
    /// Sealed bytes; what lies before `sent` is out.
    outgoing: Vec<u8>,
    sent: usize,
    /// The client sends no more.
    pub(super) ended: bool,
    /// We said that we send no more.
    said_goodbye: bool,
}

impl Records {
    /// A session that has not begun.
    pub(super) fn new(core: Rc<Core>, offer: &Offer) -> io::Result<Self> {
        let session = UnbufferedServerConnection::new(offer.config()).map_err(io::Error::other)?;
        Ok(Self {
            session,
            core,
            incoming: Vec::new(),
            taken: 0,
            plain: Vec::new(),
            plain_at: 0,
            outgoing: Vec::new(),
            sent: 0,
            ended: false,
            said_goodbye: false,
        })
    }

    /// Whether the client chose HTTP/2.
    pub(super) fn is_http2(&self) -> bool {
        self.session.alpn_protocol() == Some(H2)
    }

    /// What was agreed on, once the handshake is over.
    pub(super) fn negotiated(&self) -> Option<Negotiated> {
        let suite = self.session.negotiated_cipher_suite()?.suite();
        Some(Negotiated { version: self.session.protocol_version()?, suite })
    }

    /// Whether an earlier session went on.
    pub(super) fn is_resumed(&self) -> bool {
        self.session.handshake_kind() == Some(HandshakeKind::Resumed)
    }

    /// Bytes that were received and are no whole record or handshake message yet.
    pub(super) fn unfinished(&self) -> &[u8] {
        &self.incoming[self.taken..]
    }

    /// Room behind what was received; a big one for a long record, or for a client that sends a lot.
    pub(super) fn make_room(&mut self, is_eager: bool) {
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
            self.incoming = if is_eager { core.buffers.big() } else { core.buffers.small() };
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

    /// Gives the room back when nothing is in it.
    pub(super) fn put_incoming(&mut self) {
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

    /// Seals payload; there is a session to seal it with, or this is an error.
    pub(super) fn seal(&mut self, data: &[u8]) -> io::Result<()> {
        match self.advance(&mut ReadBuf::new(&mut []), data)? {
            Stand::Open => Ok(()),
            Stand::Handshaking | Stand::Closed => Err(io::ErrorKind::NotConnected.into()),
        }
    }

    /// After an error: the alert that the session has for it.
    pub(super) fn alert(&mut self) {
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
    }

    /// Says goodbye, if that has not been done, so that the client knows the end from a cut.
    pub(super) fn say_goodbye(&mut self) -> io::Result<()> {
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

    /// Whether there are opened bytes.
    pub(super) fn is_readable(&self) -> bool {
        self.plain_at < self.plain.len()
    }

    /// Hands opened bytes on; says whether there were any.
    pub(super) fn read(&mut self, room: &mut ReadBuf<'_>) -> bool {
        if !self.is_readable() {
            return false;
        }
        let count = room.remaining().min(self.plain.len() - self.plain_at);
        room.put_slice(&self.plain[self.plain_at..self.plain_at + count]);
        self.plain_at += count;
        if self.plain_at == self.plain.len() {
            self.plain_at = 0;
            self.core.buffers.put(std::mem::take(&mut self.plain));
        }
        true
    }

    /// Sealed bytes that have to be sent.
    pub(super) fn unsent(&self) -> &[u8] {
        &self.outgoing[self.sent..]
    }

    /// So many of them are.
    pub(super) fn sent(&mut self, count: usize) {
        self.sent += count;
    }

    /// Gives the buffer of sealed bytes back: all are sent.
    pub(super) fn put_outgoing(&mut self) {
        if self.outgoing.capacity() > 0 {
            self.sent = 0;
            self.core.buffers.put(std::mem::take(&mut self.outgoing));
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

impl Drop for Records {
    fn drop(&mut self) {
        for buffer in [&mut self.incoming, &mut self.plain, &mut self.outgoing] {
            if buffer.capacity() > 0 {
                self.core.buffers.put(std::mem::take(buffer));
            }
        }
    }
}
