//! What the log gets when the process dies of a fault: a report that tells what happened where and to whom.
//!
//! A fault is a fatal signal or a panic. Either ends the process: no lock that a panic left behind is ever used again.
//! The first lines of a signal's report are written by system calls alone. The rest allocates and takes locks of the
//! runtime's, which the fault may have left taken: a watchdog ends that.

mod alternate_stack;
mod panic;
mod raw;
mod report;
mod signal;

use alternate_stack::protect_thread;
use std::io;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering::Relaxed, Ordering::SeqCst};

/// A part of the report: a title, and lines.
#[derive(Clone, Debug)]
pub struct Section {
    /// The title, in capitals as the others: `INFO OUTPUT`, `CLIENT LIST OUTPUT`.
    pub title: &'static str,
    /// The lines. Control characters in them are made visible.
    pub text: String,
}

/// Tells what the server was doing. Runs on the faulting thread in whatever state: it may only try to take locks.
pub type Describe = dyn Fn() -> Vec<Section> + Send + Sync;

struct Settings {
    version: &'static str,
    describe: Box<Describe>,
}

static SETTINGS: OnceLock<Settings> = OnceLock::new();
static IS_ENABLED: AtomicBool = AtomicBool::new(true);
/// The thread whose fault is reported: there is one report a process.
static REPORTER: AtomicI32 = AtomicI32::new(0);

/// Reports faults from now on, of this thread and of those that are started later with room for the whole report. Once
/// in a process, after it has gone into the background.
pub fn install(version: &'static str, describe: Box<Describe>) -> io::Result<()> {
    if SETTINGS.set(Settings { version, describe }).is_err() {
        return Ok(());
    }
    panic::install();
    protect_thread()?;
    stdx::thread::at_start(|| {
        if let Err(error) = protect_thread() {
            stdx::logging::warning!("A thread's stack for faults: {error}");
        }
    });
    signal::install()
}

/// Whether a fault leaves more than its first line in the log: the option `crash-log-enabled`.
pub fn set_enabled(is_enabled: bool) {
    IS_ENABLED.store(is_enabled, Relaxed);
}

/// Whose turn it is to report.
enum Turn {
    /// This thread's.
    Ours,
    /// This thread's already: the report itself failed.
    OursAgain,
    /// Another thread's, which will end the process.
    Theirs,
}

fn take_turn(thread: i32) -> Turn {
    match REPORTER.compare_exchange(0, thread, SeqCst, SeqCst) {
        Ok(_) => Turn::Ours,
        Err(reporter) if reporter == thread => Turn::OursAgain,
        Err(_) => Turn::Theirs,
    }
}

fn is_enabled() -> bool {
    IS_ENABLED.load(Relaxed)
}
