//! Payloads of DUMP.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| rdb::fuzzing::payload(bytes));
