//! What carries a request: a plain connection or a TLS one, read and written the same way.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, Interest, ReadBuf},
    net::TcpStream,
};

use super::{
    Capture, Socket,
    http2::Stream,
    tls::{Negotiated, TlsStream},
};
use crate::per_core::shared::{Plain, Readable, Writable};

/// A client's end.
#[derive(Debug)]
pub enum Wire {
    /// `http`.
    Plain(Socket),
    /// `https`; boxed, as a session is a kilobyte and more.
    Tls(Box<TlsStream>),
    /// One stream of an HTTP/2 connection.
    Http2(Stream),
    /// Nobody: the request was made here.
    Capture(Capture),
}

impl Wire {
    /// The TCP connection, when it is this request's alone.
    pub fn tcp(&self) -> Option<&TcpStream> {
        match self {
            Self::Plain(socket) => socket.known().ok(),
            Self::Tls(stream) => Some(stream.tcp()),
            Self::Http2(_) | Self::Capture(_) => None,
        }
    }

    /// What its TLS agreed on.
    pub fn negotiated(&self) -> Option<Negotiated> {
        match self {
            Self::Plain(_) | Self::Capture(_) => None,
            Self::Tls(stream) => stream.negotiated(),
            Self::Http2(stream) => stream.negotiated(),
        }
    }

    /// Waits until the client resets what carries the request; whoever serves a stream looks at that himself.
    pub async fn reset(&self) {
        match self.tcp() {
            Some(tcp) => drop(tcp.ready(Interest::ERROR).await),
            None => std::future::pending().await,
        }
    }

    /// Ends between two requests, without waiting.
    pub fn part(&mut self) {
        if let Self::Tls(stream) = self {
            stream.part();
        }
    }
}

impl Plain for Wire {
    #[inline]
    fn plain(&self) -> Option<&TcpStream> {
        match self {
            Self::Plain(socket) => socket.known().ok(),
            Self::Tls(_) | Self::Http2(_) | Self::Capture(_) => None,
        }
    }
}

impl Readable for Wire {
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a layer between two calls; measured")]
    fn poll_readable(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Plain(socket) => socket.poll_readable(context),
            Self::Tls(stream) => stream.poll_read_ready(context),
            Self::Http2(stream) => stream.poll_readable(context),
            Self::Capture(capture) => capture.poll_readable(context),
        }
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a layer between two calls; measured")]
    fn read_now(&self, buffer: &mut Vec<u8>) -> io::Result<usize> {
        match self {
            Self::Plain(socket) => socket.read_now(buffer),
            Self::Tls(_) | Self::Http2(_) | Self::Capture(_) => Err(io::ErrorKind::WouldBlock.into()),
        }
    }
}

impl Writable for Wire {
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a layer between two calls; measured")]
    fn write_now(&self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(socket) => socket.write_now(bytes),
            Self::Capture(capture) => capture.write_now(bytes),
            Self::Tls(_) | Self::Http2(_) => Err(io::ErrorKind::WouldBlock.into()),
        }
    }
}

impl AsyncRead for Wire {
    #[inline]
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, room: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(socket) => Pin::new(socket).poll_read(context, room),
            Self::Tls(stream) => Pin::new(&mut **stream).poll_read(context, room),
            Self::Http2(stream) => Pin::new(stream).poll_read(context, room),
            Self::Capture(capture) => Pin::new(capture).poll_read(context, room),
        }
    }
}

impl AsyncWrite for Wire {
    #[inline]
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(socket) => Pin::new(socket).poll_write(context, bytes),
            Self::Tls(stream) => Pin::new(&mut **stream).poll_write(context, bytes),
            Self::Http2(stream) => Pin::new(stream).poll_write(context, bytes),
            Self::Capture(capture) => Pin::new(capture).poll_write(context, bytes),
        }
    }

    #[inline]
    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(socket) => Pin::new(socket).poll_write_vectored(context, pieces),
            Self::Tls(stream) => Pin::new(&mut **stream).poll_write_vectored(context, pieces),
            Self::Http2(stream) => Pin::new(stream).poll_write_vectored(context, pieces),
            Self::Capture(capture) => Pin::new(capture).poll_write_vectored(context, pieces),
        }
    }

    #[inline]
    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(_) => Poll::Ready(Ok(())),
            Self::Tls(stream) => Pin::new(&mut **stream).poll_flush(context),
            Self::Http2(stream) => Pin::new(stream).poll_flush(context),
            Self::Capture(capture) => Pin::new(capture).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(socket) => Pin::new(socket).poll_shutdown(context),
            Self::Tls(stream) => Pin::new(&mut **stream).poll_shutdown(context),
            Self::Http2(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Capture(capture) => Pin::new(capture).poll_shutdown(context),
        }
    }
}
