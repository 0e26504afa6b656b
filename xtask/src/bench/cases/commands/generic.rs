//! Keys of any type: their expiry, and sorting what they hold.

use super::{Filling, Row, append, key, noise, scattered};

/// The rows.
pub const ROWS: &[Row] = &[
    Row { name: "EXISTS", request: "EXISTS key:__rand_int__", filling: KEYS, ..Row::NEW },
    Row { name: "EXPIRE", request: "EXPIRE key:__rand_int__ 100000", filling: KEYS, ..Row::NEW },
    Row {
        name: "SORT of 1000 numbers",
        request: "SORT numbers",
        weight: 256,
        filling: Filling::Times(1000, |number, out| {
            append(out, &[b"RPUSH", b"numbers", scattered(number).to_string().as_bytes()]);
        }),
        ..Row::NEW
    },
    Row {
        name: "SORT of 1000 texts, the first 10",
        request: "SORT texts ALPHA LIMIT 0 10",
        weight: 256,
        filling: Filling::Times(1000, |number, out| append(out, &[b"RPUSH", b"texts", &noise(number, 16)])),
        ..Row::NEW
    },
];

const KEYS: Filling =
    Filling::PerKey(|number, out| append(out, &[b"SET", key(number).as_bytes(), &noise(number, 16)]));
