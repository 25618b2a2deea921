//! Whatever arrives on a media port.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tongke::fuzzing::datagram(bytes));
