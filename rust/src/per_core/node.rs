//! What all cores of a node share, and no request writes: limits, credentials, the memory budget, the queue of calls.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::Neighbour;
use crate::{config::Config, control::Calls, observe::CoreMetrics, state::caches::Caches};

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
    /// Where every core reads its mail.
    pub mailboxes: Vec<Neighbour>,
    /// Answers that are kept.
    pub caches: Arc<Caches>,
    /// What the log's writer counts.
    pub log_counts: Arc<crate::observe::LogCounts>,
}

/// What the busiest core may have beyond the one with the fewest connections: a quarter of those and this many. When the kernel
/// scatters n connections over two cores, the standard deviation of their difference is √n; this allows 1.75 of them at 64
/// connections and more at any other number, so that usual scatter moves next to nothing.
const LEEWAY: u64 = 8;

/// Whether a core with `mine` connections should not take one more while another has `least`.
fn is_badly_unbalanced(mine: u64, least: u64) -> bool {
    mine > least + least / 4 + LEEWAY
}

impl Node {
    /// The core that should have a fresh connection which this one accepted; `None` when it should keep it.
    pub fn lighter_core(&self, index: usize) -> Option<usize> {
        let loads = self.cores.iter().map(|core| core.load()).enumerate();
        let (other, least) = loads.min_by_key(|(_, load)| *load)?;
        is_badly_unbalanced(self.cores[index].load(), least).then_some(other)
    }

    /// The text that `/metrics` serves.
    pub fn metrics(&self, form: crate::observe::Exposition) -> String {
        let node = crate::observe::Totals {
            log_lines: lines(&self.log_counts.gateway),
            stage_log_lines: lines(&self.log_counts.stages),
            buffered_bytes: self.budget.used(),
            queued_calls: self.calls.waiting() as u64,
            cached: self.caches.taken(),
        };
        crate::observe::render(
            &self.cores,
            node,
            form,
            &crate::observe::budgets(&self.config.limits, &self.config.cache),
        )
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

impl Share {
    /// How many bytes it is.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }
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
        let (bytes, permits) = self.permits_for(bytes);
        let permit = self.permits.clone().acquire_many_owned(permits).await.ok()?;
        Some(self.share(permit, bytes))
    }

    /// So many bytes, if they are there now.
    pub fn try_take(&self, bytes: u64) -> Option<Share> {
        let (bytes, permits) = self.permits_for(bytes);
        let permit = self.permits.clone().try_acquire_many_owned(permits).ok()?;
        Some(self.share(permit, bytes))
    }

    fn permits_for(&self, bytes: u64) -> (u64, u32) {
        let bytes = bytes.min(self.total);
        (bytes, bytes.div_ceil(UNIT).min(self.total / UNIT) as u32)
    }

    fn share(&self, permit: OwnedSemaphorePermit, bytes: u64) -> Share {
        self.used.fetch_add(bytes, Ordering::Relaxed);
        Share { _permit: permit, bytes, used: self.used.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_scatter_is_balanced_and_a_lopsided_node_is_not() {
        for count in 1_u64..100_000 {
            // 1.75 standard deviations.
            let difference = (count * 49 / 16).isqrt();
            let least = count.saturating_sub(difference) / 2;
            let most = least + difference;
            assert!(!is_badly_unbalanced(most, least), "{most} and {least}");
        }
        for (mine, least) in [(9, 0), (22, 10), (134, 100), (600, 400)] {
            assert!(is_badly_unbalanced(mine, least), "{mine} and {least}");
        }
    }
}
