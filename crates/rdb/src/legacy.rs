//! Layouts that old servers wrote and that are only read.

pub(crate) mod ziplist;
pub(crate) mod zipmap;
