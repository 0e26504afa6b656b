//! Layouts that old servers wrote and that are only read.

pub(crate) mod ziplist;
