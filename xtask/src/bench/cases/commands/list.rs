//! Lists: pushing to a growing one, turning and reading a long one.

use super::{Filling, Row, append, noise};

/// The rows.
pub const ROWS: &[Row] = &[
    Row { name: "LPUSH", request: "LPUSH mylist __data__", ..Row::NEW },
    Row { name: "RPUSH", request: "RPUSH mylist __data__", ..Row::NEW },
    Row {
        name: "LMOVE within a list",
        request: "LMOVE mylist mylist LEFT RIGHT",
        filling: Filling::Times(100_000, push),
        ..Row::NEW
    },
    Row {
        name: "LRANGE of 100",
        request: "LRANGE mylist 0 99",
        weight: 8,
        filling: Filling::Times(100_000, push),
        ..Row::NEW
    },
];

fn push(number: u64, out: &mut Vec<u8>) {
    append(out, &[b"RPUSH", b"mylist", &noise(number, 16)]);
}
