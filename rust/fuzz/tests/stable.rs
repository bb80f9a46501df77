//! The fuzz targets on stable: their seeds and a few thousand damaged ones, the same in every run.

#[path = "../src/lib.rs"]
#[expect(unreachable_pub, reason = "the root of the fuzz crate, a module here")]
mod targets;

use targets::{TARGETS, readings, seeds};

/// Inputs a target gets beside its seeds.
const INPUTS: usize = 20_000;

/// Damages a seed as fuzzers do: bytes changed, taken out, repeated, put in, two seeds joined.
fn damaged(random: &mut fastrand::Rng, seeds: &[Vec<u8>]) -> Vec<u8> {
    const WORDS: &[&[u8]] = &[
        b"\r\n",
        b"\n",
        b"\r",
        b"\0",
        b" ",
        b"\t",
        b":",
        b";",
        b",",
        b"0\r\n\r\n",
        b"chunked",
        b"Host: h\r\n",
        b"%0d%0a",
        b"/",
        b"{",
        b"Content-Length: 5\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"\xff",
        b"9",
        b"- ",
        b"&a ",
        b"*a",
    ];
    let mut text = seeds[random.usize(..seeds.len())].clone();
    for _ in 0..random.usize(1..5) {
        let at = random.usize(..=text.len());
        match random.u8(..5) {
            0 if at < text.len() => text[at] = random.u8(..),
            1 => {
                text.drain(at..text.len().min(at + random.usize(1..6)));
            }
            2 => {
                let run = text[at..text.len().min(at + random.usize(1..20))].to_vec();
                text.splice(at..at, run);
            }
            3 => {
                let other = &seeds[random.usize(..seeds.len())];
                let rest = other[random.usize(..=other.len())..].to_vec();
                text.splice(at.., rest);
            }
            _ => {
                let word = WORDS[random.usize(..WORDS.len())];
                text.splice(at..at, word.iter().copied());
            }
        }
    }
    text.truncate(4096);
    text
}

fn run(target: &str) {
    let (_, check) = TARGETS.iter().find(|(name, _)| *name == target).expect("a target");
    let seeds = seeds(target);
    for seed in &seeds {
        check(seed);
    }
    let mut random = fastrand::Rng::with_seed(2026);
    for number in 0..INPUTS {
        let input = damaged(&mut random, &seeds);
        if let Err(panic) = std::panic::catch_unwind(|| check(&input)) {
            println!("input {number} of {target}: {}", input.escape_ascii());
            std::panic::resume_unwind(panic);
        }
    }
}

/// Writes how the codec reads each file of a folder, for other parsers to be asked the same (tools/fuzz.py).
#[test]
#[ignore = "it needs a folder of requests: FUZZ_CORPUS"]
fn read_a_corpus() {
    let folder = std::env::var("FUZZ_CORPUS").expect("FUZZ_CORPUS");
    let mut files: Vec<_> =
        std::fs::read_dir(folder).expect("a folder").map(|file| file.expect("a file").path()).collect();
    files.sort();
    for file in files {
        let text = std::fs::read(&file).expect("its bytes");
        let messages: Vec<_> = readings(&text)
            .into_iter()
            .map(|parts| parts.map(|part| part.iter().map(|byte| char::from(*byte)).collect::<String>()))
            .collect();
        println!("READ {}", serde_json::json!([file.display().to_string(), messages]));
    }
}

macro_rules! targets {
    ($($name:ident)*) => {
        $(#[test]
        fn $name() {
            run(stringify!($name));
        })*

        #[test]
        fn every_target_is_run_and_fuzzed() {
            let run = [$(stringify!($name)),*];
            assert_eq!(TARGETS.iter().map(|(name, _)| *name).collect::<Vec<_>>(), run);
            let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/rust/fuzz/");
            let manifest = std::fs::read_to_string(format!("{folder}Cargo.toml")).expect("the fuzz crate");
            for name in run {
                assert!(manifest.contains(&format!("name = \"{name}\"")), "no binary {name}");
                let source = std::fs::read_to_string(format!("{folder}targets/{name}.rs")).expect("its source");
                assert!(source.contains(&format!("apigw_fuzz::{name}(bytes)")));
            }
            assert_eq!(manifest.matches("[[bin]]").count(), run.len());
        }
    };
}

targets! {
    request_head request_stream chunked_body response http2_head writer mapping cache_key differential address path query yaml sigv4
    request_body java_regex jsonpath vtl
}
