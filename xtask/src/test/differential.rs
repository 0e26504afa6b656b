//! The random comparison with real servers: how long it goes on beyond its first seed.

use std::ffi::OsString;

/// How long further seeds are tried, in seconds, both numbers of workers together.
const SECONDS: (&str, &str) = ("OCHRE_DIFFERENTIAL_SECONDS", "180");

/// The variable that tells the tests, unless it is set already.
pub fn variable() -> Option<(&'static str, OsString)> {
    std::env::var_os(SECONDS.0).is_none().then(|| (SECONDS.0, SECONDS.1.into()))
}
