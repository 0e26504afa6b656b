//! Layouts that are read and no longer written.

pub(crate) mod ziplist;
