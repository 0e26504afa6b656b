//! HyperLogLogs: a dense one that hardly changes any more.

use super::{Filling, Row, append};

/// The rows.
pub const ROWS: &[Row] = &[
    Row { name: "PFADD", request: "PFADD visitors element:__rand_int__", filling: VISITORS, ..Row::NEW },
    Row { name: "PFCOUNT", request: "PFCOUNT visitors", filling: VISITORS, ..Row::NEW },
    Row { name: "PFCOUNT of two", request: "PFCOUNT visitors more", weight: 64, filling: TWO, ..Row::NEW },
];

const VISITORS: Filling = Filling::PerKey(|number, out| {
    append(out, &[b"PFADD", b"visitors", format!("visitor:{number:012}").as_bytes()]);
});

const TWO: Filling = Filling::PerKey(|number, out| {
    let key: &[u8] = if number % 2 == 0 { b"visitors" } else { b"more" };
    append(out, &[b"PFADD", key, format!("visitor:{number:012}").as_bytes()]);
});
