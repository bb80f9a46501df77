//! Fuzzes `apigw_fuzz::http2_head`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| apigw_fuzz::http2_head(bytes));
