//! A ledger of what a server has acknowledged, to be held against what it still knows after a crash.

use std::collections::HashMap;
use std::io;
use std::time::Instant;

use crate::{Client, Reply};

/// Remembers, for each key, the last acknowledged number and what was sent after it without an answer.
///
/// Every write of a key stores a greater number than the one before, so one look tells how much was lost.
#[derive(Debug, Default)]
pub struct AckLedger {
    prefix: String,
    keys: HashMap<u64, Entry>,
    acknowledged_count: u64,
}

#[derive(Debug, Default)]
struct Entry {
    sent: u64,
    /// The acknowledged numbers and when their replies came.
    acknowledged: Vec<(u64, Instant)>,
}

/// An acknowledged write that the server no longer knows.
#[derive(Clone, Debug)]
pub struct LostWrite {
    /// Its key.
    pub key: String,
    /// The number that was acknowledged.
    pub acknowledged: u64,
    /// What the key holds instead.
    pub found: Option<u64>,
    /// When the reply came.
    pub acknowledged_at: Instant,
}

impl AckLedger {
    /// An empty ledger whose keys begin with `prefix`.
    #[must_use]
    pub fn new(prefix: &str) -> Self {
        Self { prefix: prefix.to_owned(), ..Self::default() }
    }

    /// Writes the next number to key number `key` and notes the answer. An error reply or a broken connection is
    /// returned; the write may then be there or not.
    pub fn write(&mut self, client: &mut Client, key: u64) -> io::Result<()> {
        let name = self.name(key);
        let entry = self.keys.entry(key).or_default();
        entry.sent += 1;
        let number = entry.sent;
        let reply = client.try_command(&["SET", &name, &number.to_string()])?;
        if !reply.is_ok() {
            return Err(io::Error::other(reply.to_string()));
        }
        entry.acknowledged.push((number, Instant::now()));
        self.acknowledged_count += 1;
        Ok(())
    }

    /// How many writes were acknowledged.
    #[must_use]
    pub fn acknowledged_count(&self) -> u64 {
        self.acknowledged_count
    }

    /// Asks a server for every key. Returns the acknowledged writes that it does not know any more; panics if it knows
    /// one that was never sent.
    #[track_caller]
    #[must_use]
    pub fn lost(&self, client: &mut Client) -> Vec<LostWrite> {
        let mut lost = Vec::new();
        for (key, entry) in &self.keys {
            let name = self.name(*key);
            let found = match client.command(&["GET", &name]) {
                Reply::Nil => None,
                reply => Some(reply.text().parse().expect("the ledger writes numbers")),
            };
            assert!(found.is_none_or(|number| number <= entry.sent), "{name} holds {found:?}, never sent");
            let newer =
                entry.acknowledged.iter().filter(|(number, _)| found.is_none_or(|found| *number > found));
            lost.extend(newer.map(|&(acknowledged, acknowledged_at)| LostWrite {
                key: name.clone(),
                acknowledged,
                found,
                acknowledged_at,
            }));
        }
        lost
    }

    fn name(&self, key: u64) -> String {
        format!("{}:{key}", self.prefix)
    }
}
