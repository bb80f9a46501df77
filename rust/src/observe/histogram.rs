//! A latency histogram with fixed bounds: one writer, any number of readers.

use super::Counter;
use crate::per_core::clock::Micros;

/// Upper bounds in microseconds; what is longer falls into the last bucket.
pub(super) const BOUNDS: [Micros; 15] = [
    500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000,
    10_000_000, 30_000_000,
];

/// Counts by duration.
#[derive(Debug, Default)]
pub struct Histogram {
    pub(super) buckets: [Counter; BOUNDS.len() + 1],
    pub(super) sum: Counter,
}

impl Histogram {
    /// Counts one duration.
    #[inline]
    pub fn record(&self, micros: Micros) {
        let bucket = BOUNDS.iter().position(|bound| micros <= *bound).unwrap_or(BOUNDS.len());
        self.buckets[bucket].add(1);
        self.sum.add(micros);
    }
}
