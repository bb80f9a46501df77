//! A long body of known length between two plain sockets: what came with the head is written, the rest passes through a pipe
//! and never enters the process. Everything else is as in `forward`: a `BUFFERED` answer is held until complete or 64 KB.

use std::{
    future::poll_fn,
    io::{self, IoSlice},
    task::Poll,
};

use tokio::{
    io::{AsyncRead, Interest},
    net::TcpStream,
};

use super::forward::{Forward, HELD, unwritten};
use crate::{
    accept::{Reply, Sent},
    exchange::Exchange,
    fault::Fault,
    http1::Framing,
    per_core::{
        Filled, Pipe,
        shared::{Plain, Writable},
        timed::{self, Stopped, is_late},
    },
    snapshot::wire::ResponseTransferMode,
    upstream::Failure,
};

/// A rest shorter than this is copied: that costs less than the calls a pipe takes.
const WORTH_IT: u64 = 16 * 1024;

impl<C: Writable + Plain + Unpin, U: AsyncRead + Plain + Unpin> Forward<'_, C, U> {
    /// Forwards an answer of known length, without copying what did not come with its head. `None` when it has to be copied
    /// after all: nothing was sent yet, and `reply.upstream` holds what came so far.
    pub(super) async fn splice(
        &mut self,
        exchange: &mut Exchange,
        reply: &mut Reply,
        length: u64,
    ) -> Result<Option<bool>, Failure> {
        let start = reply.answer.length as usize;
        let here = (reply.upstream.len() - start) as u64;
        let mut left = length.saturating_sub(here);
        // What is logged has to be seen.
        if exchange.data_trace.is_some() {
            return Ok(None);
        }
        if left < WORTH_IT || self.client.plain().is_none() || self.backend.plain().is_none() {
            return Ok(None);
        }
        let Some(mut pipe) = self.core.pipes.take() else { return Ok(None) };
        let wanted = match self.mode {
            ResponseTransferMode::Buffered => length.min(HELD as u64).saturating_sub(here),
            ResponseTransferMode::Stream => 0,
        };
        while (pipe.held() as u64) < wanted {
            match self.fill(&mut pipe, left).await? {
                Filled::Bytes(count) => left -= count as u64,
                // Many small segments: only a buffer holds 64 KB of them.
                Filled::Full => {
                    pipe.pour(&mut reply.upstream).map_err(|_| Fault::INTERNAL)?;
                    self.core.pipes.put(pipe);
                    return Ok(None);
                }
            }
        }
        exchange.response_length = length;
        self.head(exchange, reply, Framing::Length(length))?;
        reply.sent = Sent::Some;
        self.begin(reply, start).await?;
        loop {
            self.hurry(left == 0);
            self.empty(&mut pipe).await?;
            if left == 0 {
                break;
            }
            if let Filled::Bytes(count) = self.fill(&mut pipe, left).await? {
                left -= count as u64;
            }
        }
        reply.sent = Sent::All;
        self.core.pipes.put(pipe);
        Ok(Some(reply.answer.keep_alive))
    }

    /// Writes the head and what came with the backend's; the kernel may wait for the rest before it sends a segment.
    async fn begin(&mut self, reply: &Reply, start: usize) -> Result<(), Failure> {
        let came = &reply.upstream[start..];
        let pieces = [IoSlice::new(&reply.out), IoSlice::new(came)];
        let socket = self.client.plain().ok_or(Failure::Gone)?;
        let written = match socket.try_io(Interest::WRITABLE, || send_more(socket, &pieces)) {
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => 0,
            Err(_) => return Err(Failure::Gone),
        };
        let head = reply.out.len();
        let result = if written < head {
            timed::write_both(self.core, self.slot, self.client, &reply.out[written..], came).await
        } else {
            timed::write_all(self.core, self.slot, self.client, &came[written - head..]).await
        };
        result.map_err(unwritten)
    }

    /// Moves what the backend has sent into the pipe, waiting for it.
    async fn fill(&mut self, pipe: &mut Pipe, most: u64) -> Result<Filled, Failure> {
        let filled = poll_fn(|context| {
            let Some(backend) = self.backend.plain() else { return Poll::Ready(Err(broken())) };
            loop {
                match pipe.fill(backend, most) {
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                    filled => return Poll::Ready(filled.map_err(Stopped::Broken)),
                }
                match backend.poll_read_ready(context) {
                    Poll::Ready(Ok(())) => {}
                    Poll::Ready(Err(error)) => return Poll::Ready(Err(Stopped::Broken(error))),
                    Poll::Pending if is_late(self.core, self.slot) => return Poll::Ready(Err(Stopped::Late)),
                    Poll::Pending => return Poll::Pending,
                }
            }
        })
        .await;
        self.core.clock.refresh();
        match filled {
            Ok(Filled::Bytes(0)) | Err(Stopped::Broken(_)) => Err(Fault::INTEGRATION_FAILURE.into()),
            Ok(filled) => Ok(filled),
            Err(Stopped::Late) => Err(Fault::INTEGRATION_TIMEOUT.into()),
        }
    }

    /// Moves all that is in the pipe to the client.
    async fn empty(&mut self, pipe: &mut Pipe) -> Result<(), Failure> {
        let emptied = poll_fn(|context| {
            let Some(client) = self.client.plain() else { return Poll::Ready(Err(broken())) };
            while pipe.held() > 0 {
                match pipe.empty(client) {
                    Ok(()) => continue,
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                    Err(error) => return Poll::Ready(Err(Stopped::Broken(error))),
                }
                match client.poll_write_ready(context) {
                    Poll::Ready(Ok(())) => {}
                    Poll::Ready(Err(error)) => return Poll::Ready(Err(Stopped::Broken(error))),
                    Poll::Pending if is_late(self.core, self.slot) => return Poll::Ready(Err(Stopped::Late)),
                    Poll::Pending => return Poll::Pending,
                }
            }
            Poll::Ready(Ok(()))
        });
        emptied.await.map_err(unwritten)
    }
}

/// Both were plain when the pipe was taken; should one not be any more, nothing can be moved.
fn broken() -> Stopped {
    Stopped::Broken(io::ErrorKind::Unsupported.into())
}

#[cfg(target_os = "linux")]
fn send_more(socket: &TcpStream, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
    use rustix::net::{SendAncillaryBuffer, SendFlags, sendmsg};
    let flags = SendFlags::MORE | SendFlags::NOSIGNAL;
    Ok(sendmsg(socket, pieces, &mut SendAncillaryBuffer::default(), flags)?)
}

#[cfg(not(target_os = "linux"))]
fn send_more(_socket: &TcpStream, _pieces: &[IoSlice<'_>]) -> io::Result<usize> {
    Err(io::ErrorKind::WouldBlock.into())
}
