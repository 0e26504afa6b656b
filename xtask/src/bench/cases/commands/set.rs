//! Sets: a large one, as many members as there are keys.

use super::{Filling, Row, append};

/// The rows.
pub const ROWS: &[Row] = &[
    Row { name: "SADD", request: "SADD myset element:__rand_int__", ..Row::NEW },
    Row { name: "SISMEMBER", request: "SISMEMBER myset element:__rand_int__", filling: MEMBERS, ..Row::NEW },
];

const MEMBERS: Filling = Filling::PerKey(|number, out| {
    append(out, &[b"SADD", b"myset", format!("element:{number:012}").as_bytes()]);
});
