//! Looks paths up in trees of 10 to 1,000,000 routes: distinct random paths, hits and misses apart.
//! Prints one JSON line a tree for `bench/routes.py`; a program of its own because criterion is not worth a dependency.

#![allow(clippy::disallowed_methods, clippy::cast_precision_loss, reason = "a benchmark measures time")]

use std::{hint::black_box, time::Instant};

use apigw_engine::primitives::path_tree::PathTree;

const GET: u8 = 1;
const SIZES: [usize; 4] = [10, 1_000, 100_000, 1_000_000];
/// Lookups in one pass; each pass has paths of its own.
const LOOKUPS: usize = 200_000;
const PASSES: usize = 9;

fn main() {
    // `cargo test --benches` and `cargo bench -- --quick` only want to see it run.
    let quick = std::env::args().any(|argument| argument == "--quick" || argument == "--test");
    let (lookups, passes) = if quick { (1_000, 1) } else { (LOOKUPS, PASSES) };
    let mut random = fastrand::Rng::with_seed(1);
    for size in if quick { &SIZES[..2] } else { &SIZES[..] } {
        let templates = templates(*size);
        let tree = PathTree::build(templates.iter().map(|path| (path.as_str(), GET))).unwrap_or_default();
        assert_eq!(tree.len(), *size, "every template is a valid path");
        let [hit, miss] = [true, false].map(|hit| {
            let once = || pass(&tree, &Requests::new(&templates, lookups, hit, &mut random), hit);
            median(std::iter::repeat_with(once).take(passes).collect())
        });
        println!("{{\"routes\":{size},\"hit_ns\":{hit:.1},\"miss_ns\":{miss:.1},\"memory\":{}}}", tree.memory());
    }
}

/// As many paths as asked, of the shapes that documents have, in no order that a hash could like.
fn templates(count: usize) -> Vec<String> {
    (0..count)
        .map(|number| {
            let name = format!("{:08x}", (number as u32).wrapping_mul(0x9e37_79b1));
            match number % 5 {
                0 => format!("/v1/{name}"),
                1 => format!("/v1/{name}/items"),
                2 => format!("/v2/{name}/{{id}}"),
                3 => format!("/v2/{name}/{{id}}/parts/{{part}}"),
                _ => format!("/files/{name}/{{proxy+}}"),
            }
        })
        .collect()
}

/// Request paths one after the other in one text, so that reading them misses no cache.
struct Requests {
    text: Vec<u8>,
    ends: Vec<usize>,
}

impl Requests {
    fn new(templates: &[String], count: usize, hit: bool, random: &mut fastrand::Rng) -> Self {
        let mut made = Self { text: Vec::new(), ends: Vec::new() };
        for _ in 0..count {
            let id = random.u32(..).to_string();
            let path = templates[random.usize(..templates.len())]
                .replace("{id}", &id)
                .replace("{part}", &id)
                .replace("{proxy+}", "a/b");
            // A miss differs in its last segments, after everything it shares with a route has been looked at.
            let path = if hit { path } else { path.replacen("/files/", "/file/", 1) + "/missing/" + &id };
            made.text.extend_from_slice(path.as_bytes());
            made.ends.push(made.text.len());
        }
        made
    }
}

/// Nanoseconds a lookup.
#[allow(clippy::disallowed_methods)] // measuring is this program's purpose
fn pass(tree: &PathTree, requests: &Requests, hit: bool) -> f64 {
    let mut captured = 0;
    let mut found = 0;
    let begin = Instant::now();
    let mut start = 0;
    for &end in &requests.ends {
        let number = tree.find(black_box(&requests.text[start..end]), GET, |from, to| captured += to - from);
        found += usize::from(number.is_some());
        start = end;
    }
    let nanoseconds = begin.elapsed().as_nanos() as f64;
    black_box(captured);
    assert_eq!(found, if hit { requests.ends.len() } else { 0 }, "lookups find what they should");
    nanoseconds / requests.ends.len() as f64
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}
