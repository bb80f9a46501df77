//! Pipes that long bodies pass through from one socket to another without being copied into the process (Linux's `splice`).
//! A pipe is used again only when it is empty; where there are none, bodies are copied.

use std::{cell::RefCell, io, os::fd::OwnedFd, rc::Rc};

use tokio::{io::Interest, net::TcpStream};

/// Pipes one core may have: what lies in them is memory of the kernel, which the node's budget does not know.
const MOST: usize = 64;
/// What a pipe is asked to have room for. The kernel counts segments, not bytes: a segment of one Ethernet frame takes a
/// page's place, and 64 of them have to hold the 64 KB an answer is held for.
const ROOM: usize = 64 * 4096;

/// One core's pipes.
#[derive(Debug, Default)]
pub struct Pipes {
    free: RefCell<Vec<Pipe>>,
    open: Rc<()>,
}

/// A pipe and how many bytes are in it.
#[derive(Debug)]
pub struct Pipe {
    reader: OwnedFd,
    writer: OwnedFd,
    held: usize,
    /// Counts this pipe as long as it lives.
    _open: Rc<()>,
}

/// What moving bytes into a pipe came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filled {
    /// So many bytes; none at the end of the stream.
    Bytes(usize),
    /// There are bytes, and no room for them.
    Full,
}

impl Pipes {
    /// An empty pipe; `None` when there are enough of them, or the system has none.
    pub fn take(&self) -> Option<Pipe> {
        if let Some(pipe) = self.free.borrow_mut().pop() {
            return Some(pipe);
        }
        if Rc::strong_count(&self.open) > MOST {
            return None;
        }
        let (reader, writer) = system::pipe(ROOM).ok()?;
        Some(Pipe { reader, writer, held: 0, _open: self.open.clone() })
    }

    /// Takes a pipe back; one that is not empty is closed, and its bytes with it.
    pub fn put(&self, pipe: Pipe) {
        if pipe.held == 0 {
            self.free.borrow_mut().push(pipe);
        }
    }
}

impl Pipe {
    /// Bytes in it.
    pub fn held(&self) -> usize {
        self.held
    }

    /// Moves at most so many bytes from a socket into it; `WouldBlock` when the socket has none yet.
    pub fn fill(&mut self, from: &TcpStream, most: u64) -> io::Result<Filled> {
        let most = usize::try_from(most).unwrap_or(usize::MAX).min(ROOM);
        let filled = from.try_io(Interest::READABLE, || match system::splice(from, &self.writer, most) {
            // Either side may be why. That the socket has bytes must not be taken for their absence: no event would follow.
            Err(error) if error.kind() == io::ErrorKind::WouldBlock && system::has_bytes(from)? => Ok(Filled::Full),
            moved => moved.map(Filled::Bytes),
        });
        if let Ok(Filled::Bytes(count)) = filled {
            self.held += count;
        }
        filled
    }

    /// Moves what is in it to a socket, as far as that takes it; `WouldBlock` when it takes nothing.
    pub fn empty(&mut self, to: &TcpStream) -> io::Result<()> {
        let moved = to.try_io(Interest::WRITABLE, || system::splice(&self.reader, to, self.held))?;
        self.held -= moved;
        Ok(())
    }

    /// Copies what is in it behind what a buffer holds.
    pub fn pour(&mut self, buffer: &mut Vec<u8>) -> io::Result<()> {
        buffer.reserve(self.held);
        while self.held > 0 {
            self.held -= system::read(&self.reader, buffer)?;
        }
        Ok(())
    }
}

#[cfg(target_os = "linux")]
mod system {
    use std::{
        io,
        os::fd::{AsFd, OwnedFd},
    };

    use rustix::pipe::{PipeFlags, SpliceFlags, fcntl_setpipe_size, pipe_with};

    pub(super) fn pipe(room: usize) -> io::Result<(OwnedFd, OwnedFd)> {
        let (reader, writer) = pipe_with(PipeFlags::CLOEXEC | PipeFlags::NONBLOCK)?;
        fcntl_setpipe_size(&writer, room)?;
        Ok((reader, writer))
    }

