//! Reads and writes that end at the connection's deadline. The task is woken by its socket or by the ticker and looks at
//! both; nothing is allocated and no timer is made.

use std::{
    future::poll_fn,
    io::{self, IoSlice},
    pin::{Pin, pin},
    task::Poll,
};

use tokio::io::{AsyncRead, AsyncReadExt};

use super::{
    Core,
    deadlines::Slot,
    shared::{Readable, Writable},
};

/// Why waiting ended without bytes.
#[derive(Debug)]
pub enum Stopped {
    /// The deadline passed.
    Late,
    /// The connection failed.
    Broken(io::Error),
}

impl From<io::Error> for Stopped {
    fn from(error: io::Error) -> Self {
        Self::Broken(error)
    }
}

/// Whether the slot's deadline has passed, by the time last read.
#[inline]
pub fn is_late(core: &Core, slot: &Slot) -> bool {
    slot.at() <= core.clock.now()
}

/// Runs a future until it ends or the deadline passes.
pub async fn before<F: Future>(core: &Core, slot: &Slot, future: F) -> Result<F::Output, Stopped> {
    let mut future = pin!(future);
    poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(output) => Poll::Ready(Ok(output)),
        Poll::Pending if is_late(core, slot) => Poll::Ready(Err(Stopped::Late)),
        Poll::Pending => Poll::Pending,
    })
    .await
}

/// Runs a future until it ends or the core cuts its connections; `None` then. It is pinned by the caller: taken by value it
/// would be in the caller's state twice.
pub async fn unless_cut<F: Future>(core: &Core, mut future: Pin<&mut F>) -> Option<F::Output> {
    poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending if core.cutting.get() => Poll::Ready(None),
        Poll::Pending => Poll::Pending,
    })
    .await
}

/// Waits until a read may give bytes.
pub async fn readable(core: &Core, slot: &Slot, stream: &impl Readable) -> Result<(), Stopped> {
    poll_fn(|context| match stream.poll_readable(context) {
        Poll::Ready(result) => Poll::Ready(result.map_err(Stopped::Broken)),
        Poll::Pending if is_late(core, slot) => Poll::Ready(Err(Stopped::Late)),
        Poll::Pending => Poll::Pending,
    })
    .await
}

/// Reads what there is into the buffer's free room (which must not be empty); 0 is the end of the stream.
pub async fn read<S: AsyncRead + Unpin>(
    core: &Core,
    slot: &Slot,
    stream: &mut S,
    buffer: &mut Vec<u8>,
) -> Result<usize, Stopped> {
    Ok(before(core, slot, stream.read_buf(buffer)).await??)
}

/// Reads from a stream that was found readable: mostly there is nothing to wait for.
#[inline]
pub async fn read_ready<S: AsyncRead + Readable + Unpin>(
    core: &Core,
    slot: &Slot,
    stream: &mut S,
    buffer: &mut Vec<u8>,
) -> Result<usize, Stopped> {
    match stream.read_now(buffer) {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => read(core, slot, stream, buffer).await,
        read => Ok(read?),
    }
}

/// Waits for the first bytes and reads them into a medium buffer, which is taken only once they are there.
pub async fn first_read<S: AsyncRead + Readable + Unpin>(
    core: &Core,
    slot: &Slot,
    stream: &mut S,
    buffer: &mut Vec<u8>,
) -> Result<usize, Stopped> {
    poll_fn(|context| {
        // Mostly the backend has yet to answer, which the runtime knows without a buffer.
        match stream.poll_readable(context) {
            Poll::Ready(Ok(())) => {}
            Poll::Ready(Err(error)) => return Poll::Ready(Err(Stopped::Broken(error))),
            Poll::Pending if is_late(core, slot) => return Poll::Ready(Err(Stopped::Late)),
            Poll::Pending => return Poll::Pending,
        }
        let mut taken = core.buffers.medium();
        let polled = match stream.read_now(&mut taken) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => pin!(stream.read_buf(&mut taken)).poll(context),
            read => Poll::Ready(read),
        };
        match polled {
            Poll::Ready(result) => {
                *buffer = taken;
                Poll::Ready(result.map_err(Stopped::Broken))
            }
            Poll::Pending => {
                core.buffers.put(taken);
                if is_late(core, slot) { Poll::Ready(Err(Stopped::Late)) } else { Poll::Pending }
            }
        }
    })
    .await
}

/// Writes what the kernel takes at once, mostly everything, and says how much: the rest, and what went wrong, is `write_all`'s.
#[inline]
pub fn write_at_once<S: Writable>(stream: &S, bytes: &[u8]) -> usize {
    stream.write_now(bytes).unwrap_or(0)
}

/// Writes everything.
pub async fn write_all<S: Writable + Unpin>(
    core: &Core,
    slot: &Slot,
    stream: &mut S,
    bytes: &[u8],
) -> Result<(), Stopped> {
    let mut done = 0;
    poll_fn(|context| {
        let pending = loop {
            if done == bytes.len() {
                // TLS keeps records until it is told that nothing follows; on a plain socket this does nothing.
                match Pin::new(&mut *stream).poll_flush(context) {
                    Poll::Ready(result) => break Some(result.map_err(Stopped::Broken)),
                    Poll::Pending => break None,
                }
            }
            let written = match stream.write_now(&bytes[done..]) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    Pin::new(&mut *stream).poll_write(context, &bytes[done..])
                }
                written => Poll::Ready(written),
            };
            match written {
                Poll::Ready(Ok(0)) => break Some(Err(Stopped::Broken(io::ErrorKind::WriteZero.into()))),
                Poll::Ready(Ok(count)) => done += count,
                Poll::Ready(Err(error)) => break Some(Err(Stopped::Broken(error))),
                Poll::Pending => break None,
            }
        };
        match pending {
            Some(result) => Poll::Ready(result),
            None if is_late(core, slot) => Poll::Ready(Err(Stopped::Late)),
            None => Poll::Pending,
        }
    })
    .await
}

/// Writes two pieces, with one system call when the kernel takes them.
pub async fn write_both<S: Writable + Unpin>(
    core: &Core,
    slot: &Slot,
    stream: &mut S,
    first: &[u8],
    second: &[u8],
) -> Result<(), Stopped> {
    let mut done = 0;
    while done < first.len() {
        done += poll_fn(|context| {
            let pieces = [IoSlice::new(&first[done..]), IoSlice::new(second)];
            match Pin::new(&mut *stream).poll_write_vectored(context, &pieces) {
                Poll::Ready(Ok(0)) => Poll::Ready(Err(Stopped::Broken(io::ErrorKind::WriteZero.into()))),
                Poll::Ready(result) => Poll::Ready(result.map_err(Stopped::Broken)),
                Poll::Pending if is_late(core, slot) => Poll::Ready(Err(Stopped::Late)),
                Poll::Pending => Poll::Pending,
            }
        })
        .await?;
    }
    let done = done - first.len();
    if done < second.len() { write_all(core, slot, stream, &second[done..]).await } else { Ok(()) }
}
