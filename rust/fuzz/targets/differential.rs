//! Fuzzes `apigw_fuzz::differential`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| apigw_fuzz::differential(bytes));
