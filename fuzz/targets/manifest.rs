//! The manifest of the append-only files.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| log::fuzzing::manifest(bytes));
