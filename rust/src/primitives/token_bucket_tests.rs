//! Buckets against a plain model with a number of tokens, and at their edges.

use proptest::prelude::*;

use super::*;

const MICROS: u64 = 1_000_000;

fn taken(level: &Level, limit: Limit, now: u64, tries: usize) -> usize {
    (0..tries).filter(|_| level.take(limit, now)).count()
}

#[test]
fn a_bucket_starts_full_and_refills_at_its_rate() {
    let (level, limit) = (Level::full(), Limit::new(10.0, 5));
    assert_eq!(taken(&level, limit, 7 * MICROS, 20), 5);
    assert_eq!(taken(&level, limit, 7 * MICROS + 99_999, 20), 0);
    assert_eq!(taken(&level, limit, 7 * MICROS + 100_000, 20), 1);
    assert_eq!(taken(&level, limit, 7 * MICROS + 400_000, 20), 3);
    assert_eq!(taken(&level, limit, 60 * MICROS, 20), 5, "it never holds more than its burst");
}

#[test]
fn fractions_of_a_token_a_second_count() {
    let (level, limit) = (Level::full(), Limit::new(0.5, 1));
    assert_eq!(taken(&level, limit, 0, 3), 1);
    assert_eq!(taken(&level, limit, 1_999_999, 3), 0);
    assert_eq!(taken(&level, limit, 2_000_000, 3), 1);
}

#[test]
fn a_rate_or_a_burst_of_nothing_blocks_everything() {
    for limit in [Limit::new(0.0, 5), Limit::new(5.0, 0), Limit::new(0.0, 0), Limit::new(f64::NAN, 1)] {
        assert_eq!(limit, Limit::Blocked);
        assert_eq!(taken(&Level::full(), limit, MICROS, 5), 0);
    }
    assert_eq!(taken(&Level::full(), Limit::Unlimited, 0, 5), 5);
}

#[test]
fn burst_may_exceed_rate_and_rate_burst() {
    let (level, limit) = (Level::full(), Limit::new(1.0, 50));
    assert_eq!(taken(&level, limit, 0, 100), 50);
    assert_eq!(taken(&level, limit, MICROS, 100), 1);
    let (level, limit) = (Level::full(), Limit::new(1000.0, 1));
    assert_eq!(taken(&level, limit, 0, 100), 1);
    assert_eq!(taken(&level, limit, 1000, 100), 1);
}

#[test]
fn extreme_rates_neither_overflow_nor_stop_counting() {
    for (rate, burst) in [(1e-300, u32::MAX), (1e-9, 1), (1e300, 1), (f64::INFINITY, u32::MAX), (1e6, u32::MAX)] {
        let level = Level::full();
        assert!(level.take(Limit::new(rate, burst), 30 * 365 * 86_400 * MICROS), "{rate} {burst}");
    }
    let (level, limit) = (Level::full(), Limit::new(1e-12, 3));
    assert!(taken(&level, limit, 0, 10) <= 3);
}

#[test]
fn changed_limits_take_over_at_once() {
    let level = Level::full();
    assert_eq!(taken(&level, Limit::new(0.01, 100), 0, 1000), 100);
    // Emptied under a slow limit: nothing is there now, and tokens come at the new rate.
    let fast = Limit::new(10.0, 10);
    assert_eq!(taken(&level, fast, 0, 10), 0);
    assert_eq!(taken(&level, fast, 100_000, 10), 1);
    // A full one is full under any limit.
    assert_eq!(taken(&Level::full(), fast, 0, 100), 10);
}

#[test]
fn a_refused_request_takes_nothing() {
    let (level, limit) = (Level::full(), Limit::new(1.0, 1));
    assert_eq!(taken(&level, limit, 0, 1_000), 1);
    assert!(level.take(limit, MICROS));
}

#[test]
fn threads_share_one_bucket() {
    let (level, limit) = (Level::full(), Limit::new(1e-3, 1000));
    let all: usize = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| taken(&level, limit, 5, 1000))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!(all, 1000);
}

#[test]
fn clocks_of_two_threads_may_disagree_a_little() {
    let (level, limit) = (Level::full(), Limit::new(1000.0, 3));
    assert_eq!(taken(&level, limit, 10_000, 2), 2);
    // The one behind sees the tokens that had not come at its time as taken, and gives none back.
    assert_eq!(taken(&level, limit, 9_000, 5), 0);
    assert_eq!(taken(&level, limit, 10_000, 5), 1);
}

proptest! {
    /// The model: a number of tokens that grows with time and is capped. Rates are such that a token takes whole microseconds.
    #[test]
    fn is_the_bucket_that_aws_describes(
        interval in prop_oneof![Just(1_u64), Just(10), Just(1000), Just(1_000_000)],
        burst in 1_u32..50,
        steps in prop::collection::vec((0_u64..3_000_000, 1_usize..60), 1..60),
    ) {
        #[expect(clippy::cast_precision_loss, reason = "small numbers")]
        let limit = Limit::new(1e6 / interval as f64, burst);
        let level = Level::full();
        // Tokens times the interval, so that the model is exact.
        let full = u64::from(burst) * interval;
        let (mut tokens, mut now) = (full, 0);
        for (pause, tries) in steps {
            now += pause;
            tokens = (tokens + pause).min(full);
            for _ in 0..tries {
                let expected = tokens >= interval;
                if expected {
                    tokens -= interval;
                }
                prop_assert_eq!(level.take(limit, now), expected);
            }
        }
    }

    #[test]
    fn never_lets_more_through_than_burst_and_rate_allow(
        rate in 0.001_f64..1e7,
        burst in 1_u32..1000,
        steps in prop::collection::vec(0_u64..100_000, 1..300),
    ) {
        let (level, limit) = (Level::full(), Limit::new(rate, burst));
        let (mut now, mut passed) = (0, 0_u32);
        for pause in steps {
            now += pause;
            for _ in 0..3 {
                passed += u32::from(level.take(limit, now));
            }
            #[expect(clippy::cast_precision_loss, reason = "small numbers")]
            let most = f64::from(burst) + now as f64 * rate / 1e6;
            // A tick is rounded away per token: a part in 1,600 at ten million a second.
            prop_assert!(f64::from(passed) <= most * 1.001 + 1.0, "{} of {}", passed, most);
        }
    }
}
