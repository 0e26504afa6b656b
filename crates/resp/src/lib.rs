//! RESP2 and RESP3 as bytes and values. Never touches a socket.
#![forbid(unsafe_code)]

#[cfg(any(test, fuzzing))]
pub mod fuzzing;
pub mod reply;
pub mod request;
pub mod request_parser;
pub mod value;
