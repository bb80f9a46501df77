//! A token bucket in one number: full at the start, `burst` tokens at most, `rate` tokens a second. Pure: the time is passed in,
//! and all threads share a bucket without a lock. It knows nothing of what a token stands for.
//!
//! The number is the time at which the bucket will be full again (a generic cell rate algorithm); what lies before now is full.

use std::sync::atomic::{AtomicU64, Ordering};

/// Ticks in a microsecond: fine enough for a million tokens a second, and 64 bits of them last for 35 years.
const TICKS: u64 = 1 << 14;
/// Ticks in a second.
const SECOND: f64 = 16_384e6;
/// Clocks of two threads may differ by this much.
const SLACK: u64 = TICKS * 1_000_000;
/// The longest time that a limit is reckoned with: a year. A token that takes longer never comes.
const LONGEST: f64 = SECOND * 86_400.0 * 365.0;

/// How much a bucket holds and how fast it fills.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Limit {
    /// Everything passes.
    Unlimited,
    /// Nothing passes.
    Blocked,
    /// As much as the bucket holds.
    Bucket {
        /// Ticks that a token takes to come.
        interval: u64,
        /// Ticks that an empty bucket takes to be full.
        capacity: u64,
    },
}

impl Limit {
    /// A bucket of `burst` tokens that fills with `rate` tokens a second.
    #[expect(clippy::cast_sign_loss, reason = "both are positive and far below 2^53")]
    pub fn new(rate: f64, burst: u32) -> Self {
        if burst == 0 || rate <= 0.0 || rate.is_nan() {
            return Self::Blocked;
        }
        let interval = SECOND / rate;
        if interval < 1.0 {
            return Self::Unlimited;
        }
        let capacity = (interval * f64::from(burst)).min(LONGEST) as u64;
        Self::Bucket { interval: interval.min(LONGEST) as u64, capacity }
    }
}

/// The level of a bucket: what all that share it have in common. Its limit is kept elsewhere and may change at any time: a full
/// bucket stays full and an empty one empty.
#[derive(Debug, Default)]
#[repr(align(64))]
pub struct Level(AtomicU64);

impl Level {
    /// A full bucket.
    pub const fn full() -> Self {
        Self(AtomicU64::new(0))
    }

    /// Takes one token; `false` when there is none. `now` is in microseconds since any moment that all callers mean.
    #[inline]
    pub fn take(&self, limit: Limit, now: u64) -> bool {
        let (interval, capacity) = match limit {
            Limit::Unlimited => return true,
            Limit::Blocked => return false,
            Limit::Bucket { interval, capacity } => (interval, capacity),
        };
        let now = now.wrapping_mul(TICKS);
        let mut known = self.0.load(Ordering::Relaxed);
        loop {
            let full_at = known.max(now) + interval;
            if full_at > now + capacity {
                if known > now + capacity + SLACK {
                    self.forget(known, now + capacity);
                }
                return false;
            }
            match self.0.compare_exchange_weak(known, full_at, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return true,
                Err(newer) => known = newer,
            }
        }
    }

    /// A bucket is never emptier than empty, whatever limit it had before.
    #[cold]
    fn forget(&self, known: u64, empty: u64) {
        // Whoever was faster knows as much.
        let _ = self.0.compare_exchange(known, empty, Ordering::Relaxed, Ordering::Relaxed);
    }
}

#[cfg(test)]
#[path = "token_bucket_tests.rs"]
mod tests;
