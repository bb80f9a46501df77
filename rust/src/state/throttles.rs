//! Buckets and counts of requests in flight: what throttling knows of requests that were. They survive a change of plans, because
//! plans share them by key: whoever compiles a plan asks for the level of a key, and gets the one that others still use.

use std::sync::{
    Arc, Mutex, PoisonError, Weak,
    atomic::{AtomicU32, Ordering},
};

use rustc_hash::FxHashMap;

use crate::{
    config::AccountLimits,
    primitives::token_bucket::{Level, Limit},
};

/// One level of throttling for one thing that is throttled.
#[derive(Debug, Clone)]
pub struct Throttle {
    level: Arc<Level>,
    limit: Limit,
    /// Tokens a second, as configured.
    pub rate: f64,
    /// Tokens it holds, as configured.
    pub burst: u32,
}

impl Throttle {
    /// Takes a token; `false` when there is none. `now` is that of the node's clocks.
    #[inline]
    pub fn take(&self, now: u64) -> bool {
        self.level.take(self.limit, now)
    }
}

/// How many requests may be in flight at once, and how many are.
#[derive(Debug, Clone)]
pub struct Concurrency {
    count: Arc<AtomicU32>,
    most: u32,
}

/// A request that counts as in flight until this is dropped.
#[derive(Debug)]
pub struct Admitted(Arc<AtomicU32>);

impl Concurrency {
    /// Counts one more; `None` when there are as many as may be.
    #[inline]
    pub fn admit(&self) -> Option<Admitted> {
        let admitted = Admitted(self.count.clone());
        // Dropping it takes the count back.
        (admitted.0.fetch_add(1, Ordering::Relaxed) < self.most).then_some(admitted)
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What is asked for by key; what nobody uses any more is forgotten.
#[derive(Debug)]
struct Shared<T> {
    known: FxHashMap<Box<str>, Weak<T>>,
    /// How many there may be before the forgotten ones are looked for.
    most: usize,
}

impl<T> Default for Shared<T> {
    fn default() -> Self {
        Self { known: FxHashMap::default(), most: 64 }
    }
}

impl<T: Default> Shared<T> {
    fn get(&mut self, key: &str) -> Arc<T> {
        if let Some(known) = self.known.get(key).and_then(Weak::upgrade) {
            return known;
        }
        if self.known.len() >= self.most {
            self.known.retain(|_, known| known.strong_count() > 0);
            self.most = 64.max(2 * self.known.len());
        }
        let new = Arc::<T>::default();
        self.known.insert(key.into(), Arc::downgrade(&new));
        new
    }
}

/// All that the node throttles by.
#[derive(Debug, Default)]
pub struct Throttles {
    levels: Mutex<Shared<Level>>,
    in_flight: Mutex<Shared<AtomicU32>>,
}

impl Throttles {
    /// The throttle with this key and these limits.
    pub fn throttle(&self, key: &str, rate: f64, burst: u32) -> Throttle {
        let level = self.levels.lock().unwrap_or_else(PoisonError::into_inner).get(key);
        Throttle { level, limit: Limit::new(rate, burst), rate, burst }
    }

    /// That of an account in a region, when it has one.
    pub fn account(&self, limits: &AccountLimits, region: &str) -> Option<Throttle> {
        let special = limits.regions.iter().find(|one| one.region == region).map(|one| &one.throttle);
        let limit = special.or(limits.throttle.as_ref())?;
        Some(self.throttle(&format!("account/{region}"), limit.rate_limit, limit.burst_limit))
    }

    /// How many requests of an account may be in flight in a region, when that is limited.
    pub fn concurrency(&self, limits: &AccountLimits, region: &str) -> Option<Concurrency> {
        let most = limits.concurrency?;
        let count = self.in_flight.lock().unwrap_or_else(PoisonError::into_inner).get(region);
        Some(Concurrency { count, most })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_survives_as_long_as_a_plan_uses_it() {
        let throttles = Throttles::default();
        let before = throttles.throttle("stage/a/dev GET /", 0.001, 1);
        assert!(before.take(0));
        let after = throttles.throttle("stage/a/dev GET /", 0.001, 1);
        drop(before);
        assert!(!after.take(0), "the next plan finds the bucket as it was left");
        assert!(throttles.throttle("stage/a/dev POST /", 0.001, 1).take(0), "another method has its own");
        drop(after);
        assert!(throttles.throttle("stage/a/dev GET /", 0.001, 1).take(0), "nobody remembers what nobody used");
    }

    #[test]
    fn levels_that_nobody_uses_are_forgotten() {
        let throttles = Throttles::default();
        let kept = throttles.throttle("kept", 1.0, 1);
        for number in 0..10_000 {
            throttles.throttle(&number.to_string(), 1.0, 1);
        }
        assert!(throttles.levels.lock().unwrap().known.len() <= 128);
        assert!(Arc::ptr_eq(&kept.level, &throttles.throttle("kept", 1.0, 1).level));
    }

    #[test]
    fn as_many_are_in_flight_as_were_admitted_and_not_dropped() {
        let throttles = Throttles::default();
        let limits = AccountLimits { throttle: None, regions: Vec::new(), concurrency: Some(2) };
        let here = throttles.concurrency(&limits, "eu-west-1").unwrap();
        let (first, second) = (here.admit().unwrap(), here.admit().unwrap());
        assert!(here.admit().is_none());
        assert!(
            throttles.concurrency(&limits, "eu-west-1").unwrap().admit().is_none(),
            "all plans of a region share it"
        );
        assert!(throttles.concurrency(&limits, "us-east-1").unwrap().admit().is_some());
        drop(first);
        assert!(here.admit().is_some(), "a refused one takes no place");
        drop(second);
    }
}
