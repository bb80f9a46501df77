//! Fuzzes `apigw_fuzz::response`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| apigw_fuzz::response(bytes));
