//! Where log lines go: standard output or a file, and the system log, in Redis's line format.
#![expect(clippy::disallowed_types, reason = "the log must work where the engine is not yet, or no more")]

mod line;
mod local_time;
mod syslog;
mod target;

use std::fmt;
use std::io;
use std::os::fd::RawFd;
use std::path::PathBuf;
use std::sync::atomic::{AtomicI32, AtomicU8, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};

use stdx::clock;
use stdx::logging::{self, Level, Sink};

pub use syslog::{Facility, Syslog};
use target::Target;

/// What the process is, as the letter behind its number in every line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Role {
    /// Starting, a primary or a replica not yet known.
    Starting = b'C',
    /// A primary.
    Primary = b'M',
    /// A replica.
    Replica = b'S',
    /// A sentinel.
    Sentinel = b'X',
}

/// Where lines are to go.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The file, appended to; standard output when empty.
    pub file: PathBuf,
    /// The system log, if lines go there too.
    pub syslog: Option<Syslog>,
}

struct Log {
    role: AtomicU8,
    /// Where a dying process may write without taking the lock.
    descriptor: AtomicI32,
    target: Mutex<Target>,
}

static LOG: Log = Log {
    role: AtomicU8::new(Role::Starting as u8),
    descriptor: AtomicI32::new(libc::STDOUT_FILENO),
    target: Mutex::new(Target::STANDARD_OUTPUT),
};

impl Log {
    /// The target. A line that panicked half-way left it as good as before.
    fn target(&self) -> MutexGuard<'_, Target> {
        self.target.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sink for Log {
    fn write(&self, level: Level, message: fmt::Arguments<'_>) {
        let line = format_line(level, message);
        let mut target = self.target();
        target.write(&line);
        self.descriptor.store(target.descriptor(), Relaxed);
        target.write_syslog(level, message);
    }
}

/// Takes the lines of all crates from now on: to standard output, until [`configure`] says otherwise.
pub fn install() {
    logging::set_sink(&LOG);
}

/// Sends lines elsewhere. An error means that the file cannot be opened; lines then go where they went.
pub fn configure(settings: &Settings) -> io::Result<()> {
    let next = Target::open(settings)?;
    let mut target = LOG.target();
    LOG.descriptor.store(next.descriptor(), Relaxed);
    *target = next;
    Ok(())
}

/// Opens the file anew. If that fails, lines go on to the old one.
pub fn reopen() {
    let mut target = LOG.target();
    target.reopen();
    LOG.descriptor.store(target.descriptor(), Relaxed);
}

/// Says what the process is from now on.
pub fn set_role(role: Role) {
    LOG.role.store(role as u8, Relaxed);
}

/// A whole line as it would be written, with its end.
pub fn format_line(level: Level, message: fmt::Arguments<'_>) -> Vec<u8> {
    let role = char::from(LOG.role.load(Relaxed));
    line::format(std::process::id(), role, clock::wall_ms(), level, message)
}

/// Writes text as it is, without the front of a line: a banner, a part of a crash report. It should end in a newline.
pub fn write_raw(text: &str) {
    LOG.target().write(text.as_bytes());
}

/// Logs what a signal caused, in the form that such lines have: with the time as a number.
pub fn write_from_signal(message: &str) {
    if logging::enabled(Level::Warning) {
        let seconds = clock::wall_ms() / 1000;
        write_raw(&format!("{}:signal-handler ({seconds}) {message}\n", std::process::id()));
    }
}

/// Where a process that may hold the log's lock writes its last words. Only what is written at once by `write(2)`.
pub fn last_descriptor() -> RawFd {
    LOG.descriptor.load(Relaxed)
}
