//! Strings under keys of 16 bytes.

use super::{Figure, Row, append, key, noise};

/// Longer than the case runs.
const EXPIRY_SECONDS: &[u8] = b"100000";

/// The rows.
pub const ROWS: &[Row] = &[
    Row {
        name: "string of 16 B",
        count: 5_000_000,
        figure: Figure::RssPerKey,
        write: |number, out| append(out, &[b"SET", key(number).as_bytes(), &noise(number, 16)]),
    },
    Row {
        name: "string of 16 B with expiry",
        count: 5_000_000,
        figure: Figure::RssPerKey,
        write: |number, out| {
            append(out, &[b"SET", key(number).as_bytes(), &noise(number, 16), b"EX", EXPIRY_SECONDS]);
        },
    },
    Row {
        name: "string of 64 B",
        count: 2_000_000,
        figure: Figure::RssPerKey,
        write: |number, out| append(out, &[b"SET", key(number).as_bytes(), &noise(number, 64)]),
    },
    Row {
        name: "string of 1 KiB",
        count: 500_000,
        figure: Figure::RssPerKey,
        write: |number, out| append(out, &[b"SET", key(number).as_bytes(), &noise(number, 1024)]),
    },
];
