//! Fuzzes `apigw_fuzz::vtl`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| apigw_fuzz::vtl(bytes));
