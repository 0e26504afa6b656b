//! Strings beyond GET and SET.

use super::{Filling, Row, append, key, noise};

/// The rows.
pub const ROWS: &[Row] = &[
    Row {
        name: "INCR",
        request: "INCR counter:__rand_int__",
        filling: Filling::PerKey(|number, out| {
            append(out, &[b"SET", format!("counter:{number:012}").as_bytes(), number.to_string().as_bytes()]);
        }),
        ..Row::NEW
    },
    Row {
        name: "MSET of 10",
        request: "MSET key:__rand_int__ __data__ key:__rand_int__ __data__ key:__rand_int__ __data__ \
                  key:__rand_int__ __data__ key:__rand_int__ __data__ key:__rand_int__ __data__ \
                  key:__rand_int__ __data__ key:__rand_int__ __data__ key:__rand_int__ __data__ \
                  key:__rand_int__ __data__",
        weight: 4,
        filling: KEYS,
        ..Row::NEW
    },
    Row {
        name: "MGET of 10",
        request: "MGET key:__rand_int__ key:__rand_int__ key:__rand_int__ key:__rand_int__ key:__rand_int__ \
                  key:__rand_int__ key:__rand_int__ key:__rand_int__ key:__rand_int__ key:__rand_int__",
        weight: 4,
        filling: KEYS,
        ..Row::NEW
    },
    Row { name: "APPEND", request: "APPEND key:__rand_int__ __data__", filling: KEYS, ..Row::NEW },
];

const KEYS: Filling =
    Filling::PerKey(|number, out| append(out, &[b"SET", key(number).as_bytes(), &noise(number, 16)]));
