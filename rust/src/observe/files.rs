//! The files of stages' logs: opened when they have a line, by the name of their log group or delivery stream, under one
//! directory. A file that cannot be written to loses its lines, and standard error says so once.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use rustc_hash::{FxHashMap, FxHashSet};

use crate::config::StageLogs;

/// Files that are open at once; one more closes them all.
const OPEN: usize = 256;

/// Opens a log to append to.
pub(super) fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().append(true).create(true).open(path)
}

/// Where a log is below the directory of stages' logs. The names of log groups hold slashes, those of files cannot.
pub(super) fn file_of(directory: &Path, log: &str) -> PathBuf {
    let (region, name) = log.split_once('/').unwrap_or(("", log));
    directory.join(region).join(format!("{}.log", name.replace('/', "+")))
}

/// All logs of stages.
#[derive(Debug)]
pub(super) struct Files {
    to: StageLogs,
    open: FxHashMap<Arc<str>, File>,
    /// Logs whose last lines could not be written.
    failing: FxHashSet<Arc<str>>,
}

impl Files {
    pub(super) fn new(to: StageLogs) -> Self {
        Self { to, open: FxHashMap::default(), failing: FxHashSet::default() }
    }

    /// Appends lines to a log.
    pub(super) fn write(&mut self, log: &Arc<str>, bytes: &[u8]) -> io::Result<()> {
        let written = match &self.to {
            StageLogs::Stdout {} => {
                let mut out = io::stdout();
                out.write_all(bytes).and_then(|()| out.flush())
            }
            StageLogs::Directory { path } => {
                let path = file_of(path, log);
                self.append(log, &path, bytes).inspect_err(|error| self.complain(log, &path, error))
            }
        };
        if written.is_ok() {
            self.failing.remove(log);
        }
        written
    }

    fn append(&mut self, log: &Arc<str>, path: &Path, bytes: &[u8]) -> io::Result<()> {
        if let Some(mut file) = self.open.get(log) {
            return file.write_all(bytes);
        }
        if self.open.len() >= OPEN {
            self.open.clear();
        }
        if let Some(directory) = path.parent() {
            std::fs::create_dir_all(directory)?;
        }
        let mut file = open(path)?;
        let written = file.write_all(bytes);
        self.open.insert(log.clone(), file);
        written
    }

    fn complain(&mut self, log: &Arc<str>, path: &Path, error: &io::Error) {
        // What was opened is opened again: it may be gone.
        self.open.remove(log);
        if self.failing.insert(log.clone()) {
            // Standard error may be on the same full disk: then only the metric tells.
            let _ = writeln!(io::stderr(), "lines of the log {} are lost: {error}", path.display());
        }
    }

    /// Closes every file, so that the next line opens it anew.
    pub(super) fn close(&mut self) {
        self.open.clear();
    }
}
