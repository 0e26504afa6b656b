//! RESP2 and RESP3 as bytes and values. Never touches a socket.

pub mod value;
