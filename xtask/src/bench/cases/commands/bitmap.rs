//! Bitmaps: many of a thousand bits, and one of as many bits as there are keys.

use super::{Filling, Row, append, scattered};

/// The rows. A bit's offset takes no leading zeros, which random numbers have: it is the key that varies.
pub const ROWS: &[Row] = &[
    Row { name: "SETBIT", request: "SETBIT bits:__rand_int__ 500 1", filling: MANY, ..Row::NEW },
    Row { name: "GETBIT", request: "GETBIT bits:__rand_int__ 500", filling: MANY, ..Row::NEW },
    Row {
        name: "BITFIELD",
        request: "BITFIELD bits:__rand_int__ INCRBY u16 #10 1",
        filling: MANY,
        ..Row::NEW
    },
    Row { name: "BITCOUNT of the large one", request: "BITCOUNT bits", weight: 32, filling: ONE, ..Row::NEW },
    Row { name: "BITPOS in the large one", request: "BITPOS bits 1", filling: ONE, ..Row::NEW },
];

const MANY: Filling = Filling::PerKey(|number, out| {
    append(out, &[b"SETBIT", format!("bits:{number:012}").as_bytes(), b"999", b"1"]);
});

const ONE: Filling = Filling::PerKey(|number, out| {
    append(out, &[b"SETBIT", b"bits", scattered(number).to_string().as_bytes(), b"1"]);
});
