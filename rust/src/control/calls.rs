//! The queue of pulled calls. No thread of ours attaches to the interpreter: Python watches a pipe and takes batches.

use std::{
    collections::{HashMap, VecDeque},
    io::{self, PipeReader, PipeWriter, Read, Write},
    os::fd::{AsRawFd, RawFd},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::sync::oneshot;

/// A call as Python takes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Names the call in `answer` and `cancelled`.
    pub id: u64,
    /// `control` or `cancelled`.
    pub kind: &'static str,
    /// JSON.
    pub head: Vec<u8>,
    /// The request's body.
    pub body: Vec<u8>,
}

/// What Python gave back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// JSON: `{"status":200,"headers":[[name,value]]}`.
    pub head: Vec<u8>,
    /// The body.
    pub body: Vec<u8>,
}

/// The queue takes no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the queue of management calls is full")]
pub struct Full;

#[derive(Debug, Default)]
struct Inner {
    queue: VecDeque<Call>,
    bytes: usize,
    answers: HashMap<u64, oneshot::Sender<Answer>>,
    last_id: u64,
    /// Whether a byte is in the pipe (or on its way): it holds one at most.
    woken: bool,
}

/// The queue and its pipe; shared by all cores and the control thread.
#[derive(Debug)]
pub struct Calls {
    inner: Arc<Mutex<Inner>>,
    waiting: AtomicUsize,
    most: usize,
    most_bytes: usize,
    reader: PipeReader,
    writer: Mutex<PipeWriter>,
}

/// A call that waits for its answer; dropping it cancels.
#[derive(Debug)]
pub struct Pending<'a> {
    calls: &'a Calls,
    id: u64,
    answer: oneshot::Receiver<Answer>,
}

impl Calls {
    /// An empty queue for so many calls and bytes.
    pub fn new(most: usize, most_bytes: usize) -> io::Result<Self> {
        let (reader, writer) = io::pipe()?;
        let calls = Self {
            inner: Arc::default(),
            waiting: AtomicUsize::new(0),
            most,
            most_bytes,
            reader,
            writer: Mutex::new(writer),
        };
        set_nonblocking(&calls.reader)?;
        Ok(calls)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The pipe's reading end: drain it, then take calls until there are none.
    pub fn fd(&self) -> RawFd {
        self.reader.as_raw_fd()
    }

    /// Calls not answered yet.
    pub fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// Queues a call.
    pub fn push(&self, head: Vec<u8>, body: Vec<u8>) -> Result<Pending<'_>, Full> {
        let mut inner = self.lock();
        let size = head.len() + body.len();
        // One call is always let in, so that the limit in bytes cannot refuse what the limit of a body allows.
        if inner.answers.len() >= self.most || (inner.bytes > 0 && inner.bytes + size > self.most_bytes) {
            return Err(Full);
        }
        inner.last_id += 1;
        let id = inner.last_id;
        let (sender, answer) = oneshot::channel();
        inner.answers.insert(id, sender);
        self.waiting.store(inner.answers.len(), Ordering::Relaxed);
        inner.bytes += size;
        inner.queue.push_back(Call { id, kind: "control", head, body });
        self.wake(inner);
        Ok(Pending { calls: self, id, answer })
    }

    fn wake(&self, mut inner: MutexGuard<'_, Inner>) {
        if !std::mem::replace(&mut inner.woken, true) {
            drop(inner);
            // One byte in an empty pipe always fits; a closed reader means that nobody will ever answer.
            let _ = self.writer.lock().unwrap_or_else(PoisonError::into_inner).write(&[1]);
        }
    }

    /// Everything that waits to be taken; empties the pipe too.
    pub fn take(&self) -> Vec<Call> {
        let mut inner = self.lock();
        if std::mem::take(&mut inner.woken) {
            // The writer may be a moment late; then the reader wakes once more and finds an empty queue.
            let _ = (&self.reader).read(&mut [0; 16]);
        }
        inner.bytes = 0;
        inner.queue.drain(..).collect()
    }

    /// Answers a call; an unknown id (its client went away) is ignored.
    pub fn answer(&self, id: u64, answer: Answer) {
        let sender = {
            let mut inner = self.lock();
            let sender = inner.answers.remove(&id);
            self.waiting.store(inner.answers.len(), Ordering::Relaxed);
            sender
        };
        if let Some(sender) = sender {
            let _ = sender.send(answer);
        }
    }

