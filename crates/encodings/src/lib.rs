//! How collections lie in memory: compact byte encodings and large structures that are copied on write.
//!
//! Knows no keys and no data types of Redis. A large structure is built of nodes that clones share: cloning costs next to
//! nothing, and whoever writes afterwards copies only the nodes that the write touches. A snapshot keeps such a clone, so no
//! writer ever waits for a large collection to be copied or written down.
#![deny(unsafe_code)]

mod directory;
#[expect(unsafe_code, reason = "a packed buffer or a box behind one word")]
pub mod either;
pub mod id_tree;
pub mod intset;
pub mod listpack;
pub mod ordered;
#[expect(unsafe_code, reason = "one of two packed buffers behind one word")]
pub mod packed_set;
pub mod quicklist;
pub mod room;
pub mod score_index;
mod search;
pub mod seed;
pub mod table;
#[expect(unsafe_code, reason = "one allocation behind a thin pointer")]
mod thin;
mod tree;
