//! Replies, as clients and replicas read them.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| resp::fuzzing::replies(bytes));
