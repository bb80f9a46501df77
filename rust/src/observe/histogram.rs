//! A latency histogram with fixed bounds: one writer, any number of readers.

use super::Counter;
use crate::per_core::clock::Micros;

/// Upper bounds in microseconds; what is longer falls into the last bucket.
pub(super) const BOUNDS: [Micros; 15] = [
    500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000,
    10_000_000, 30_000_000,
];

/// The first bucket that a number with so many binary digits can be in: it is that one or one of the next two.
static FIRST: [u8; 65] = {
    let mut first = [0; 65];
    let mut digits = 1;
    while digits <= 64 {
        let least = 1 << (digits - 1);
        let mut bucket = 0;
        while bucket < BOUNDS.len() && BOUNDS[bucket] < least {
            bucket += 1;
        }
        first[digits] = bucket as u8;
        digits += 1;
    }
    first
};

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
        let mut bucket = usize::from(FIRST[(64 - micros.leading_zeros()) as usize]);
        while BOUNDS.get(bucket).is_some_and(|bound| micros > *bound) {
            bucket += 1;
        }
        self.buckets[bucket].add(1);
        self.sum.add(micros);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_in_the_first_bucket_whose_bound_it_does_not_exceed() {
        let around = |middle: u64| [middle.saturating_sub(1), middle, middle.saturating_add(1)];
        let powers = (0..64).map(|power| 1 << power);
        for micros in powers.chain(BOUNDS).chain([0, u64::MAX]).flat_map(around) {
            let histogram = Histogram::default();
            histogram.record(micros);
            let wanted = BOUNDS.iter().position(|bound| micros <= *bound).unwrap_or(BOUNDS.len());
            assert_eq!(histogram.buckets[wanted].get(), 1, "{micros}");
        }
    }
}