    pub(super) fn splice(from: &impl AsFd, to: &impl AsFd, most: usize) -> io::Result<usize> {
        // A broken connection would raise SIGPIPE here; Rust's runtime and Python's ignore that signal.
        Ok(rustix::pipe::splice(from, None, to, None, most, SpliceFlags::NONBLOCK | SpliceFlags::MOVE)?)
    }

    pub(super) fn has_bytes(socket: &impl AsFd) -> io::Result<bool> {
        Ok(rustix::io::ioctl_fionread(socket)? > 0)
    }

    pub(super) fn read(from: &OwnedFd, buffer: &mut Vec<u8>) -> io::Result<usize> {
        Ok(rustix::io::read(from, rustix::buffer::spare_capacity(buffer))?)
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use std::{
        io,
        os::fd::{AsFd, OwnedFd},
    };

    pub(super) fn pipe(_room: usize) -> io::Result<(OwnedFd, OwnedFd)> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(super) fn splice(_from: &impl AsFd, _to: &impl AsFd, _most: usize) -> io::Result<usize> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(super) fn has_bytes(_socket: &impl AsFd) -> io::Result<bool> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(super) fn read(_from: &OwnedFd, _buffer: &mut Vec<u8>) -> io::Result<usize> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    use super::*;

    async fn pair() -> (TcpStream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let near = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        (near, listener.accept().await.unwrap().0)
    }

    fn run(test: impl Future<Output = ()>) {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(test);
    }

    #[test]
    fn bytes_pass_in_order_and_no_more_than_asked_for() {
        run(async {
            let pipes = Pipes::default();
            let mut pipe = pipes.take().unwrap();
            let ((mut source, from), (to, mut sink)) = (pair().await, pair().await);
            source.write_all(b"body and what follows").await.unwrap();
            from.readable().await.unwrap();
            assert_eq!(pipe.fill(&from, 4).unwrap(), Filled::Bytes(4));
            to.writable().await.unwrap();
            pipe.empty(&to).unwrap();
            assert_eq!(pipe.held(), 0);
            let mut got = [0; 4];
            sink.read_exact(&mut got).await.unwrap();
            assert_eq!(&got, b"body");
            let mut rest = Vec::new();
            assert_eq!(pipe.fill(&from, 100).unwrap(), Filled::Bytes(17));
            pipe.pour(&mut rest).unwrap();
            assert_eq!(rest, b" and what follows");
            assert_eq!(pipe.fill(&from, 1).unwrap_err().kind(), io::ErrorKind::WouldBlock);
            drop(source);
            from.readable().await.unwrap();
            assert_eq!(pipe.fill(&from, 1).unwrap(), Filled::Bytes(0));
        });
    }

    #[test]
    fn a_full_pipe_is_not_taken_for_a_silent_socket() {
        run(async {
            let pipes = Pipes::default();
            let mut pipe = pipes.take().unwrap();
            let (mut source, from) = pair().await;
            source.set_nodelay(true).unwrap();
            let mut filled = Filled::Bytes(1);
            let mut sent = 0_usize;
            // Every byte comes alone and takes a place of its own.
            while filled != Filled::Full {
                source.write_all(&[b'a' + (sent % 26) as u8]).await.unwrap();
                sent += 1;
                from.readable().await.unwrap();
                filled = pipe.fill(&from, 1).unwrap();
                assert!(sent <= ROOM);
            }
            let mut bytes = Vec::new();
            pipe.pour(&mut bytes).unwrap();
            assert_eq!(bytes.len(), sent - 1);
            assert_eq!(pipe.fill(&from, 1).unwrap(), Filled::Bytes(1), "the socket still counts as readable");
        });
    }

    #[test]
    fn pipes_are_bounded_and_used_again_when_empty_only() {
        run(async {
            let pipes = Pipes::default();
            let mut taken: Vec<Pipe> = std::iter::from_fn(|| pipes.take()).take(MOST + 1).collect();
            assert_eq!(taken.len(), MOST);
            let (mut source, from) = pair().await;
            source.write_all(b"left behind").await.unwrap();
            from.readable().await.unwrap();
            taken[0].fill(&from, 100).unwrap();
            for pipe in taken.drain(..) {
                pipes.put(pipe);
            }
            assert_eq!(pipes.free.borrow().len(), MOST - 1);
            assert!(pipes.free.borrow().iter().all(|pipe| pipe.held() == 0));
        });
    }
}