    fn cancel(&self, id: u64) {
        let mut inner = self.lock();
        if inner.answers.remove(&id).is_none() {
            return;
        }
        self.waiting.store(inner.answers.len(), Ordering::Relaxed);
        if let Some(at) = inner.queue.iter().position(|call| call.id == id) {
            // Not taken yet: nobody has to hear of it.
            if let Some(call) = inner.queue.remove(at) {
                inner.bytes -= (call.head.len() + call.body.len()).min(inner.bytes);
            }
            return;
        }
        inner.queue.push_back(Call { id, kind: "cancelled", head: Vec::new(), body: Vec::new() });
        self.wake(inner);
    }
}

impl Pending<'_> {
    /// Waits for the answer; `None` when there will be none.
    pub async fn answer(&mut self) -> Option<Answer> {
        (&mut self.answer).await.ok()
    }
}

impl Drop for Pending<'_> {
    fn drop(&mut self) {
        self.calls.cancel(self.id);
    }
}

/// Makes the pipe's reading end non-blocking, as its reader is an event loop.
fn set_nonblocking(reader: &PipeReader) -> io::Result<()> {
    // A socket option call works on any descriptor: O_NONBLOCK is the file's, not the socket's.
    socket2::SockRef::from(reader).set_nonblocking(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn readable(calls: &Calls) -> bool {
        matches!((&calls.reader).read(&mut [0; 16]), Ok(count) if count > 0)
    }

    #[test]
    fn a_call_is_taken_and_answered_once() {
        let calls = Calls::new(10, 100).unwrap();
        assert!(!readable(&calls));
        let mut pending = calls.push(b"{}".to_vec(), b"body".to_vec()).unwrap();
        let _other = calls.push(b"{}".to_vec(), Vec::new()).unwrap();
        let taken = calls.take();
        assert_eq!(taken.iter().map(|call| (call.id, call.kind)).collect::<Vec<_>>(), [(1, "control"), (2, "control")]);
        assert!(!readable(&calls), "taking empties the pipe");
        calls.answer(77, Answer { head: Vec::new(), body: Vec::new() });
        calls.answer(1, Answer { head: b"h".to_vec(), body: b"b".to_vec() });
        assert_eq!(pending.answer.try_recv().unwrap().body, b"b");
        assert_eq!(calls.waiting(), 1);
        drop(pending);
        assert!(calls.take().is_empty(), "an answered call is not cancelled");
    }

    #[test]
    fn the_pipe_holds_one_byte_however_many_calls_wait() {
        let calls = Calls::new(10, 100).unwrap();
        let pending: Vec<_> = (0..5).map(|_| calls.push(Vec::new(), Vec::new()).unwrap()).collect();
        assert_eq!((&calls.reader).read(&mut [0; 16]).unwrap(), 1);
        drop(pending);
    }

    #[test]
    fn it_is_bounded_in_count_and_bytes() {
        let calls = Calls::new(2, 10).unwrap();
        let big = calls.push(Vec::new(), vec![0; 50]).unwrap();
        assert_eq!(calls.push(Vec::new(), vec![0; 1]).unwrap_err(), Full, "bytes");
        drop(big);
        let pending: Vec<_> = (0..2).map(|_| calls.push(Vec::new(), vec![0; 5]).unwrap()).collect();
        assert_eq!(calls.push(Vec::new(), Vec::new()).unwrap_err(), Full, "count");
        calls.take();
        assert_eq!(calls.push(Vec::new(), Vec::new()).unwrap_err(), Full, "taken calls count until they are answered");
        drop(pending);
        assert!(calls.push(Vec::new(), Vec::new()).is_ok());
    }

    #[test]
    fn a_client_that_went_away_is_told_only_when_the_call_was_taken() {
        let calls = Calls::new(10, 100).unwrap();
        drop(calls.push(Vec::new(), Vec::new()).unwrap());
        assert!(calls.take().is_empty());
        let pending = calls.push(Vec::new(), Vec::new()).unwrap();
        calls.take();
        drop(pending);
        let taken = calls.take();
        assert_eq!(taken.iter().map(|call| (call.id, call.kind)).collect::<Vec<_>>(), [(2, "cancelled")]);
    }
}
