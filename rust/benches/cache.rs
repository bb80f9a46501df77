//! The cache with a million answers: what it takes of memory beyond its setting, the longest time that one call takes while it
//! fills, evicts and is read, and what a hit costs. Prints one JSON line for `bench/limits.py`.

#![allow(clippy::disallowed_methods, clippy::cast_precision_loss, reason = "a benchmark measures time")]

use std::{hint::black_box, sync::Arc, time::Instant};

use apigw_engine::state::caches::{Caches, Caching, NewAnswer, StageCache};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Enough for a million answers of 200 bytes, and no more than 5 % above it may be taken.
const MEMORY: u64 = 768 << 20;
const ANSWERS: u64 = 2_000_000;
const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 200\r\n";

fn main() {
    // `cargo test --benches` and `cargo bench -- --quick` only want to see it run.
    let quick = std::env::args().any(|argument| argument == "--quick" || argument == "--test");
    let (memory, answers) = if quick { (MEMORY / 64, ANSWERS / 64) } else { (MEMORY, ANSWERS) };
    let caches = Arc::<Caches>::default();
    assert!(caches.limit(memory), "it was not said before");
    let before = resident();
    // A stage that never reaches its own limit, and one that always does.
    let stages = [caches.stage("large", u64::MAX), caches.stage("small", memory / 8)];
    // While it fills, memory comes from the system, page by page; what counts is what the cache itself takes.
    let (mut longest, mut over, mut most) = ([0; 2], [0_u64; 2], 0);
    let body = [b'x'; 200];
    let mut key = Vec::new();
    let mut random = fastrand::Rng::with_seed(1);
    for number in 0..answers {
        let stage = &stages[usize::from(number % 8 == 0)];
        let begin = Instant::now();
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
        let took = begin.elapsed().as_micros() as u64;
        let is_full = usize::from(number > answers / 4 * 3);
        longest[is_full] = longest[is_full].max(took);
        if is_full == 1 {
            over[0] += u64::from(took > 1000);
            over[1] += u64::from(took > 100);
        }
        if number % 10_000 == 0 {
            most = most.max(resident() - before);
        }
    }
    most = most.max(resident() - before);
    let (bytes, count) = caches.taken();
    println!(
        "{{\"setting\":{memory},\"resident\":{most},\"weight\":{bytes},\"answers\":{count},\"filling_us\":{},\"longest_us\":{},\
         \"over_1ms\":{},\"over_100us\":{},\"hit_ns\":{:.0}}}",
        longest[0],
        longest[1],
        over[0],
        over[1],
        hit(&stages[0], answers)
    );
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
