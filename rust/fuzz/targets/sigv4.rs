//! Fuzzes `apigw_fuzz::sigv4`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| apigw_fuzz::sigv4(bytes));
