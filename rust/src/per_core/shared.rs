//! One stream for two halves of one task: while a request's body goes out, its answer may come in. Both halves are polled by
//! the same task, one after the other, so a cell borrowed inside a poll is all the synchronisation there is.

use std::{
    cell::RefCell,
    io,
    pin::Pin,
    task::{Context, Poll},
};

use rustix::net::{RecvFlags, SendFlags};
use tokio::{
    io::{AsyncRead, AsyncWrite, Interest, ReadBuf},
    net::TcpStream,
};

/// A stream that can be waited for without holding a buffer.
pub trait Readable {
    /// Ready when a read may give bytes.
    fn poll_readable(&self, context: &mut Context<'_>) -> Poll<io::Result<()>>;

    /// Reads what there is behind what the buffer holds, without preparing to wait; `WouldBlock` when there is nothing, or when
    /// only `poll_read` can tell. For streams that are known to be readable: nothing here lets others take their turn.
    fn read_now(&self, _buffer: &mut Vec<u8>) -> io::Result<usize> {
        Err(io::ErrorKind::WouldBlock.into())
    }
}

impl Readable for TcpStream {
    fn poll_readable(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_read_ready(context)
    }

    // The system call itself: the C library's is a point where threads can be cancelled, and pays for that.
    #[inline]
    fn read_now(&self, buffer: &mut Vec<u8>) -> io::Result<usize> {
        let room = buffer.capacity() - buffer.len();
        let mut read = None;
        let result = self.try_io(Interest::READABLE, || {
            let (count, _) = rustix::net::recv(self, rustix::buffer::spare_capacity(buffer), RecvFlags::empty())?;
            read = Some(count);
            // A short read has emptied the socket. The runtime is told so, as it tells itself in a read of its own.
            if (1..room).contains(&count) { Err(io::ErrorKind::WouldBlock.into()) } else { Ok(count) }
        });
        read.map_or(result, Ok)
    }
}

/// A stream that can be written to without preparing to wait: there is nearly always room.
pub trait Writable: AsyncWrite {
    /// Writes what there is room for now; `WouldBlock` when there is none, or when only `poll_write` can tell.
    fn write_now(&self, bytes: &[u8]) -> io::Result<usize>;
}

impl Writable for TcpStream {
    fn write_now(&self, bytes: &[u8]) -> io::Result<usize> {
        self.try_io(Interest::WRITABLE, || Ok(rustix::net::send(self, bytes, QUIETLY)?))
    }
}

impl<S: Writable + Unpin> Writable for &Shared<'_, S> {
    fn write_now(&self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow().write_now(bytes)
    }
}

/// A broken connection is an error, not a signal.
#[cfg(not(target_vendor = "apple"))]
pub const QUIETLY: SendFlags = SendFlags::NOSIGNAL;
/// There it is an option of the socket, set when it was accepted or made.
#[cfg(target_vendor = "apple")]
pub const QUIETLY: SendFlags = SendFlags::empty();

/// A stream whose bytes may be those of a socket.
pub trait Plain {
    /// The socket, when its bytes are the stream's own: not encrypted, and in nobody else's hands.
    fn plain(&self) -> Option<&TcpStream>;
}

impl Plain for TcpStream {
    fn plain(&self) -> Option<&TcpStream> {
        Some(self)
    }
}

impl<S> Plain for &Shared<'_, S> {
    fn plain(&self) -> Option<&TcpStream> {
        None
    }
}

/// A stream both halves may use.
#[derive(Debug)]
pub struct Shared<'a, S>(RefCell<&'a mut S>);

impl<'a, S> Shared<'a, S> {
    /// Shares a stream for as long as this lives.
    pub fn new(stream: &'a mut S) -> Self {
        Self(RefCell::new(stream))
    }
}

impl<S: Readable> Readable for &Shared<'_, S> {
    fn poll_readable(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.borrow().poll_readable(context)
    }

    fn read_now(&self, buffer: &mut Vec<u8>) -> io::Result<usize> {
        self.0.borrow().read_now(buffer)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for &Shared<'_, S> {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut **self.0.borrow_mut()).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for &Shared<'_, S> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut **self.0.borrow_mut()).poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut **self.0.borrow_mut()).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut **self.0.borrow_mut()).poll_shutdown(context)
    }
}
