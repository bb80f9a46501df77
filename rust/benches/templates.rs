//! Renders a small request template and a small response template: the pair a mapped request needs.
//! Prints one JSON line for `bench`; a program of its own because criterion is not worth a dependency.

#![allow(clippy::disallowed_methods, clippy::cast_precision_loss, reason = "a benchmark measures time")]

use std::{hint::black_box, time::Instant};

use apigw_engine::primitives::vtl::{Limits, Template, testing::World};

/// As the engine has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ROUNDS: usize = 100_000;
const PASSES: usize = 9;
const BODY: &str = r#"{"user":{"name":"Ada Lovelace","id":4711,"mail":"ada@example.com"},"items":[{"sku":"A-1","count":2,"price":9.95},{"sku":"B-2","count":1,"price":120.5},{"sku":"C-3","count":12,"price":0.5}],"note":"leave it at the door, please","express":true,"address":{"street":"12 St James's Square","city":"London"}}"#;
const REQUEST: &str = r#"{"who": $input.json('$.user.name'), "id": "$input.params('id')", "request": "$context.requestId",
 "items": [#foreach($item in $input.path('$.items')){"sku": "$item.sku", "n": $item.count}#if($foreach.hasNext),#end#end]}"#;
const RESPONSE: &str = r#"#set($root = $input.path('$'))
{"note": "$util.escapeJavaScript($root.note)", "city": "$root.address.city", "express": $root.express}"#;

fn main() {
    // `cargo test --benches` and `cargo bench -- --quick` only want to see it run.
    let quick = std::env::args().any(|argument| argument == "--quick" || argument == "--test");
    let (rounds, passes) = if quick { (1_000, 1) } else { (ROUNDS, PASSES) };
    let [request, response] = [REQUEST, RESPONSE].map(|source| Template::compile(source).ok());
    let (Some(request), Some(response)) = (request, response) else {
        return println!("{{\"error\":\"not compiled\"}}");
    };
    let mut worlds = [World::new(BODY), World::new(BODY)];
    let limits = Limits::default();
    let mut out = String::with_capacity(1024);
    let mut best = f64::INFINITY;
    for _ in 0..passes {
        let begin = Instant::now();
        for _ in 0..rounds {
            out.clear();
            let first = request.render(&mut worlds[0], &limits, black_box(&mut out));
            let second = response.render(&mut worlds[1], &limits, black_box(&mut out));
            assert!(first.is_ok() && second.is_ok(), "both render");
        }
        best = best.min(begin.elapsed().as_nanos() as f64 / rounds as f64);
    }
    println!("{{\"template_pair_ns\":{best:.0},\"body\":{},\"output\":{}}}", BODY.len(), out.len());
}
