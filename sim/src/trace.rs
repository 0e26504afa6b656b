//! What happened, a line an event, virtual time first: hashed always, kept and shown when a seed is repeated.

use std::fmt;
use std::hash::{DefaultHasher, Hasher};

/// The trace of one run.
pub struct Trace {
    hasher: DefaultHasher,
    line: String,
    is_shown: bool,
    /// Events so far.
    pub events: u64,
}

impl Trace {
    /// An empty trace; shown as it grows or not.
    pub fn new(is_shown: bool) -> Trace {
        Trace { hasher: DefaultHasher::new(), line: String::new(), is_shown, events: 0 }
    }

    /// Adds an event.
    pub fn note(&mut self, now_us: u64, what: fmt::Arguments<'_>) {
        use fmt::Write;
        self.line.clear();
        // Writing to a string cannot fail.
        let _ = write!(self.line, "{}.{:06} {what}", now_us / 1_000_000, now_us % 1_000_000);
        self.hasher.write(self.line.as_bytes());
        self.events += 1;
        if self.is_shown {
            println!("{}", self.line);
        }
    }

    /// What the same seed gives again.
    pub fn digest(&self) -> u64 {
        self.hasher.finish()
    }
}
