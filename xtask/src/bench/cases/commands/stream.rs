//! Streams: appending to a growing one, and reading from it.

use super::{Filling, Row, append, noise};

/// The rows.
pub const ROWS: &[Row] = &[
    Row { name: "XADD", request: "XADD mystream * myfield __data__", ..Row::NEW },
    Row {
        name: "XRANGE of the first 100",
        request: "XRANGE mystream - + COUNT 100",
        weight: 8,
        filling: Filling::Times(100_000, |number, out| {
            append(out, &[b"XADD", b"mystream", b"*", b"myfield", &noise(number, 16)]);
        }),
        ..Row::NEW
    },
];
