//! Fuzzes `apigw_fuzz::chunked_body`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| apigw_fuzz::chunked_body(bytes));
