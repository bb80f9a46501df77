//! Judges request bodies of about 1 KB by a model, parsing included. Prints one JSON line for `bench`.

#![allow(clippy::disallowed_methods, clippy::cast_precision_loss, reason = "a benchmark measures time")]

use std::{hint::black_box, time::Instant};

use apigw_engine::primitives::json_schema::{Source, Verdict, compile};

const SCHEMA: &str = r##"{
  "$schema": "http://json-schema.org/draft-04/schema#", "type": "object", "required": ["id", "name", "tags", "owner"],
  "properties": {
    "id": {"type": "integer", "minimum": 1},
    "name": {"type": "string", "maxLength": 64},
    "status": {"enum": ["pending", "sold", "available"]},
    "tags": {"type": "array", "items": {"type": "string", "minLength": 1}},
    "owner": {"$ref": "#/definitions/Owner"},
    "photos": {"type": "array", "items": {"type": "object", "required": ["url"], "properties": {
      "url": {"type": "string"}, "width": {"type": "integer"}, "height": {"type": "integer"}}}}
  },
  "definitions": {"Owner": {"type": "object", "required": ["email"], "properties": {
    "email": {"type": "string", "pattern": "^[^@]+@[^@]+$"}, "first": {"type": "string"}, "last": {"type": "string"},
    "age": {"type": "integer", "maximum": 150}}}}
}"##;

fn main() {
    // `cargo test --benches` and `cargo bench -- --quick` only want to see it run.
    let quick = std::env::args().any(|argument| argument == "--quick" || argument == "--test");
    let (bodies, passes) = if quick { (100, 1) } else { (50_000, 9) };
    let (schemas, roots) = compile(&[Source { url: "", text: SCHEMA }]).unwrap_or_else(|found| panic!("{found:?}"));
    let body = body();
    let pass = |()| {
        let begin = Instant::now();
        for _ in 0..bodies {
            assert_eq!(schemas.judge(roots[0], black_box(body.as_bytes())), Verdict::Valid, "a valid body");
        }
        begin.elapsed().as_nanos() as f64 / f64::from(bodies)
    };
    // Of several passes the quickest was disturbed least.
    let best = std::iter::repeat_n((), passes).map(pass).fold(f64::INFINITY, f64::min);
    println!("{{\"bytes\":{},\"validated_ns\":{best:.0}}}", body.len());
}

/// A pet with photos, 1 KB of it.
fn body() -> String {
    let photo = r#"{"url":"https://photos.example.com/pets/12345/image.jpeg","width":640,"height":480}"#;
    let start = r#"{"id":12345,"name":"Rex the dog","status":"available","tags":["one","two","three","four"],"owner":{"email":"a@example.com","first":"Anna","last":"Bell","age":44},"photos":["#;
    let mut body = format!("{start}{photo}");
    while body.len() < 930 {
        body.push(',');
        body.push_str(photo);
    }
    body + "]}"
}
