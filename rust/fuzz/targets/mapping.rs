//! Fuzzes `apigw_fuzz::mapping`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| apigw_fuzz::mapping(bytes));
