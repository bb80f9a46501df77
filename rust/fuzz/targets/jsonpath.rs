//! Fuzzes `apigw_fuzz::jsonpath`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| apigw_fuzz::jsonpath(bytes));
