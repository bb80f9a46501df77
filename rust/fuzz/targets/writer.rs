//! Fuzzes `apigw_fuzz::writer`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| apigw_fuzz::writer(bytes));
