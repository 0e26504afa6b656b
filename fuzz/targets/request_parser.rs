//! Requests of clients.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| resp::fuzzing::request_parser(bytes));
