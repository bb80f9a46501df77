//! Counters of one core. Only their core writes them, so an increment is a plain load and store; anyone may read.

use std::{
    cell::RefCell,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use super::Histogram;
use crate::per_core::clock::Micros;

/// A number written by one core and read by any thread.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// Adds; by the owning core only (no locked instruction).
    #[inline]
    pub fn add(&self, amount: u64) {
        self.0.store(self.0.load(Ordering::Relaxed).wrapping_add(amount), Ordering::Relaxed);
    }

    /// Takes away; by the owning core only.
    #[inline]
    pub fn subtract(&self, amount: u64) {
        self.0.store(self.0.load(Ordering::Relaxed).wrapping_sub(amount), Ordering::Relaxed);
    }

    /// The number now.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// A number that any thread may change; for what is rare, as it takes a locked instruction.
#[derive(Debug, Default)]
pub struct SharedCounter(AtomicU64);

impl SharedCounter {
    /// Adds.
    pub fn add(&self, amount: u64) {
        self.0.fetch_add(amount, Ordering::Relaxed);
    }

    /// Takes away.
    pub fn subtract(&self, amount: u64) {
        self.0.fetch_sub(amount, Ordering::Relaxed);
    }

    /// The number now.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// What a series counts: a stage, or one of its methods.
#[derive(Debug, Default, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SeriesName {
    /// The API's id; empty for requests refused before their stage was known.
    pub api_id: String,
    /// The stage's name.
    pub stage: String,
    /// The API's name.
    pub api_name: String,
    /// Path and verb of the method, where it has metrics of its own.
    pub method: Option<(String, &'static str)>,
}

/// What is counted of a request: its status, and what it and its backend took.
pub type Outcome = (u16, Micros, Option<Micros>);

/// What one core counts for one stage of one API, or one of its methods.
#[derive(Debug, Default)]
pub struct Series {
    /// What it counts.
    pub name: SeriesName,
    /// Requests by the first digit of their status; the first one counts those that got none (the client went
    /// away, or they were cut at a stop).
    pub by_class: [Counter; 6],
    /// From the request's head to the last byte of the answer.
    pub latency: Histogram,
    /// From the backend's request to its answer.
    pub integration_latency: Histogram,
    /// Requests that a throttle refused, by `throttle::Refused`.
    pub throttled: [Counter; 5],
    /// Requests that were answered from the cache.
    pub cache_hits: Counter,
    /// Requests that could have been, and whose integration was asked.
    pub cache_misses: Counter,
}

/// All that one core counts.
#[derive(Debug, Default)]
pub struct CoreMetrics {
    /// Open client connections.
    pub connections: Counter,
    /// Client connections accepted.
    pub accepted: Counter,
    /// Connections that other cores have sent and this one has not yet taken; the only number that others write.
    pub arriving: SharedCounter,
    /// Connections this core accepted and sent to another one.
    pub handed_over: Counter,
    /// Requests being answered.
    pub in_flight: Counter,
    /// Requests that ended in a panic.
    pub panics: Counter,
    /// Times accepting had to pause.
    pub accept_pauses: Counter,
    /// Open backend connections.
    pub upstream_connections: Counter,
    /// Backend connections made.
    pub upstream_connects: Counter,
    /// Answers of backends that were cut after streaming began.
    pub cut: Counter,
    /// TLS handshakes that began a new session.
    pub tls_handshakes: Counter,
    /// TLS handshakes that resumed one.
    pub tls_resumed: Counter,
    /// Connections to a TLS port that spoke plain HTTP.
    pub tls_plain_http: Counter,
    /// Handshakes that were no TLS, or none for us.
    pub tls_malformed: Counter,
    /// Handshakes whose messages were too large.
    pub tls_too_large: Counter,
    /// Handshakes that took too long.
    pub tls_late: Counter,
    /// Handshakes whose client went away.
    pub tls_gone: Counter,
    /// HTTP/2 connections that were ended for asking too much without asking for anything.
    pub http2_floods: Counter,
    /// Requests to the admin listener.
    pub admin_requests: Counter,
    all: Mutex<Vec<Arc<Series>>>,
}

impl Series {
    #[inline]
    fn record(&self, status: u16, latency: Micros, integration: Option<Micros>) {
        let class = usize::from(status / 100);
        self.by_class[if class < 6 { class } else { 0 }].add(1);
        self.latency.record(latency);
        if let Some(micros) = integration {
            self.integration_latency.record(micros);
        }
    }
}

impl CoreMetrics {
    /// Connections this core serves or is about to.
    pub fn load(&self) -> u64 {
        self.connections.get() + self.arriving.get()
    }

    fn begin(&self, name: SeriesName) -> Arc<Series> {
        let series = Arc::new(Series { name, ..Series::default() });
        self.all.lock().unwrap_or_else(PoisonError::into_inner).push(series.clone());
        series
    }

    /// Every series this core has begun.
    pub fn series(&self) -> Vec<Arc<Series>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The series of one core by the node-wide number of their stage or method.
#[derive(Debug, Default)]
pub struct SeriesTable {
    by_number: RefCell<Vec<Option<Arc<Series>>>>,
}

impl SeriesTable {
    /// Counts a completed request for a stage's number, or a method's; `None` when no stage became known. `name` is asked once.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "once a request, and its other caller is rare; measured")]
    pub fn record(
        &self,
        index: Option<u32>,
        (status, latency, integration): Outcome,
        metrics: &CoreMetrics,
        name: impl FnOnce() -> SeriesName,
    ) {
        // The first place is for requests without a stage.
        let index = index.map_or(0, |index| index as usize + 1);
        if let Some(Some(series)) = self.by_number.borrow().get(index) {
            return series.record(status, latency, integration);
        }
        self.begin(index, metrics, name()).record(status, latency, integration);
    }

    /// The series of a stage's number.
    pub fn series(&self, index: u32, metrics: &CoreMetrics, name: impl FnOnce() -> SeriesName) -> Arc<Series> {
        let index = index as usize + 1;
        let known = self.by_number.borrow().get(index).cloned().flatten();
        known.unwrap_or_else(|| self.begin(index, metrics, name()))
    }

    #[cold]
    fn begin(&self, index: usize, metrics: &CoreMetrics, name: SeriesName) -> Arc<Series> {
        let mut table = self.by_number.borrow_mut();
        if index >= table.len() {
            table.resize(index + 1, None);
        }
        table[index].get_or_insert_with(|| metrics.begin(name)).clone()
    }
}
