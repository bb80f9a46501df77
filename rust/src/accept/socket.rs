//! A client's TCP socket. The runtime hears of it when it first has to wait: a request that is there when its connection is
//! accepted, and whose answer the kernel takes at once, costs no registration. One that waits to be read is registered for
//! that alone: registered for writing too, it would wake its core at once with the news that it can be written to.

use std::{
    cell::{OnceCell, RefCell},
    io::{self, IoSlice, Write},
    net::{Shutdown, TcpStream as StdTcpStream},
    os::fd::AsRawFd,
    pin::Pin,
    task::{Context, Poll, ready},
};

use rustix::net::RecvFlags;
use tokio::{
    io::{AsyncRead, AsyncWrite, Interest, ReadBuf, unix::AsyncFd},
    net::TcpStream,
};

use crate::per_core::shared::{QUIETLY, Readable, Writable};

/// What is waited for so far.
#[derive(Debug)]
enum Early {
    Nothing(StdTcpStream),
    Reading(AsyncFd<StdTcpStream>),
    /// Everything, and then it is in `known`; or it could not be registered.
    Moved,
}

/// A connected socket that does not block.
#[derive(Debug)]
pub struct Socket {
    early: RefCell<Early>,
    known: OnceCell<TcpStream>,
}

/// Something that owns a descriptor, registered to be read.
#[expect(deprecated, reason = "what has to be promised to its successor, who owns a descriptor keeps anyway")]
pub(super) fn reading<T: AsRawFd>(owner: T) -> io::Result<AsyncFd<T>> {
    AsyncFd::with_interest(owner, Interest::READABLE)
}

impl Early {
    fn socket(&self) -> Option<&StdTcpStream> {
        match self {
            Self::Nothing(socket) => Some(socket),
            Self::Reading(registered) => Some(registered.get_ref()),
            Self::Moved => None,
        }
    }

    /// Registered to be read. A socket that cannot be is gone.
    fn registered(&mut self) -> io::Result<&AsyncFd<StdTcpStream>> {
        if let Self::Nothing(_) = self
            && let Self::Nothing(socket) = std::mem::replace(self, Self::Moved)
        {
            *self = Self::Reading(reading(socket)?);
        }
        match self {
            Self::Reading(registered) => Ok(registered),
            _ => Err(io::ErrorKind::NotConnected.into()),
        }
    }

    fn into_socket(self) -> io::Result<StdTcpStream> {
        match self {
            Self::Nothing(socket) => Ok(socket),
            Self::Reading(registered) => Ok(registered.into_inner()),
            Self::Moved => Err(io::ErrorKind::NotConnected.into()),
        }
    }
}

impl Socket {
    /// A socket that was just accepted and is set not to block.
    pub fn new(accepted: StdTcpStream) -> Self {
        Self { early: RefCell::new(Early::Nothing(accepted)), known: OnceCell::new() }
    }

    /// The socket as it can be waited for in every way, from now on.
    pub fn known(&self) -> io::Result<&TcpStream> {
        if let Some(known) = self.known.get() {
            return Ok(known);
        }
        let known = TcpStream::from_std(self.early.replace(Early::Moved).into_socket()?)?;
        Ok(self.known.get_or_init(|| known))
    }

    /// Does something with a socket that never had to wait to be written to; `None` when it had to.
    #[inline]
    fn at_once<T>(&self, act: impl FnOnce(&StdTcpStream) -> io::Result<T>) -> Option<io::Result<T>> {
        self.early.borrow().socket().map(act)
    }

    /// Waits for the first time, or as what it has become.
    #[cold]
    fn poll_first(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.known.get() {
            Some(known) => known.poll_read_ready(context),
            None => {
                self.early.borrow_mut().registered()?.poll_read_ready(context).map_ok(|mut ready| ready.retain_ready())
            }
        }
    }

    fn known_mut(&mut self) -> io::Result<Pin<&mut TcpStream>> {
        self.known()?;
        self.known.get_mut().map(Pin::new).ok_or_else(|| io::ErrorKind::NotConnected.into())
    }
}

/// Reads behind what the buffer holds.
fn receive(socket: &StdTcpStream, buffer: &mut Vec<u8>) -> io::Result<usize> {
    let (count, _) = rustix::net::recv(socket, rustix::buffer::spare_capacity(buffer), RecvFlags::empty())?;
    Ok(count)
}

impl Readable for Socket {
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a layer between two calls; measured")]
    fn poll_readable(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if let Early::Reading(registered) = &*self.early.borrow() {
            return registered.poll_read_ready(context).map_ok(|mut ready| ready.retain_ready());
        }
        self.poll_first(context)
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a layer between two calls; measured")]
    fn read_now(&self, buffer: &mut Vec<u8>) -> io::Result<usize> {
        match &*self.early.borrow() {
            Early::Nothing(socket) => receive(socket, buffer),
            Early::Reading(registered) => {
                let room = buffer.capacity() - buffer.len();
                let mut read = None;
                let result = registered.try_io(Interest::READABLE, |socket| {
                    let count = receive(socket, buffer)?;
                    read = Some(count);
                    // A short read has emptied the socket, which the runtime is told so.
                    if (1..room).contains(&count) { Err(io::ErrorKind::WouldBlock.into()) } else { Ok(count) }
                });
                read.map_or(result, Ok)
            }
            Early::Moved => self.known()?.read_now(buffer),
        }
    }
}

impl Writable for Socket {
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a layer between two calls; measured")]
    fn write_now(&self, bytes: &[u8]) -> io::Result<usize> {
        match self.at_once(|socket| Ok(rustix::net::send(socket, bytes, QUIETLY)?)) {
            Some(written) => written,
            None => self.known()?.write_now(bytes),
        }
    }
}

impl AsyncRead for Socket {
    #[inline]
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, room: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let socket = self.get_mut();
        if let Some(known) = socket.known.get_mut() {
            return Pin::new(known).poll_read(context, room);
        }
        let registered = socket.early.get_mut().registered()?;
        loop {
            let mut ready = ready!(registered.poll_read_ready(context))?;
            let read = ready.try_io(|registered| {
                Ok(rustix::net::recv(registered.get_ref(), room.initialize_unfilled(), RecvFlags::empty())?.0)
            });
            if let Ok(read) = read {
                room.advance(read?);
                return Poll::Ready(Ok(()));
            }
        }
    }
}

