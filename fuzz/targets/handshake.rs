//! What a primary says to a replica before the stream begins.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| replication::fuzzing::handshake(bytes));
