//! The logs of one core: lines are put together here and handed to the writer by pages.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::{
    execution_log,
    line::LineFormat,
    page::AccessLogPage,
    room::{Scratch, ScratchBytes},
    variable::Completed,
    writer::{LogSink, StageLines},
};
use crate::snapshot::{plan::StagePlan, wire::LoggingLevel};

/// What a stage logs, and where to.
#[derive(Debug)]
pub struct StageLog {
    /// Its region, a slash, and the name of its log group or delivery stream.
    pub log: Arc<str>,
    /// Where it also logs: a canary's request stands in both.
    pub also: Option<Arc<str>>,
    /// One line a request.
    pub format: LineFormat,
}

/// Bytes of stages' lines that are handed over at once.
const BATCH: usize = 60 * 1024;

/// Lines that were not handed over yet.
#[derive(Debug)]
pub struct Logs {
    sink: LogSink,
    scratch: Box<ScratchBytes>,
    gateway: AccessLogPage,
    stages: FxHashMap<Arc<str>, (Vec<u8>, u64)>,
    /// Bytes in `stages`.
    held: usize,
}

impl Logs {
    /// The logs of a core that hands pages to this writer.
    pub fn new(sink: LogSink) -> Self {
        let scratch = Box::new([0; _]);
        Self { sink, scratch, gateway: AccessLogPage::default(), stages: FxHashMap::default(), held: 0 }
    }

    /// Whether anybody wants the gateway's own lines.
    #[inline]
    pub fn is_on(&self) -> bool {
        self.sink.is_on()
    }

    /// Adds the gateway's own line.
    #[inline]
    pub fn push(&mut self, format: &LineFormat, completed: &Completed<'_>) {
        let mut scratch = Scratch::new(&mut self.scratch);
        format.write(completed, &mut scratch);
        match scratch.line() {
            Some(line) => self.gateway.push(line),
            None => self.gateway.push(&long(format, completed)),
        }
        if self.gateway.is_full() {
            self.flush_gateway();
        }
    }

    /// Adds the line of a stage's access log.
    pub fn push_access(&mut self, log: &StageLog, completed: &Completed<'_>) {
        let mut scratch = Scratch::new(&mut self.scratch);
        log.format.write(completed, &mut scratch);
        let written;
        let line = if let Some(line) = scratch.line() {
            line
        } else {
            written = long(&log.format, completed);
            &written
        };
        for name in std::iter::once(&log.log).chain(&log.also) {
            add(&mut self.stages, &mut self.held, name, line, 1);
        }
        self.flush_when_full();
    }

    /// Adds the lines of a stage's execution log: `write` appends them and says how many.
    pub fn push_execution(
        &mut self,
        stage: &StagePlan,
        level: LoggingLevel,
        endpoint: Option<&[u8]>,
        completed: &Completed<'_>,
    ) -> bool {
        let Some(observed) = &stage.observed else { return false };
        let mut events = Vec::new();
        let lines = execution_log::append(completed, stage, level, endpoint, &mut events);
        if lines > 0 {
            for name in std::iter::once(&observed.execution_log).chain(&observed.also) {
                add(&mut self.stages, &mut self.held, name, &events, lines);
            }
            self.flush_when_full();
        }
        lines > 0
    }

    fn flush_when_full(&mut self) {
        if self.held >= BATCH {
            self.flush_stages();
        }
    }

    /// Hands everything to the writer.
    pub fn flush(&mut self) {
        self.flush_gateway();
        self.flush_stages();
    }

    #[cold]
    fn flush_gateway(&mut self) {
        let (page, lines) = self.gateway.take();
        if lines > 0
            && let Some(lost) = self.sink.send(page, lines)
        {
            self.gateway.reuse(lost);
        }
    }

    fn flush_stages(&mut self) {
        if self.held > 0 {
            self.held = 0;
            let batch = self.stages.drain().map(|(log, (bytes, lines))| StageLines { log, bytes, lines });
            self.sink.send_stages(batch.collect());
        }
    }
}

fn add(stages: &mut FxHashMap<Arc<str>, (Vec<u8>, u64)>, held: &mut usize, log: &Arc<str>, bytes: &[u8], lines: u64) {
    *held += bytes.len();
    let (page, count) = match stages.get_mut(log) {
        Some(page) => page,
        None => stages.entry(log.clone()).or_default(),
    };
    page.extend_from_slice(bytes);
    *count += lines;
}

#[cold]
fn long(format: &LineFormat, completed: &Completed<'_>) -> Vec<u8> {
    let mut line = Vec::new();
    format.write(completed, &mut line);
    line
}
