//! The cache with a million answers: what it takes of memory beyond its setting, the longest time that one call takes while it
//! fills, evicts and is read, and what a hit costs. Prints one JSON line for `bench/limits.py`.
//!
//! A call's time is counted twice: on the clock, and as the time its thread had a core. A loop that only looks at both clocks
//! runs as often as the cache is called: what it sees are the machine's own pauses.

#![allow(clippy::disallowed_methods, clippy::cast_precision_loss, reason = "a benchmark measures time")]

use std::{
    hint::black_box,
    sync::Arc,
    time::{Duration, Instant},
};

use apigw_engine::state::caches::{Caches, Caching, NewAnswer, StageCache};
use rustix::time::{ClockId, clock_gettime};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Enough for a million answers of 200 bytes, and no more than 5 % above it may be taken.
const MEMORY: u64 = 768 << 20;
const ANSWERS: u64 = 2_000_000;
const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 200\r\n";
/// Microseconds of a pause.
const PAUSE: u64 = 1000;

/// The slowest of many calls.
#[derive(Default, Clone, Copy)]
struct Slowest {
    clock: u64,
    thread: u64,
    /// How many took longer than a pause, on the clock and of the thread's own time.
    pauses: [u64; 2],
}

/// When something began, on both clocks.
struct Begin(Instant, Duration);

impl Begin {
    fn now() -> Self {
        Self(Instant::now(), own_time())
    }
}

impl Slowest {
    fn add(&mut self, begin: &Begin) {
        let thread = own_time().saturating_sub(begin.1).as_micros() as u64;
        let clock = begin.0.elapsed().as_micros() as u64;
        self.clock = self.clock.max(clock);
        self.thread = self.thread.max(thread);
        self.pauses[0] += u64::from(clock > PAUSE);
        self.pauses[1] += u64::from(thread > PAUSE);
    }

    fn json(&self) -> String {
        let Self { clock, thread, pauses: [on_clock, of_thread] } = self;
        format!(
            "{{\"clock_us\":{clock},\"thread_us\":{thread},\"clock_pauses\":{on_clock},\"thread_pauses\":{of_thread}}}"
        )
    }
}

/// The time this thread had a core.
fn own_time() -> Duration {
    clock_gettime(ClockId::ThreadCPUTime).try_into().unwrap_or_default()
}

fn main() {
    // `cargo test --benches` and `cargo bench -- --quick` only want to see it run.
    let quick = std::env::args().any(|argument| argument == "--quick" || argument == "--test");
    let (memory, answers) = if quick { (MEMORY / 64, ANSWERS / 64) } else { (MEMORY, ANSWERS) };
    let caches = Arc::<Caches>::default();
    assert!(caches.limit(memory), "it was not said before");
    let before = resident();
    // A stage that never reaches its own limit, and one that always does.
    let stages = [caches.stage("large", u64::MAX), caches.stage("small", memory / 8)];
    let (mut phases, mut most) = ([Slowest::default(); 2], 0);
    let body = [b'x'; 200];
    let mut key = Vec::new();
    let mut random = fastrand::Rng::with_seed(1);
    let all = Instant::now();
    for number in 0..answers {
        let stage = &stages[usize::from(number % 8 == 0)];
        let begin = Begin::now();
        let generation = name(stage, number, &mut key);
        let caching = Caching {
            key: key.as_slice().into(),
            generation,
            stage: stage.clone(),
            ttl_in_seconds: 3600,
            is_encrypted: false,
            refreshes: false,
            lead: None,
        };
        let answer = NewAnswer { status: 200, has_trace_id: false, coding: None, head: HEAD.to_vec(), body: &body };
        caching.keep(answer, 0);
        // Of those that came lately some are read again, so that what is used stays.
        name(stage, number - random.u64(..=number.min(1000)), &mut key);
        black_box(stage.get(&key, 1));
        phases[usize::from(number > answers / 4 * 3)].add(&begin);
        if number % 10_000 == 0 {
            most = most.max(resident() - before);
        }
    }
    let all = all.elapsed();
    most = most.max(resident() - before);
    let (bytes, count) = caches.taken();
    println!(
        "{{\"setting\":{memory},\"resident\":{most},\"weight\":{bytes},\"answers\":{count},\"filling\":{},\"full\":{},\
         \"nothing\":{},\"hit_ns\":{:.0}}}",
        phases[0].json(),
        phases[1].json(),
        nothing(all).json(),
        hit(&stages[0], answers)
    );
}

/// A loop that calls nothing, for as long.
fn nothing(long: Duration) -> Slowest {
    let (start, mut slowest) = (Instant::now(), Slowest::default());
    while start.elapsed() < long {
        slowest.add(&Begin::now());
    }
    slowest
}

/// The key of an answer; says for which generation of the stage's room it is.
fn name(stage: &StageCache, number: u64, key: &mut Vec<u8>) -> u32 {
    key.clear();
    let generation = stage.begin_key(key);
    key.extend_from_slice(b"\x00\x02\x00\x00\x00\x06res001\x01\x00\x00\x00\x14");
    key.extend_from_slice(format!("/pets/{number:014}").as_bytes());
    generation
}

/// Nanoseconds that finding an answer takes, keys made before.
fn hit(stage: &StageCache, answers: u64) -> f64 {
    let count = answers.min(1000);
    let keys: Vec<_> = (answers - count..answers)
        .map(|number| {
            let mut key = Vec::new();
            name(stage, number, &mut key);
            key
        })
        .collect();
    let begin = Instant::now();
    let found: usize = (0..100).map(|_| keys.iter().filter(|key| stage.get(black_box(key), 1).is_some()).count()).sum();
    assert!(found > 0, "what came last is there");
    begin.elapsed().as_nanos() as f64 / (100 * keys.len()) as f64
}

/// Bytes of memory that the process has.
fn resident() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages: u64 = statm.split(' ').nth(1).and_then(|pages| pages.parse().ok()).unwrap_or_default();
    pages * 4096
}
