//! How long to wait before a link is tried again.

/// Waits in milliseconds: a link that was lost is tried again at once, and then less and less often.
const WAITS_MS: [u64; 8] = [0, 10, 20, 50, 100, 200, 500, 1000];

/// A link that streamed for so long counts as one that worked.
const WORKED_MS: u64 = 1000;

/// Failures so far.
#[derive(Clone, Debug, Default)]
pub struct Retry {
    failures: usize,
}

impl Retry {
    /// A link failed that had streamed for so long. Returns how long to wait, in milliseconds.
    pub fn failed_after(&mut self, streamed_ms: u64) -> u64 {
        if streamed_ms >= WORKED_MS {
            self.failures = 0;
        }
        let wait_ms = WAITS_MS[self.failures.min(WAITS_MS.len() - 1)];
        self.failures += 1;
        wait_ms
    }

    /// What failed is dear for the primary: the next wait is at least a tenth of a second.
    pub fn was_dear(&mut self) {
        self.failures = self.failures.max(4);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_once_then_less_and_less_often() {
        let mut retry = Retry::default();
        let waits: Vec<u64> = (0..10).map(|_| retry.failed_after(0)).collect();
        assert_eq!(waits, [0, 10, 20, 50, 100, 200, 500, 1000, 1000, 1000]);
        assert_eq!(retry.failed_after(999), 1000, "a link that comes and goes is not tried at once for ever");
        assert_eq!(retry.failed_after(1000), 0);
        retry.was_dear();
        assert_eq!(retry.failed_after(0), 100);
    }
}
