//! Encodings of collections that older servers wrote and nobody writes any more.

pub(crate) mod ziplist;
pub(crate) mod zipmap;
