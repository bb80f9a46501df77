//! Fuzzes `apigw_fuzz::java_regex`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| apigw_fuzz::java_regex(bytes));
