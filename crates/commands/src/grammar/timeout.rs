//! How long a command may wait.

use engine::command::Stop;

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

#[cfg(test)]
mod tests {
    use super::*;

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
