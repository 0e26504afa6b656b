//! Increments of the append-only log.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| log::fuzzing::increment(bytes));
