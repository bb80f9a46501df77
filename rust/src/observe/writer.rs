//! The one thread that writes access log pages, behind a bounded ring: a slow disk loses lines (and counts them), never speed.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    },
    thread::JoinHandle,
};

use crate::config::AccessLog;

/// Pages that may wait for the disk.
const RING: usize = 256;

/// Lines so far, of the whole node.
#[derive(Debug, Default)]
pub struct LogCounts {
    /// Written.
    pub written: AtomicU64,
    /// Lost: the ring was full or the disk refused them.
    pub dropped: AtomicU64,
}

enum Message {
    Page(Vec<u8>, u64),
    Reopen(File),
    /// Answered when everything before it was written.
    Flush(SyncSender<()>),
}

/// A core's end of the ring.
#[derive(Clone)]
pub struct LogSink {
    sender: Option<SyncSender<Message>>,
    counts: Arc<LogCounts>,
}

impl std::fmt::Debug for LogSink {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("LogSink")
    }
}

impl LogSink {
    /// Whether anybody wants lines.
    pub fn is_on(&self) -> bool {
        self.sender.is_some()
    }

    /// Hands a page over; gives it back when the ring is full (its lines are counted as lost).
    pub fn send(&self, page: Vec<u8>, lines: u64) -> Option<Vec<u8>> {
        match self.sender.as_ref()?.try_send(Message::Page(page, lines)) {
            Ok(()) => None,
            Err(TrySendError::Full(message) | TrySendError::Disconnected(message)) => {
                self.counts.dropped.fetch_add(lines, Ordering::Relaxed);
                if let Message::Page(page, _) = message { Some(page) } else { None }
            }
        }
    }
}

/// The writer thread.
pub struct LogWriter {
    sender: Option<SyncSender<Message>>,
    counts: Arc<LogCounts>,
    thread: Option<JoinHandle<()>>,
}

impl std::fmt::Debug for LogWriter {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("LogWriter")
    }
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().append(true).create(true).open(path)
}

impl LogWriter {
    /// Opens the log and starts the thread; without a log there is none.
    pub fn start(target: &AccessLog) -> io::Result<Self> {
        let counts = Arc::<LogCounts>::default();
        let out: Box<dyn Write + Send> = match target {
            AccessLog::Off {} => return Ok(Self { sender: None, counts, thread: None }),
            AccessLog::Stdout {} => Box::new(io::stdout()),
            AccessLog::File { path } => Box::new(open(path)?),
        };
        let (sender, receiver) = sync_channel(RING);
        let of_thread = counts.clone();
        let thread =
            std::thread::Builder::new().name("apigw-log".into()).spawn(move || write(&receiver, out, &of_thread))?;
        Ok(Self { sender: Some(sender), counts, thread: Some(thread) })
    }

    /// The ring's other end, for a core.
    pub fn sink(&self) -> LogSink {
        LogSink { sender: self.sender.clone(), counts: self.counts.clone() }
    }

    /// What was written and lost.
    pub fn counts(&self) -> &Arc<LogCounts> {
        &self.counts
    }

    /// Opens the file anew (it may have been moved away); the old one stays when that fails.
    pub fn reopen(&self, target: &AccessLog) -> io::Result<()> {
        if let (AccessLog::File { path }, Some(sender)) = (target, &self.sender) {
            let file = open(path)?;
            // A thread that is gone has nothing to reopen.
            let _ = sender.send(Message::Reopen(file));
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

fn write(receiver: &Receiver<Message>, mut out: Box<dyn Write + Send>, counts: &LogCounts) {
    while let Ok(message) = receiver.recv() {
        match message {
            Message::Page(page, lines) => {
                // A full disk must not end the log: the page is lost and counted, the next one is tried again.
                let counter = match out.write_all(&page).and_then(|()| out.flush()) {
                    Ok(()) => &counts.written,
                    Err(_) => &counts.dropped,
                };
                counter.fetch_add(lines, Ordering::Relaxed);
            }
            Message::Reopen(file) => out = Box::new(file),
            Message::Flush(done) => {
                let _ = done.send(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directory(name: &str) -> std::path::PathBuf {
        let path = std::env::temp_dir().join(format!("apigw-log-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        path
    }

    #[test]
    fn pages_arrive_in_order_and_the_file_can_be_moved_away() {
        let directory = directory("reopen");
        let target = AccessLog::File { path: directory.join("access.log") };
        let writer = LogWriter::start(&target).unwrap();
        let sink = writer.sink();
        assert!(sink.send(b"1\n2\n".to_vec(), 2).is_none());
        writer.flush();
        std::fs::rename(directory.join("access.log"), directory.join("old.log")).unwrap();
        writer.reopen(&target).unwrap();
        assert!(sink.send(b"3\n".to_vec(), 1).is_none());
        writer.flush();
        assert_eq!(std::fs::read(directory.join("old.log")).unwrap(), b"1\n2\n");
        assert_eq!(std::fs::read(directory.join("access.log")).unwrap(), b"3\n");
        assert_eq!(
            (writer.counts().written.load(Ordering::Relaxed), writer.counts().dropped.load(Ordering::Relaxed)),
            (3, 0)
        );
        drop(sink);
        drop(writer);
        std::fs::remove_dir_all(directory).unwrap();
    }

    #[test]
    fn a_full_disk_loses_lines_and_counts_them() {
        let writer = LogWriter::start(&AccessLog::File { path: "/dev/full".into() }).unwrap();
        let sink = writer.sink();
        sink.send(b"1\n".to_vec(), 1);
        writer.flush();
        assert_eq!(
            (writer.counts().written.load(Ordering::Relaxed), writer.counts().dropped.load(Ordering::Relaxed)),
            (0, 1)
        );
        drop(sink);
    }

    #[test]
    fn a_full_ring_gives_the_page_back() {
        let (sender, receiver) = sync_channel(1);
        let sink = LogSink { sender: Some(sender), counts: Arc::default() };
        assert!(sink.send(b"1\n".to_vec(), 1).is_none());
        assert_eq!(sink.send(b"2\n3\n".to_vec(), 2), Some(b"2\n3\n".to_vec()));
        assert_eq!(sink.counts.dropped.load(Ordering::Relaxed), 2);
        drop(receiver);
    }
}
