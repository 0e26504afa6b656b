//! Hashes: a large one, as many fields as there are keys, and many small ones.

use super::{Filling, Row, append, noise};

/// The rows.
pub const ROWS: &[Row] = &[
    Row { name: "HSET", request: "HSET myhash element:__rand_int__ __data__", ..Row::NEW },
    Row {
        name: "HGET",
        request: "HGET myhash element:__rand_int__",
        filling: Filling::PerKey(|number, out| {
            append(
                out,
                &[b"HSET", b"myhash", format!("element:{number:012}").as_bytes(), &noise(number, 16)],
            );
        }),
        ..Row::NEW
    },
    Row { name: "HSET of small hashes", request: "HSET key:__rand_int__ field __data__", ..Row::NEW },
];
