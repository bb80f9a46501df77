//! What four levels of throttling cost a request in process: one core alone, and cores that share the buckets.
//! Prints one JSON line for `bench/limits.py`; a program of its own because criterion is not worth a dependency.

#![allow(clippy::disallowed_methods, clippy::cast_precision_loss, reason = "a benchmark measures time")]

use std::{hint::black_box, thread, time::Instant};

use apigw_engine::{inbound::throttle::Levels, state::throttles::Throttles};

const REQUESTS: u64 = 2_000_000;
const PASSES: usize = 5;
/// Never reached, as usual: the clock advances by a microsecond a request.
const RATE: f64 = 10_000_000.0;

fn main() {
    // `cargo test --benches` and `cargo bench -- --quick` only want to see it run.
    let quick = std::env::args().any(|argument| argument == "--quick" || argument == "--test");
    let (requests, passes) = if quick { (1_000, 1) } else { (REQUESTS, PASSES) };
    let best = |threads| (0..passes).map(|_| pass(requests, threads)).fold(f64::INFINITY, f64::min);
    println!("{{\"alone_ns\":{:.1},\"shared_ns\":{:.1}}}", best(1), best(2));
}

/// Nanoseconds a request takes for all four levels.
fn pass(requests: u64, threads: u64) -> f64 {
    let throttles = Throttles::default();
    let [one, two, three, four] =
        ["plan method", "plan", "method", "account"].map(|key| throttles.throttle(key, RATE, 5_000));
    let levels = Levels { plan_method: Some(&one), plan: Some(&two), method: Some(&three), account: Some(&four) };
    let measured = || {
        let begin = Instant::now();
        let mut passed = 0;
        for now in 0..requests {
            passed += u64::from(black_box(&levels).take(black_box(now)).is_ok());
        }
        (begin.elapsed().as_nanos() as f64 / requests as f64, passed)
    };
    let taken: Vec<_> = thread::scope(|scope| {
        let others: Vec<_> = (0..threads).map(|_| scope.spawn(measured)).collect();
        others.into_iter().filter_map(|other| other.join().ok()).collect()
    });
    let passed: u64 = taken.iter().map(|(_, passed)| passed).sum();
    assert!(passed > 0 && (threads > 1 || passed == requests), "{passed} of {requests} passed");
    taken.iter().map(|(nanoseconds, _)| *nanoseconds).fold(0.0, f64::max)
}
