//! What all cores of a node share, and no request writes: limits, credentials, the memory budget, the queue of calls.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{config::Config, control::Calls, observe::CoreMetrics};

/// One node.
#[derive(Debug)]
pub struct Node {
    /// What it was started with.
    pub config: Config,
    /// Management calls on their way to Python.
    pub calls: Calls,
    /// Memory for bodies that are held.
    pub budget: Budget,
    /// Client connections that may still be opened.
    pub connections: Arc<Semaphore>,
    /// What `/ready` says.
    pub ready: AtomicBool,
    /// Whether the node is on its way down.
    pub draining: AtomicBool,
    /// Every core's counters.
    pub cores: Vec<Arc<CoreMetrics>>,
    /// What the log's writer counts.
    pub log_counts: Arc<crate::observe::LogCounts>,
}

impl Node {
    /// The text that `/metrics` serves.
    pub fn metrics(&self) -> String {
        let node = crate::observe::Totals {
            log_lines: lines(&self.log_counts.gateway),
            stage_log_lines: lines(&self.log_counts.stages),
            buffered_bytes: self.budget.used(),
            queued_calls: self.calls.waiting() as u64,
        };
        crate::observe::render(&self.cores, node)
    }

    /// Whether traffic should be sent here.
    pub fn is_ready(&self) -> bool {
        self.ready.load(Ordering::Relaxed) && !self.draining.load(Ordering::Relaxed)
    }
}

fn lines(counts: &crate::observe::LineCounts) -> (u64, u64) {
    (counts.written.load(Ordering::Relaxed), counts.dropped.load(Ordering::Relaxed))
}

/// Bytes one permit stands for.
const UNIT: u64 = 1024;

/// The memory that bodies may take at once; over it, reading waits.
#[derive(Debug)]
pub struct Budget {
    permits: Arc<Semaphore>,
    total: u64,
    used: Arc<AtomicU64>,
}

/// A share of the budget, given back when dropped.
#[derive(Debug)]
pub struct Share {
    _permit: OwnedSemaphorePermit,
    bytes: u64,
    used: Arc<AtomicU64>,
}

impl Drop for Share {
    fn drop(&mut self) {
        self.used.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

impl Budget {
    /// A budget of so many bytes.
    pub fn new(total: u64) -> Self {
        let total = total.clamp(UNIT, u64::from(u32::MAX) * UNIT);
        Self { permits: Arc::new(Semaphore::new((total / UNIT) as usize)), total, used: Arc::default() }
    }

    /// Bytes in use.
    pub fn used(&self) -> u64 {
        self.used.load(Ordering::Relaxed)
    }

    /// Waits for so many bytes; more than the whole budget counts as the whole.
    pub async fn take(&self, bytes: u64) -> Option<Share> {
        let bytes = bytes.min(self.total);
        let permits = bytes.div_ceil(UNIT).min(self.total / UNIT) as u32;
        let permit = self.permits.clone().acquire_many_owned(permits).await.ok()?;
        self.used.fetch_add(bytes, Ordering::Relaxed);
        Some(Share { _permit: permit, bytes, used: self.used.clone() })
    }
}
