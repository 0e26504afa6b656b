//! Sorted sets: a large one, as many members as there are keys.

use super::{Filling, Row, append, scattered};

/// The rows.
pub const ROWS: &[Row] = &[
    Row {
        name: "ZADD to a large one",
        request: "ZADD myzset __rand_int__ element:__rand_int__",
        filling: MEMBERS,
        ..Row::NEW
    },
    Row { name: "ZSCORE", request: "ZSCORE myzset element:__rand_int__", filling: MEMBERS, ..Row::NEW },
    Row { name: "ZRANK", request: "ZRANK myzset element:__rand_int__", filling: MEMBERS, ..Row::NEW },
    Row {
        name: "ZRANGE of the first 100",
        request: "ZRANGE myzset 0 99",
        weight: 8,
        filling: MEMBERS,
        ..Row::NEW
    },
];

const MEMBERS: Filling = Filling::PerKey(|number, out| {
    let (score, member) = (scattered(number).to_string(), format!("element:{number:012}"));
    append(out, &[b"ZADD", b"myzset", score.as_bytes(), member.as_bytes()]);
});
