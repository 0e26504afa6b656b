//! How long a command may wait.

use engine::command::Stop;
use engine::engine::TurnClock;

/// Since when timeouts may have fractions.
pub(crate) const DOUBLE_SINCE_6: &[(&str, &str)] =
    &[("6.0.0", "`timeout` is interpreted as a double instead of an integer.")];

/// Reads a timeout in milliseconds into a deadline on the monotonic clock; 0 means that there is none.
pub(crate) fn deadline_ms(text: &[u8], now_ms: u64) -> Result<u64, Stop> {
    let timeout_ms =
        stdx::number::parse_i64(text).ok_or(Stop::error("ERR timeout is not an integer or out of range"))?;
    if timeout_ms < 0 {
        return Err(Stop::error("ERR timeout is negative"));
    }
    if timeout_ms == 0 {
        return Ok(0);
    }
    i64::try_from(now_ms)
        .ok()
        .and_then(|now_ms| now_ms.checked_add(timeout_ms))
        .and_then(|at_ms| u64::try_from(at_ms).ok())
        .ok_or(Stop::error("ERR timeout is out of range"))
}

/// Reads a timeout in seconds, fractions allowed, into a deadline on the monotonic clock; 0 means that there is none.
pub(crate) fn deadline_of_seconds(text: &[u8], clock: TurnClock) -> Result<u64, Stop> {
    // What is too large for a double is only out of range: Redis reads a longer one.
    let too_large =
        || std::str::from_utf8(text).ok()?.parse().ok().filter(|seconds: &f64| seconds.is_infinite());
    let seconds = stdx::number::parse_f64(text)
        .or_else(too_large)
        .ok_or(Stop::error("ERR timeout is not a float or out of range"))?;
    let timeout_ms = (seconds * 1000.0).ceil();
    if timeout_ms < 0.0 {
        return Err(Stop::error("ERR timeout is negative"));
    }
    // Beyond 64 bits the conversion gives the greatest integer, which is out of range as well.
    if timeout_ms as i64 > i64::MAX - clock.wall_ms {
        return Err(Stop::error("ERR timeout is out of range"));
    }
    let deadline_ms = clock.monotonic_ms + timeout_ms as u64;
    Ok(if timeout_ms == 0.0 { 0 } else { deadline_ms })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deadlines_of_seconds() {
        let clock = TurnClock { wall_ms: 1_700_000_000_000, monotonic_ms: 5 };
        for (text, deadline_ms) in [("0", 0), ("1", 1005), ("0.0001", 6), ("1.5", 1505), ("-0.0001", 0)] {
            assert_eq!(deadline_of_seconds(text.as_bytes(), clock), Ok(deadline_ms), "{text}");
        }
        for (text, error) in [
            ("x", "ERR timeout is not a float or out of range"),
            ("nan", "ERR timeout is not a float or out of range"),
            ("-1", "ERR timeout is negative"),
            ("-inf", "ERR timeout is negative"),
            ("inf", "ERR timeout is out of range"),
            ("1e30", "ERR timeout is out of range"),
            ("1e400", "ERR timeout is out of range"),
            ("9223372036854775", "ERR timeout is out of range"),
        ] {
            assert_eq!(deadline_of_seconds(text.as_bytes(), clock), Err(Stop::error(error)), "{text}");
        }
    }

    #[test]
    fn deadlines() {
        assert_eq!((deadline_ms(b"0", 5), deadline_ms(b"10", 5)), (Ok(0), Ok(15)));
        for (text, error) in [
            ("x", "ERR timeout is not an integer or out of range"),
            ("-1", "ERR timeout is negative"),
            ("9223372036854775807", "ERR timeout is out of range"),
        ] {
            assert_eq!(deadline_ms(text.as_bytes(), 5), Err(Stop::error(error)), "{text}");
        }
    }
}
