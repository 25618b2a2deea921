//! Media packets and the payloads of every codec.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tongke::fuzzing::rtp(bytes));
