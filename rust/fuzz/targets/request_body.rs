//! Fuzzes `apigw_fuzz::request_body`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| apigw_fuzz::request_body(bytes));
