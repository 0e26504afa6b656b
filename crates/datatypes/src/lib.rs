//! The data types: values without keys, clients or time.
#![forbid(unsafe_code)]

pub mod lcs;
pub mod string;
pub mod types;
