//! Spreadsheets as somebody hands them in.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tongke::fuzzing::sheets(bytes));
