//! Changes of the plan, one after another.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tongke::fuzzing::plan(bytes));
