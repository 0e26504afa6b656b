//! How much room a client's output buffer keeps while it is empty: as much as its replies have needed lately.

/// The least room that is kept, in bytes.
const LEAST_BYTES: usize = 1024;
/// The most, in bytes: what a buffer has grown beyond it is given back at once.
pub(super) const MOST_BYTES: usize = 16 * 1024;

/// When rooms are made larger or smaller (DEBUG REPLYBUFFER).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReviewRules {
    /// Whether they are at all.
    pub resizes: bool,
    /// After how many milliseconds an old peak is forgotten; `None` for never.
    pub forget_peak_after_ms: Option<u64>,
}

impl ReviewRules {
    /// The rules of a server that was told nothing else.
    pub const DEFAULT: ReviewRules = ReviewRules { resizes: true, forget_peak_after_ms: Some(5000) };
}

/// What a review has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resized {
    /// There is twice the room.
    Expanded,
    /// There is just the room of the peak.
    Shrunk,
}

/// The room of one client.
#[derive(Clone, Copy, Debug)]
pub struct KeptRoom {
    bytes: usize,
    peak_bytes: usize,
    peak_since_ms: u64,
}

impl Default for KeptRoom {
    fn default() -> Self {
        KeptRoom { bytes: MOST_BYTES, peak_bytes: MOST_BYTES, peak_since_ms: 0 }
    }
}

impl KeptRoom {
    /// Bytes that are kept.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// The most of them that were in use since the peak was last forgotten.
    pub fn peak_bytes(&self) -> usize {
        self.peak_bytes
    }

    /// So many bytes are in the buffer.
    #[inline]
    pub fn note(&mut self, used_bytes: usize) {
        if used_bytes > self.peak_bytes {
            self.peak_bytes = used_bytes.min(self.bytes).max(self.peak_bytes);
        }
    }

    /// Once a second: twice the room where it was all in use, less where less than half was.
    pub fn review(&mut self, rules: ReviewRules, used_bytes: usize, now_ms: u64) -> Option<Resized> {
        if !rules.resizes {
            return None;
        }
        let (half, twice) = (self.bytes / 2, self.bytes * 2);
        let resized = if half >= LEAST_BYTES && self.peak_bytes < half {
            self.bytes = LEAST_BYTES.max(self.peak_bytes + 1);
            Some(Resized::Shrunk)
        } else if twice <= MOST_BYTES + MOST_BYTES / 2 && self.peak_bytes == self.bytes {
            self.bytes = twice.min(MOST_BYTES);
            Some(Resized::Expanded)
        } else {
            None
        };
        let is_old = |after_ms| now_ms.saturating_sub(self.peak_since_ms) > after_ms;
        if rules.forget_peak_after_ms.is_some_and(is_old) {
            self.peak_bytes = used_bytes.min(self.bytes);
            self.peak_since_ms = now_ms;
        }
        resized
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shrinks_to_what_was_needed() {
        let mut room = KeptRoom::default();
        let rules = ReviewRules::DEFAULT;
        assert_eq!(room.review(rules, 0, 10_000), None);
        assert_eq!(room.peak_bytes(), 0, "the first peak is nobody's");
        room.note(3000);
        assert_eq!((room.review(rules, 0, 11_000), room.bytes()), (Some(Resized::Shrunk), 3001));
        assert_eq!((room.review(rules, 0, 15_001), room.peak_bytes()), (None, 0));
        assert_eq!((room.review(rules, 0, 16_000), room.bytes()), (Some(Resized::Shrunk), 1024));
        assert_eq!(room.review(rules, 0, 60_000), None);
    }

    #[test]
    fn doubles_while_all_is_in_use() {
        let mut room = KeptRoom { bytes: 1024, peak_bytes: 0, peak_since_ms: 0 };
        let rules = ReviewRules { forget_peak_after_ms: None, ..ReviewRules::DEFAULT };
        let mut sizes = Vec::new();
        for _ in 0..6 {
            room.note(100_000);
            room.review(rules, 0, 1_000_000);
            sizes.push(room.bytes());
        }
        assert_eq!(sizes, [2048, 4096, 8192, 16_384, 16_384, 16_384]);
        assert_eq!(room.peak_bytes(), 16_384);
    }

    #[test]
    fn stays_as_it_is_when_told_so() {
        let mut room = KeptRoom::default();
        let rules = ReviewRules { resizes: false, forget_peak_after_ms: Some(0) };
        assert_eq!(room.review(rules, 0, 60_000), None);
        assert_eq!((room.bytes(), room.peak_bytes()), (16_384, 16_384));
    }
}