impl AsyncWrite for Socket {
    #[inline]
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let socket = self.get_mut();
        match socket.at_once(|mut socket| socket.write(bytes)) {
            Some(Err(error)) if error.kind() == io::ErrorKind::WouldBlock => {}
            Some(written) => return Poll::Ready(written),
            None => {}
        }
        socket.known_mut()?.poll_write(context, bytes)
    }

    #[inline]
    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let socket = self.get_mut();
        match socket.at_once(|mut socket| socket.write_vectored(pieces)) {
            Some(Err(error)) if error.kind() == io::ErrorKind::WouldBlock => {}
            Some(written) => return Poll::Ready(written),
            None => {}
        }
        socket.known_mut()?.poll_write_vectored(context, pieces)
    }

    #[inline]
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let socket = self.get_mut();
        match socket.at_once(|socket| socket.shutdown(Shutdown::Write)) {
            Some(shut) => Poll::Ready(shut),
            None => socket.known_mut()?.poll_shutdown(context),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::Read,
        net::TcpListener,
        task::{Context, Waker},
    };

    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    fn pair() -> (StdTcpStream, Socket) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = StdTcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let accepted = listener.accept().unwrap().0;
        accepted.set_nonblocking(true).unwrap();
        (client, Socket::new(accepted))
    }

    /// Reads until there is something; the kernel delivers on loopback at once, but not before it does.
    fn read(socket: &Socket) -> Vec<u8> {
        let mut buffer = Vec::with_capacity(100);
        while buffer.is_empty() {
            match socket.read_now(&mut buffer) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => std::thread::yield_now(),
                read => assert!(read.unwrap() > 0),
            }
        }
        buffer
    }

    // There is no runtime here: to register would panic.
    #[test]
    fn what_is_there_is_read_and_what_fits_is_written_without_the_runtime() {
        let (mut client, mut socket) = pair();
        client.write_all(b"question").unwrap();
        assert_eq!(read(&socket), b"question");
        assert_eq!(socket.write_now(b"answer").unwrap(), 6);
        let mut context = Context::from_waker(Waker::noop());
        let pieces = [IoSlice::new(b" and"), IoSlice::new(b" more")];
        let written = Pin::new(&mut socket).poll_write_vectored(&mut context, &pieces);
        assert!(matches!(written, Poll::Ready(Ok(9))), "{written:?}");
        assert!(matches!(Pin::new(&mut socket).poll_shutdown(&mut context), Poll::Ready(Ok(()))));
        let mut answer = String::new();
        client.read_to_string(&mut answer).unwrap();
        assert_eq!(answer, "answer and more");
    }

    fn run(test: impl Future<Output = ()>) {
        tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap().block_on(test);
    }

    #[test]
    fn who_waits_to_read_is_registered_for_that_alone() {
        run(async {
            let (mut client, mut socket) = pair();
            let mut context = Context::from_waker(Waker::noop());
            assert!(socket.poll_readable(&mut context).is_pending());
            assert!(matches!(*socket.early.borrow(), Early::Reading(_)));
            client.write_all(b"one").unwrap();
            std::future::poll_fn(|context| socket.poll_readable(context)).await.unwrap();
            let mut buffer = Vec::with_capacity(100);
            assert_eq!(socket.read_now(&mut buffer).unwrap(), 3);
            assert!(socket.poll_readable(&mut context).is_pending(), "a short read says that nothing is left");
            client.write_all(b"two").unwrap();
            assert_eq!(socket.read_buf(&mut buffer).await.unwrap(), 3);
            assert_eq!(buffer, b"onetwo");
            assert!(socket.known.get().is_none());
        });
    }

    #[test]
    fn who_waits_to_write_goes_on_when_there_is_room() {
        const LENGTH: usize = 20_000_000;
        run(async {
            let (mut client, mut socket) = pair();
            let reading = std::thread::spawn(move || {
                let mut all = Vec::new();
                client.read_to_end(&mut all).unwrap();
                all
            });
            let bytes: Vec<u8> = (0..LENGTH).map(|at| at as u8).collect();
            socket.write_all(&bytes).await.unwrap();
            socket.shutdown().await.unwrap();
            assert!(reading.join().unwrap() == bytes);
        });
    }

    #[test]
    fn the_registered_socket_is_the_same_one() {
        run(async {
            let (mut client, socket) = pair();
            let mut context = Context::from_waker(Waker::noop());
            assert!(socket.poll_readable(&mut context).is_pending());
            let peer = socket.known().unwrap().peer_addr().unwrap();
            assert_eq!(peer, client.local_addr().unwrap());
            client.write_all(b"x").unwrap();
            let mut buffer = Vec::with_capacity(10);
            std::future::poll_fn(|context| socket.poll_readable(context)).await.unwrap();
            assert_eq!(socket.read_now(&mut buffer).unwrap(), 1);
        });
    }
}
