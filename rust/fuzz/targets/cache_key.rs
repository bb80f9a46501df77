//! Fuzzes `apigw_fuzz::cache_key`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| apigw_fuzz::cache_key(bytes));
