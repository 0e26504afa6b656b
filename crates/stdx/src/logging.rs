//! The log that every crate writes to: four levels, one threshold, one sink set by the program.
//!
//! A line below the threshold costs one relaxed load. This file knows nothing of the line's format or its target.

use std::fmt;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU8, Ordering};

/// How much a line matters, the least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Level {
    /// For whoever changes the code.
    Debug = 0,
    /// Rarely useful, less than `Debug`.
    Verbose = 1,
    /// What happened, in production.
    Notice = 2,
    /// What an operator must see.
    Warning = 3,
}

/// Above every level: nothing is logged.
const NOTHING: u8 = 4;

static THRESHOLD: AtomicU8 = AtomicU8::new(Level::Notice as u8);
static SINK: OnceLock<&'static dyn Sink> = OnceLock::new();

/// Where lines go. Must be quick, must not log itself, and swallows its own errors: there is nobody to tell.
pub trait Sink: Sync {
    /// Takes one message, without a line end.
    fn write(&self, level: Level, message: fmt::Arguments<'_>);
}

/// Sets where lines go, once in a process. Says whether this was the first call; later ones change nothing.
pub fn set_sink(sink: &'static dyn Sink) -> bool {
    SINK.set(sink).is_ok()
}

/// Drops lines below `level` from now on; `None` drops every line. Any thread may call it at any time.
pub fn set_level(level: Option<Level>) {
    THRESHOLD.store(level.map_or(NOTHING, |level| level as u8), Ordering::Relaxed);
}

/// Whether a line of this level would be written.
#[inline]
pub fn enabled(level: Level) -> bool {
    level as u8 >= THRESHOLD.load(Ordering::Relaxed)
}

/// Hands a line to the sink if its level passes; without a sink it is lost. The macros are the usual way here.
pub fn log(level: Level, message: fmt::Arguments<'_>) {
    if enabled(level)
        && let Some(sink) = SINK.get()
    {
        sink.write(level, message);
    }
}

/// Logs at a level: the arguments are not evaluated when the level is below the threshold.
#[doc(hidden)]
#[macro_export]
macro_rules! log_at {
    ($level:expr, $($argument:tt)+) => {
        if $crate::logging::enabled($level) {
            $crate::logging::log($level, ::core::format_args!($($argument)+));
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! log_debug {
    ($($argument:tt)+) => { $crate::log_at!($crate::logging::Level::Debug, $($argument)+) };
}

#[doc(hidden)]
#[macro_export]
macro_rules! log_verbose {
    ($($argument:tt)+) => { $crate::log_at!($crate::logging::Level::Verbose, $($argument)+) };
}

#[doc(hidden)]
#[macro_export]
macro_rules! log_notice {
    ($($argument:tt)+) => { $crate::log_at!($crate::logging::Level::Notice, $($argument)+) };
}

#[doc(hidden)]
#[macro_export]
macro_rules! log_warning {
    ($($argument:tt)+) => { $crate::log_at!($crate::logging::Level::Warning, $($argument)+) };
}

/// Logs at [`Level::Debug`], with the arguments of `format!`.
pub use crate::log_debug as debug;
/// Logs at [`Level::Notice`], with the arguments of `format!`.
pub use crate::log_notice as notice;
/// Logs at [`Level::Verbose`], with the arguments of `format!`.
pub use crate::log_verbose as verbose;
/// Logs at [`Level::Warning`], with the arguments of `format!`.
pub use crate::log_warning as warning;

#[cfg(test)]
#[expect(clippy::disallowed_types, reason = "the lock type lies above")]
mod tests {
    use super::*;
    use std::sync::Mutex;

    static LINES: Mutex<Vec<(Level, String)>> = Mutex::new(Vec::new());

    struct Collector;

    impl Sink for Collector {
        fn write(&self, level: Level, message: fmt::Arguments<'_>) {
            LINES.lock().expect("no test panics while it holds it").push((level, message.to_string()));
        }
    }

    #[test]
    fn levels_filter_at_run_time() {
        assert!(set_sink(&Collector));
        assert!(!set_sink(&Collector));
        let mut evaluated = 0;
        let mut count = || {
            evaluated += 1;
            evaluated
        };
        debug!("lost {}", count());
        notice!("kept {}", count());
        set_level(Some(Level::Debug));
        debug!("kept {}", count());
        verbose!("kept too");
        set_level(Some(Level::Warning));
        notice!("lost");
        warning!("loud");
        set_level(None);
        warning!("lost");
        set_level(Some(Level::Notice));
        let lines = LINES.lock().expect("no test panics while it holds it");
        let text = |level, text: &str| (level, text.to_owned());
        assert_eq!(
            *lines,
            [
                text(Level::Notice, "kept 1"),
                text(Level::Debug, "kept 2"),
                text(Level::Verbose, "kept too"),
                text(Level::Warning, "loud"),
            ]
        );
    }
}
