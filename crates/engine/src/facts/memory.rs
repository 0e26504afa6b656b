//! Where the node stands with its limit of memory.

/// What came of making room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Room {
    /// There is enough, or it is not on us to make any.
    #[default]
    Enough,
    /// Keys are being evicted, and there is not enough yet: it goes on between commands.
    Growing,
    /// There is too little, and nothing may go: what needs memory is refused.
    Exhausted,
}

/// The limit of memory and how it was kept.
#[derive(Clone, Copy, Debug, Default)]
pub struct MemoryLimit {
    /// What came of making room last.
    pub room: Room,
    /// Since when there was too little without a break, monotonic, in microseconds.
    pub exceeded_since_us: Option<u64>,
    /// For how long there was too little before that, in microseconds.
    pub exceeded_us: u64,
    /// How many values had been freed on another thread when the figures of memory were read last.
    pub freed_when_read: u64,
}

impl MemoryLimit {
    /// Notes what came of making room at a monotonic time in microseconds.
    pub fn note(&mut self, room: Room, now_us: impl FnOnce() -> u64) {
        self.room = room;
        if room == Room::Enough {
            if let Some(since_us) = self.exceeded_since_us.take() {
                self.exceeded_us += now_us().saturating_sub(since_us);
            }
        } else if self.exceeded_since_us.is_none() {
            self.exceeded_since_us = Some(now_us());
        }
    }

    /// Counts from zero again.
    pub fn reset(&mut self) {
        (self.exceeded_us, self.exceeded_since_us) = (0, None);
    }

    /// For how long there was too little in all, and for how long now, in milliseconds.
    pub fn exceeded_ms(&self, now_us: u64) -> (u64, u64) {
        let now = self.exceeded_since_us.map_or(0, |since_us| now_us.saturating_sub(since_us));
        ((self.exceeded_us + now) / 1000, now / 1000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_without_room_is_counted() {
        let mut limit = MemoryLimit::default();
        limit.note(Room::Growing, || 1_000);
        limit.note(Room::Exhausted, || 5_000);
        assert_eq!(limit.exceeded_ms(9_000), (8, 8));
        limit.note(Room::Enough, || 11_000);
        limit.note(Room::Enough, || 20_000);
        assert_eq!(limit.exceeded_ms(30_000), (10, 0));
    }
}
