//! The data types: values without keys, clients or time.
#![forbid(unsafe_code)]

pub mod ahead;
pub mod bitmap;
pub mod collection;
pub mod geo;
pub mod hash;
pub mod hyperloglog;
pub mod lcs;
pub mod limits;
pub mod list;
pub mod set;
pub mod sorted_set;
pub mod stream;
pub mod string;
pub mod types;
