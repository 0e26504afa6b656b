//! How many files may be open, and so how many clients there may be.
#![expect(unsafe_code, reason = "calls the C library")]

use net::listener::os_text;
use std::fmt;
use std::io;
use stdx::logging;

/// Descriptors that are not clients: files, listeners, links.
pub const RESERVED_DESCRIPTORS: u64 = 32;

/// What the kernel allows when it does not say.
const ASSUMED_LIMIT: u64 = 1024;

/// The kernel's limit on the step in which a refused limit is lowered: Redis's, so that its figures come out.
const STEP: u64 = 16;

/// The kernel allows not even the descriptors that the server itself needs. Reads as the last log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooFewDescriptors {
    /// What it allows.
    pub limit: u64,
    /// What was asked for.
    pub wanted: u64,
}

impl fmt::Display for TooFewDescriptors {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "Your current 'ulimit -n' of {} is not enough for the server to start. Please increase your open file \
             limit to at least {}. Exiting.",
            self.limit, self.wanted
        )
    }
}

impl std::error::Error for TooFewDescriptors {}

/// Raises the limit on open files for `max_clients` and says in the log what came of it. Returns how many clients
/// there may be.
pub fn allow_clients(max_clients: u32) -> Result<u32, TooFewDescriptors> {
    let wanted = u64::from(max_clients) + RESERVED_DESCRIPTORS;
    let limits = match open_files() {
        Ok(limits) => limits,
        Err(error) => {
            let error = os_text(&error);
            logging::warning!(
                "Unable to obtain the current NOFILE limit ({error}), assuming 1024 and setting the max clients \
                 configuration accordingly."
            );
            return Ok(clients(ASSUMED_LIMIT));
        }
    };
    if limits.rlim_cur >= wanted {
        return Ok(max_clients);
    }
    let Err(error) = set_open_files(wanted) else {
        logging::notice!(
            "Increased maximum number of open files to {wanted} (it was originally set to {}).",
            limits.rlim_cur
        );
        return Ok(max_clients);
    };
    let limit = lower(wanted, limits);
    if limit <= RESERVED_DESCRIPTORS {
        return Err(TooFewDescriptors { limit: limits.rlim_cur, wanted });
    }
    report_shortage(max_clients, wanted, limit, &error);
    Ok(clients(limit))
}

/// Raises the limit as far as the kernel lets us, when it does not let us go as far as wanted.
fn lower(wanted: u64, limits: libc::rlimit) -> u64 {
    let allowed = within(wanted, limits.rlim_max);
    if allowed > limits.rlim_cur && set_open_files(allowed).is_ok() { allowed } else { limits.rlim_cur }
}

/// The most that is within `hard`, going down from `wanted` in steps.
fn within(wanted: u64, hard: u64) -> u64 {
    wanted.saturating_sub(wanted.saturating_sub(hard).div_ceil(STEP) * STEP)
}

fn report_shortage(max_clients: u32, wanted: u64, limit: u64, error: &io::Error) {
    let (error, reduced) = (os_text(error), clients(limit));
    logging::warning!(
        "You requested maxclients of {max_clients} requiring at least {wanted} max file descriptors."
    );
    logging::warning!("Server can't set maximum open files to {wanted} because of OS error: {error}.");
    logging::warning!(
        "Current maximum open files is {limit}. maxclients has been reduced to {reduced} to compensate for low \
         ulimit. If you need higher maxclients increase 'ulimit -n'."
    );
}

fn clients(limit: u64) -> u32 {
    u32::try_from(limit.saturating_sub(RESERVED_DESCRIPTORS)).unwrap_or(u32::MAX)
}

fn open_files() -> io::Result<libc::rlimit> {
    let mut limits = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the pointer is of a live value; the call does not keep it.
    match unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limits) } {
        0 => Ok(limits),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Sets the limit, and its upper bound to the same if that is now lower; raising the bound takes privileges.
fn set_open_files(limit: u64) -> io::Result<()> {
    let bound = open_files()?.rlim_max.max(limit);
    let limits = libc::rlimit { rlim_cur: limit, rlim_max: bound };
    // SAFETY: the pointer is of a live value; the call does not keep it.
    match unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limits) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_low_limit_is_reached_in_steps() {
        assert_eq!(within(60_032, 20_000), 20_000);
        assert_eq!(within(10_032, 1000), 992);
        assert_eq!(within(100, 1000), 100);
        assert_eq!(clients(20), 0);
    }

    #[test]
    fn too_few_reads_as_it_should() {
        let error = TooFewDescriptors { limit: 30, wanted: 10_032 };
        assert_eq!(
            error.to_string(),
            "Your current 'ulimit -n' of 30 is not enough for the server to start. Please increase your open file \
             limit to at least 10032. Exiting."
        );
    }

    #[test]
    fn what_is_allowed_is_granted() {
        let limits = open_files().expect("readable");
        let few = u32::try_from(limits.rlim_cur.min(500) - RESERVED_DESCRIPTORS).expect("small");
        assert_eq!(allow_clients(few), Ok(few));
        let granted = allow_clients(u32::MAX).expect("more than nothing");
        assert!(u64::from(granted) + RESERVED_DESCRIPTORS <= open_files().expect("readable").rlim_cur);
    }
}
