//! How readily the kernel kills this process when memory runs out.
#![expect(clippy::disallowed_methods, reason = "files of the kernel and of the process, not of data")]
#![expect(clippy::disallowed_types, reason = "a static of the process, set before there is an engine")]

use net::listener::os_text;
use std::fs;
use std::io;
use std::sync::Mutex;
use std::sync::PoisonError;
use stdx::logging;

const FILE: &str = "/proc/self/oom_score_adj";

/// How the configured value is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Not touched.
    No,
    /// Added to what the process was started with.
    Relative,
    /// As it is.
    Absolute,
}

/// What the process was started with, once we have changed it.
static INITIAL: Mutex<Option<i32>> = Mutex::new(None);

/// Sets the score to `value` (-2000 to 2000, cut to the kernel's -1000 to 1000), or back to what it was at the start.
/// The log says why it failed; lowering it takes privileges.
pub fn adjust(mode: Mode, value: i32) -> io::Result<()> {
    let mut initial = INITIAL.lock().unwrap_or_else(PoisonError::into_inner);
    let before = match (*initial, mode) {
        (None, Mode::No) => return Ok(()),
        (None, _) => read().inspect_err(|error| {
            logging::warning!("Unable to read oom_score_adj: {}", os_text(error));
        })?,
        (Some(before), _) => before,
    };
    *initial = Some(before);
    let score = score(mode, before, value);
    fs::write(FILE, score.to_string()).inspect_err(|error| {
        logging::warning!("Unable to write oom_score_adj: {}", os_text(error));
    })
}

fn read() -> io::Result<i32> {
    fs::read_to_string(FILE)?.trim().parse().map_err(io::Error::other)
}

fn score(mode: Mode, before: i32, value: i32) -> i32 {
    match mode {
        Mode::No => before,
        Mode::Relative => before.saturating_add(value).clamp(-1000, 1000),
        Mode::Absolute => value.clamp(-1000, 1000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_meant_as_configured() {
        assert_eq!(score(Mode::No, 7, 300), 7);
        assert_eq!(score(Mode::Relative, 7, 300), 307);
        assert_eq!(score(Mode::Relative, 900, 300), 1000);
        assert_eq!(score(Mode::Absolute, 7, -2000), -1000);
    }

    #[test]
    fn the_score_goes_up_and_is_put_back_only_if_changed() {
        adjust(Mode::No, 5).expect("nothing to do");
        let before = read().expect("readable");
        if before < 1000 {
            adjust(Mode::Relative, 1).expect("raising is allowed");
            assert_eq!(read().expect("readable"), before + 1);
            // Going back down is allowed to whoever set the lower bound: the start value.
            if adjust(Mode::No, 0).is_ok() {
                assert_eq!(read().expect("readable"), before);
            }
        }
    }
}
