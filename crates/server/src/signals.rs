//! Signals that ask something of the server, told to it by a thread of their own: no code runs inside a handler.
//!
//! SIGPIPE needs nothing: Rust programs ignore it from their first line.

use crate::logging;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// What a signal asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// SIGTERM or SIGINT: stop in good order. Comes with the signal's number.
    Shutdown(i32),
    /// SIGINT while the server is already stopping: the process ends when the handler returns. Only what another
    /// start would stumble over should be removed.
    ExitNow,
    /// SIGHUP: open the log file anew.
    ReopenLog,
}

/// Whether a stop was asked for, by a signal or else: then SIGINT means now.
static IS_STOPPING: AtomicBool = AtomicBool::new(false);

/// Starts the thread that waits for signals. `is_loading` says whether the data set is still being read; `handle`
/// runs on that thread. After the process has gone into the background, for threads do not follow it there.
pub fn watch(
    is_loading: impl Fn() -> bool + Send + 'static,
    mut handle: impl FnMut(Request) + Send + 'static,
) -> io::Result<()> {
    let mut signals = Signals::new([SIGTERM, SIGINT, SIGHUP])?;
    stdx::thread::spawn("signals", move || {
        for signal in signals.forever() {
            let request = decide(signal, IS_STOPPING.load(Relaxed));
            if let Some(line) = log_line(request, is_loading()) {
                logging::write_from_signal(line);
            }
            if let Request::Shutdown(_) = request {
                IS_STOPPING.store(true, Relaxed);
            }
            handle(request);
            if request == Request::ExitNow {
                std::process::exit(1);
            }
        }
    })?;
    Ok(())
}

/// Says that the server is stopping for another reason than a signal, or that it goes on after all.
pub fn set_stopping(is_stopping: bool) {
    IS_STOPPING.store(is_stopping, Relaxed);
}

fn decide(signal: i32, is_stopping: bool) -> Request {
    match signal {
        SIGHUP => Request::ReopenLog,
        SIGINT if is_stopping => Request::ExitNow,
        _ => Request::Shutdown(signal),
    }
}

fn log_line(request: Request, is_loading: bool) -> Option<&'static str> {
    match request {
        Request::ReopenLog => None,
        Request::ExitNow => Some("You insist... exiting now."),
        Request::Shutdown(_) if is_loading => {
            Some("Received shutdown signal during loading, scheduling shutdown.")
        }
        Request::Shutdown(SIGINT) => Some("Received SIGINT scheduling shutdown..."),
        Request::Shutdown(_) => Some("Received SIGTERM scheduling shutdown..."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    #[test]
    fn only_the_second_interrupt_insists() {
        assert_eq!(decide(SIGINT, false), Request::Shutdown(SIGINT));
        assert_eq!(decide(SIGTERM, false), Request::Shutdown(SIGTERM));
        assert_eq!(decide(SIGTERM, true), Request::Shutdown(SIGTERM));
        assert_eq!(decide(SIGINT, true), Request::ExitNow);
        assert_eq!(decide(SIGHUP, true), Request::ReopenLog);
    }

    #[test]
    fn lines_read_as_scripts_expect() {
        let line = |request, is_loading| log_line(request, is_loading).unwrap_or_default();
        assert_eq!(line(Request::Shutdown(SIGTERM), false), "Received SIGTERM scheduling shutdown...");
        assert_eq!(line(Request::Shutdown(SIGINT), false), "Received SIGINT scheduling shutdown...");
        assert!(line(Request::Shutdown(SIGINT), true).contains("during loading"));
        assert_eq!(line(Request::ReopenLog, false), "");
    }

    #[test]
    fn a_signal_reaches_the_handler() {
        let (sender, receiver) = mpsc::channel();
        watch(|| false, move |request| sender.send(request).expect("the test waits")).expect("watching");
        signal_hook::low_level::raise(SIGHUP).expect("raised");
        assert_eq!(receiver.recv(), Ok(Request::ReopenLog));
        signal_hook::low_level::raise(SIGTERM).expect("raised");
        assert_eq!(receiver.recv(), Ok(Request::Shutdown(SIGTERM)));
        set_stopping(false);
    }
}
