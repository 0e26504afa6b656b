//! Waiting for a condition with a deadline.

use std::fmt::Debug;
use std::thread;
use std::time::{Duration, Instant};

/// How long a condition may take to come true before the test fails: far more than any machine needs.
const DEADLINE: Duration = Duration::from_secs(60);

/// Waits until `condition` holds, and panics with `what` when it does not within a minute.
#[track_caller]
pub fn wait_until(what: &str, condition: impl FnMut() -> bool) {
    wait_until_within(DEADLINE, what, condition);
}

/// [`wait_until`] with a deadline of its own, for work that is known to take longer.
#[track_caller]
pub fn wait_until_within(deadline: Duration, what: &str, mut condition: impl FnMut() -> bool) {
    let found = poll(deadline, || condition().then_some(()));
    assert!(found.is_some(), "waited {deadline:?} in vain until {what}");
}

/// Waits until `probe` yields something, and returns it.
#[track_caller]
pub fn wait_for<T>(what: &str, probe: impl FnMut() -> Option<T>) -> T {
    match poll(DEADLINE, probe) {
        Some(found) => found,
        None => panic!("waited {DEADLINE:?} in vain for {what}"),
    }
}

/// Waits at most so long until `probe` yields something, and returns it; `None` when it does not: for tests that go on then.
pub fn try_wait_for<T>(deadline: Duration, probe: impl FnMut() -> Option<T>) -> Option<T> {
    poll(deadline, probe)
}

/// Waits until `read` yields `expected`; on failure the last value that was seen is shown.
#[track_caller]
pub fn wait_equal<T: PartialEq + Debug>(what: &str, expected: &T, mut read: impl FnMut() -> T) {
    let mut last = None;
    let found = poll(DEADLINE, || {
        let value = read();
        let equal = value == *expected;
        last = Some(value);
        equal.then_some(())
    });
    assert!(found.is_some(), "waited {DEADLINE:?} until {what} is {expected:?}; it is {last:?}");
}

/// Asks again and again, at first every millisecond, later every 25.
fn poll<T>(deadline: Duration, mut probe: impl FnMut() -> Option<T>) -> Option<T> {
    let start = Instant::now();
    let mut pause_ms = 1;
    loop {
        if let Some(found) = probe() {
            return Some(found);
        }
        if start.elapsed() > deadline {
            return None;
        }
        thread::sleep(Duration::from_millis(pause_ms));
        pause_ms = (pause_ms * 2).min(25);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn returns_what_the_probe_found() {
        let mut calls = 0;
        let found = wait_for("the third call", || {
            calls += 1;
            (calls == 3).then_some(calls)
        });
        assert_eq!(found, 3);
    }

    #[test]
    #[should_panic(expected = "until pigs fly")]
    fn says_what_it_waited_for() {
        wait_until_within(Duration::from_millis(5), "pigs fly", || false);
    }
}
