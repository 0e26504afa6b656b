//! Panics: reported like a fatal signal, and as fatal.

use super::{Turn, is_enabled, raw, report, signal, take_turn};
use crate::logging;
use crate::system::pid_file;
use signal_hook::consts::SIGABRT;
use std::fmt;
use std::panic::{self, PanicHookInfo};
use stdx::logging::Level;

/// Ends the process at every panic of any thread.
pub fn install() {
    panic::set_hook(Box::new(|panic| {
        match take_turn(raw::thread()) {
            Turn::Ours => {}
            Turn::OursAgain => {
                raw::print_line(format_args!("Panicked while reporting: {panic}"));
                raw::die(SIGABRT);
            }
            Turn::Theirs => raw::wait_for_the_end(),
        }
        report_panic(panic);
        pid_file::remove_quietly();
        raw::die(SIGABRT);
    }));
}

fn report_panic(panic: &PanicHookInfo<'_>) {
    if !is_enabled() {
        return print_cause(panic);
    }
    signal::start_watchdog();
    report::begin();
    print_line(format_args!("------------------------------------------------"));
    print_line(format_args!("!!! Software Failure. Press left mouse button to continue"));
    print_cause(panic);
    print_line(format_args!("------------------------------------------------"));
    report::stack_trace(None);
    report::sections();
    report::end();
}

fn print_cause(panic: &PanicHookInfo<'_>) {
    let message = panic.payload_as_str().unwrap_or("(no message)");
    match panic.location() {
        Some(place) => {
            print_line(format_args!("Guru Meditation: {message} #{}:{}", place.file(), place.line()));
        }
        None => print_line(format_args!("Guru Meditation: {message}")),
    }
}

/// A line past the log's lock, which the panicking thread may hold.
fn print_line(message: fmt::Arguments<'_>) {
    raw::write(&logging::format_line(Level::Warning, message));
}
