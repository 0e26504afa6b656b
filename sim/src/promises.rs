//! What a host's clients were told: kept with the host, held against what its next life finds.

use crate::chronicle::Position;
use std::collections::BTreeMap;

/// A write whose reply was sent.
#[derive(Clone, Debug)]
pub struct Replied {
    /// The key that was set.
    pub key: Vec<u8>,
    /// The number that it was set to; numbers grow.
    pub number: u64,
    /// Where the write ended.
    pub at: Position,
    /// When the reply was sent, in microseconds.
    pub sent_us: u64,
    /// The reply waited for the disk.
    pub is_forced: bool,
}

/// A reply that stands in an outbox: it is sent when so many bytes of the connection are.
#[derive(Clone, Debug)]
pub struct Pending {
    /// The end of the reply among all bytes of the connection.
    pub ends_at: u64,
    /// What it says.
    pub reply: Replied,
}

/// What a host has promised in this data set.
#[derive(Clone, Debug, Default)]
pub struct Promises {
    /// Replies to writes, oldest first.
    pub replied: Vec<Replied>,
    /// Where the host said last that everything is on its disk.
    pub durable: Option<Position>,
    /// When the disk failed last, or the log was not whole, in microseconds.
    pub unwell_us: Option<u64>,
}

impl Promises {
    /// The largest numbers that were replied to, by key, of those that `counts`.
    pub fn floors(&self, counts: impl Fn(&Replied) -> bool) -> BTreeMap<&[u8], &Replied> {
        let mut floors: BTreeMap<&[u8], &Replied> = BTreeMap::new();
        for reply in self.replied.iter().filter(|reply| counts(reply)) {
            let floor = floors.entry(&reply.key).or_insert(reply);
            if floor.number < reply.number {
                *floor = reply;
            }
        }
        floors
    }

    /// Other data took the place of these.
    pub fn begin_anew(&mut self) {
        self.replied.clear();
        self.durable = None;
    }
}
