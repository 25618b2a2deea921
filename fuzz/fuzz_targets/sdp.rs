//! Descriptions in request bodies.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tongke::fuzzing::sdp(bytes));
