//! Places, spread over a square of ten degrees: a random number below a million, times a hundred-thousandth.

use super::{Filling, Row, append, scattered};

/// The rows.
pub const ROWS: &[Row] = &[
    Row {
        name: "GEOADD",
        request: "GEOADD places __rand_int__e-5 __rand_int__e-5 element:__rand_int__",
        filling: PLACES,
        ..Row::NEW
    },
    Row {
        name: "GEOSEARCH of the nearest 10",
        request: "GEOSEARCH places FROMLONLAT 5 5 BYRADIUS 20 km ASC COUNT 10",
        weight: 64,
        filling: PLACES,
        ..Row::NEW
    },
    Row {
        name: "GEODIST",
        request: "GEODIST places element:000000000001 element:000000000002",
        filling: PLACES,
        ..Row::NEW
    },
];

const PLACES: Filling = Filling::Times(100_000, |number, out| {
    let degrees = |number: u64| format!("{}e-5", scattered(number));
    let (longitude, latitude) = (degrees(number), degrees(number + 500_000));
    let member = format!("element:{number:012}");
    append(out, &[b"GEOADD", b"places", longitude.as_bytes(), latitude.as_bytes(), member.as_bytes()]);
});
