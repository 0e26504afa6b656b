//! The time of day where the machine is. The C library's call: the rules of time zones are its business, and the
//! process is linked with it anyway.
#![expect(unsafe_code, reason = "calls the C library")]

use std::sync::Once;

/// A second on the local calendar and clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The year, as people count.
    pub year: i32,
    /// The month, 0 to 11.
    pub month: usize,
    /// The day of the month, from 1.
    pub day: i32,
    /// Hours since midnight.
    pub hour: i32,
    /// Minutes.
    pub minute: i32,
    /// Seconds, 60 in a leap second.
    pub second: i32,
}

unsafe extern "C" {
    /// Reads the time zone from TZ or the system's setting.
    fn tzset();
}

/// The local time, some seconds after 1970.
pub fn at(seconds: i64) -> Moment {
    static ZONE: Once = Once::new();
    ZONE.call_once(|| {
        // SAFETY: takes nothing. It reads the environment, which no thread changes once there are several.
        unsafe { tzset() }
    });
    // SAFETY: `tm` is made of integers and a pointer, for all of which zero is a value.
    let mut broken_down: libc::tm = unsafe { std::mem::zeroed() };
    // SAFETY: both pointers are of live values; the call keeps neither.
    let result = unsafe { libc::localtime_r(&raw const seconds, &raw mut broken_down) };
    if result.is_null() {
        return Moment { year: 1970, month: 0, day: 1, hour: 0, minute: 0, second: 0 };
    }
    Moment {
        year: broken_down.tm_year + 1900,
        month: usize::try_from(broken_down.tm_mon).unwrap_or(0),
        day: broken_down.tm_mday,
        hour: broken_down.tm_hour,
        minute: broken_down.tm_min,
        second: broken_down.tm_sec,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn follows_the_calendar() {
        // Noon of 29 February 2024 in UTC: no zone is so far off that the year changes.
        let moment = at(1_709_208_000);
        assert_eq!(moment.year, 2024);
        let day_later = at(1_709_208_000 + 86_400);
        assert_ne!(moment.day, day_later.day);
        assert_eq!((moment.minute, moment.second), (day_later.minute, day_later.second));
        assert_eq!(at(i64::MAX).year, 1970);
    }
}
