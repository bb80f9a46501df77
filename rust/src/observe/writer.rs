//! The one thread that writes log pages, behind a bounded ring: a slow disk loses lines (and counts them), never speed.

use std::{
    io::{self, Write},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    },
    thread::{JoinHandle, sleep},
    time::Duration,
};

use super::files::{Files, open};
use crate::config::{AccessLog, StageLogs};

/// Pages and batches that may wait for the disk, of at most some 64 KB each.
const RING: usize = 256;
/// How long pages gather after one was written. To wake this thread for each costs its core more than the page's own write: it
/// runs at once, on that core, and waits there for the very lock it was woken under.
const GATHERING: Duration = Duration::from_millis(10);

/// Lines so far, of the whole node.
#[derive(Debug, Default)]
pub struct LineCounts {
    /// Written.
    pub written: AtomicU64,
    /// Lost: the ring was full or the disk refused them.
    pub dropped: AtomicU64,
}

/// Lines of the gateway's own log and of those that stages ask for.
#[derive(Debug, Default)]
pub struct LogCounts {
    /// The gateway's own.
    pub gateway: LineCounts,
    /// Access and execution logs of stages.
    pub stages: LineCounts,
}

/// Lines for one log of a stage.
#[derive(Debug, PartialEq, Eq)]
pub struct StageLines {
    /// The log, as `StageLog` names it.
    pub log: Arc<str>,
    /// Whole lines.
    pub bytes: Vec<u8>,
    /// How many.
    pub lines: u64,
}

enum Message {
    Page(Vec<u8>, u64),
    Stages(Vec<StageLines>),
    /// The gateway's own log, and all logs of stages, are opened anew.
    Reopen(Option<std::fs::File>),
    /// Answered when everything before it was written.
    Flush(SyncSender<()>),
}

/// A core's end of the ring.
#[derive(Clone)]
pub struct LogSink {
    sender: SyncSender<Message>,
    is_on: bool,
    counts: Arc<LogCounts>,
}

impl std::fmt::Debug for LogSink {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("LogSink")
    }
}

impl LogSink {
    /// Whether anybody wants the gateway's own lines.
    #[inline]
    pub fn is_on(&self) -> bool {
        self.is_on
    }

    /// Hands a page over; gives it back when the ring is full (its lines are counted as lost).
    pub fn send(&self, page: Vec<u8>, lines: u64) -> Option<Vec<u8>> {
        match self.sender.try_send(Message::Page(page, lines)) {
            Ok(()) => None,
            Err(TrySendError::Full(message) | TrySendError::Disconnected(message)) => {
                self.counts.gateway.dropped.fetch_add(lines, Ordering::Relaxed);
                if let Message::Page(page, _) = message { Some(page) } else { None }
            }
        }
    }

    /// Hands lines of stages over; they are lost, and counted, when the ring is full.
    pub fn send_stages(&self, batch: Vec<StageLines>) {
        let lines = batch.iter().map(|one| one.lines).sum();
        if self.sender.try_send(Message::Stages(batch)).is_err() {
            self.counts.stages.dropped.fetch_add(lines, Ordering::Relaxed);
        }
    }
}

/// The writer thread.
pub struct LogWriter {
    sender: Option<SyncSender<Message>>,
    is_on: bool,
    counts: Arc<LogCounts>,
    thread: Option<JoinHandle<()>>,
}

impl std::fmt::Debug for LogWriter {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("LogWriter")
    }
}

impl LogWriter {
    /// Opens the gateway's own log and starts the thread. Logs of stages are opened when they have a line.
    pub fn start(target: &AccessLog, stages: &StageLogs) -> io::Result<Self> {
        let counts = Arc::<LogCounts>::default();
        let gateway: Option<Box<dyn Write + Send>> = match target {
            AccessLog::Off {} => None,
            AccessLog::Stdout {} => Some(Box::new(io::stdout())),
            AccessLog::File { path } => Some(Box::new(open(path)?)),
        };
        let is_on = gateway.is_some();
        let (sender, receiver) = sync_channel(RING);
        let mut writing = Writing { gateway, stages: Files::new(stages.clone()), counts: counts.clone() };
        let thread = std::thread::Builder::new().name("apigw-log".into()).spawn(move || writing.run(&receiver))?;
        Ok(Self { sender: Some(sender), is_on, counts, thread: Some(thread) })
    }

    /// The ring's other end, for a core.
    pub fn sink(&self) -> Option<LogSink> {
        let sender = self.sender.clone()?;
        Some(LogSink { sender, is_on: self.is_on, counts: self.counts.clone() })
    }

    /// What was written and lost.
    pub fn counts(&self) -> &Arc<LogCounts> {
        &self.counts
    }

    /// Opens the files anew (they may have been moved away); the gateway's own stays when that fails.
    pub fn reopen(&self, target: &AccessLog) -> io::Result<()> {
        if let Some(sender) = &self.sender {
            let opened = match target {
                AccessLog::File { path } => open(path).map(Some),
                AccessLog::Off {} | AccessLog::Stdout {} => Ok(None),
            };
            let (file, result) = match opened {
                Ok(file) => (file, Ok(())),
                Err(error) => (None, Err(error)),
            };
            // A thread that is gone has nothing to reopen.
            let _ = sender.send(Message::Reopen(file));
            return result;
        }
        Ok(())
    }

    /// Returns when every page handed over before is written.
    pub fn flush(&self) {
        if let Some(sender) = &self.sender {
            let (done, wait) = sync_channel(1);
            if sender.send(Message::Flush(done)).is_ok() {
                let _ = wait.recv();
            }
        }
    }
}

impl Drop for LogWriter {
    fn drop(&mut self) {
        self.flush();
        self.sender = None;
        // The thread ends when the last core's sink is gone; cores are gone before the writer is dropped.
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// What the thread writes to.
struct Writing {
    gateway: Option<Box<dyn Write + Send>>,
    stages: Files,
    counts: Arc<LogCounts>,
}

impl Writing {
    fn run(&mut self, receiver: &Receiver<Message>) {
        while let Ok(first) = receiver.recv() {
            let mut gathers = self.take(first);
            while gathers {
                sleep(GATHERING);
                gathers = false;
                while let Ok(next) = receiver.try_recv() {
                    gathers |= self.take(next);
                }
            }
        }
    }

    /// Does what a message asks; says whether it brought lines, after which more may come.
    fn take(&mut self, message: Message) -> bool {
        match message {
            Message::Page(page, lines) => {
                let written = match &mut self.gateway {
                    Some(out) => out.write_all(&page).and_then(|()| out.flush()),
                    None => Ok(()),
                };
                count(&self.counts.gateway, lines, &written);
                true
            }
            Message::Stages(batch) => {
                for StageLines { log, bytes, lines } in batch {
                    count(&self.counts.stages, lines, &self.stages.write(&log, &bytes));
                }
                true
            }
            Message::Reopen(file) => {
                if let Some(file) = file {
                    self.gateway = Some(Box::new(file));
                }
                self.stages.close();
                false
            }
            Message::Flush(done) => {
                let _ = done.send(());
                false
            }
        }
    }
}

/// A full disk must not end a log: what it refuses is lost and counted, the next page is tried again.
fn count(counts: &LineCounts, lines: u64, written: &io::Result<()>) {
    let counter = if written.is_ok() { &counts.written } else { &counts.dropped };
    counter.fetch_add(lines, Ordering::Relaxed);
}

#[cfg(test)]
#[path = "writer_tests.rs"]
mod tests;
