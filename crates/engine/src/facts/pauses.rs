//! Why clients wait: CLIENT PAUSE, a shutdown, a failover; and what holds for all of these together.

/// How clients wait, and until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pause {
    /// Monotonic time at which it ends, in milliseconds.
    pub until_ms: u64,
    /// Every command, not only writes.
    pub all: bool,
}

/// A pause of writes that ends with what it is for.
const UNTIL_IT_IS_OVER: Pause = Pause { until_ms: u64::MAX, all: false };

/// The pauses that stand. Each ends for itself; clients wait until the last one has ended.
#[derive(Clone, Debug, Default)]
pub struct Pauses {
    by_command: Option<Pause>,
    by_shutdown: bool,
    by_failover: bool,
    /// What follows from the three: read before every command.
    in_force: Option<Pause>,
}

impl Pauses {
    /// What holds now. One that is over may still stand.
    #[inline]
    pub fn in_force(&self) -> Option<Pause> {
        self.in_force
    }

    /// CLIENT PAUSE. A second one never shortens or weakens the first.
    pub fn begin_by_command(&mut self, pause: Pause, now_ms: u64) {
        let running = self.by_command.filter(|running| running.until_ms > now_ms);
        self.by_command = Some(running.map_or(pause, |running| stronger(running, pause)));
        self.update();
    }

    /// CLIENT UNPAUSE. Returns whether there was a pause of that kind.
    pub fn end_by_command(&mut self) -> bool {
        let had_one = self.by_command.take().is_some();
        self.update();
        had_one
    }

    /// Forgets a pause whose time is over. Returns whether there was one.
    pub fn end_overdue(&mut self, now_ms: u64) -> bool {
        self.by_command.is_some_and(|pause| now_ms >= pause.until_ms) && self.end_by_command()
    }

    /// Writes wait for the end of a shutdown, or no longer.
    pub fn set_by_shutdown(&mut self, stands: bool) {
        self.by_shutdown = stands;
        self.update();
    }

    /// Writes wait for the end of a failover, or no longer.
    pub fn set_by_failover(&mut self, stands: bool) {
        self.by_failover = stands;
        self.update();
    }

    fn update(&mut self) {
        let endless = (self.by_shutdown || self.by_failover).then_some(UNTIL_IT_IS_OVER);
        self.in_force = match (self.by_command, endless) {
            (Some(pause), Some(endless)) => Some(stronger(pause, endless)),
            (one, other) => one.or(other),
        };
    }
}

fn stronger(one: Pause, other: Pause) -> Pause {
    Pause { until_ms: one.until_ms.max(other.until_ms), all: one.all || other.all }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: Pause = Pause { until_ms: 10, all: true };

    #[test]
    fn each_ends_for_itself() {
        let mut pauses = Pauses::default();
        pauses.set_by_failover(true);
        pauses.begin_by_command(SHORT, 0);
        assert_eq!(pauses.in_force(), Some(Pause { until_ms: u64::MAX, all: true }));
        assert!(!pauses.end_overdue(9) && pauses.end_overdue(10) && !pauses.end_by_command());
        assert_eq!(pauses.in_force(), Some(UNTIL_IT_IS_OVER));
        pauses.set_by_shutdown(true);
        pauses.set_by_failover(false);
        assert_eq!(pauses.in_force(), Some(UNTIL_IT_IS_OVER), "the shutdown still holds writes");
        pauses.set_by_shutdown(false);
        assert_eq!(pauses.in_force(), None);
    }

    #[test]
    fn one_that_is_over_weakens_nothing() {
        let mut pauses = Pauses::default();
        pauses.begin_by_command(SHORT, 0);
        pauses.begin_by_command(Pause { until_ms: 30, all: false }, 20);
        assert_eq!(pauses.in_force(), Some(Pause { until_ms: 30, all: false }));
    }
}
