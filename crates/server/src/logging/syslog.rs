//! The system log.
#![expect(unsafe_code, reason = "calls the C library")]

use std::ffi::{CString, c_int};
use std::fmt;
use stdx::logging::Level;

/// What kind of program the system log is to take us for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Facility {
    /// An ordinary program.
    User,
    /// `local0` to `local7`.
    Local(u8),
}

impl Facility {
    fn number(self) -> c_int {
        match self {
            Facility::User => libc::LOG_USER,
            Facility::Local(index) => libc::LOG_LOCAL0 + (c_int::from(index.min(7)) << 3),
        }
    }
}

/// How lines appear in the system log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Syslog {
    /// The name before every line.
    pub ident: String,
    /// The kind of program.
    pub facility: Facility,
}

/// Opens the system log under a name; again, under another. What it cannot say is lost, as is usual there.
pub fn open(settings: &Syslog) {
    // The C library keeps the pointer: a name is a few bytes, and set once in a process's life.
    let ident: &'static CString = Box::leak(Box::new(c_text(&settings.ident)));
    let options = libc::LOG_PID | libc::LOG_NDELAY | libc::LOG_NOWAIT;
    // SAFETY: `ident` ends in a zero byte and lives for ever.
    unsafe { libc::openlog(ident.as_ptr(), options, settings.facility.number()) }
}

/// Writes a line without its front: the system log has its own.
pub fn write(level: Level, message: fmt::Arguments<'_>) {
    let priority = match level {
        Level::Debug => libc::LOG_DEBUG,
        Level::Verbose => libc::LOG_INFO,
        Level::Notice => libc::LOG_NOTICE,
        Level::Warning => libc::LOG_WARNING,
    };
    let text = c_text(&super::line::escape(message));
    // SAFETY: the format takes one string, which ends in a zero byte and lives through the call.
    unsafe { libc::syslog(priority, c"%s".as_ptr(), text.as_ptr()) }
}

/// Text up to its first zero byte.
fn c_text(text: &str) -> CString {
    CString::new(text.split('\0').next().unwrap_or_default()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facilities_have_the_system_s_numbers() {
        assert_eq!(Facility::User.number(), libc::LOG_USER);
        assert_eq!(Facility::Local(0).number(), libc::LOG_LOCAL0);
        assert_eq!(Facility::Local(7).number(), libc::LOG_LOCAL7);
        assert_eq!(c_text("a\0b").as_c_str(), c"a");
    }
}
