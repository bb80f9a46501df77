//! Fuzzes `apigw_fuzz::address`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| apigw_fuzz::address(bytes));
