//! Writes in bursts, with a ledger of what was acknowledged, and of what a replica had when WAIT said so.

use std::collections::HashMap;
use std::io;

use testkit::{Client, Reply};

use super::scenario::LoadShape;

/// Keys that are written.
const KEYS: u64 = 3000;

/// Bytes that a load without WAIT writes in one step; then it goes on slowly.
const STEP_BYTES: usize = 8 << 20;

/// How long WAIT waits, which paces the load while no replica answers.
const WAIT_MS: &str = "10";

/// A load and what is known of its writes: for each key, the number that was written.
pub struct Load {
    shape: LoadShape,
    random: fastrand::Rng,
    next: u64,
    step_bytes: usize,
    pub acknowledged: HashMap<u64, u64>,
    /// Acknowledged by a replica too.
    pub replicated: HashMap<u64, u64>,
}

/// The number of a write and its key.
type Written = (u64, u64);

impl Load {
    pub fn new(shape: LoadShape, seed: u64) -> Self {
        Self {
            shape,
            random: fastrand::Rng::with_seed(seed),
            next: 1,
            step_bytes: 0,
            acknowledged: HashMap::new(),
            replicated: HashMap::new(),
        }
    }

    pub fn begin_step(&mut self) {
        self.step_bytes = 0;
    }

    /// Writes a burst and notes the answers; after an error its writes may be there or not.
    pub fn burst(&mut self, client: &mut Client) -> io::Result<()> {
        let waits = self.shape.waits || self.step_bytes > STEP_BYTES;
        let (mut request, writes) = self.request();
        if waits {
            request.extend(Client::encode(&["WAIT", "1", WAIT_MS]));
        }
        client.try_send(&request)?;
        let extra = 1 + if self.shape.transactions { 2 } else { 0 };
        for _ in 0..writes.len() + extra {
            refuse_errors(&client.try_reply()?)?;
        }
        self.acknowledged.extend(writes.iter().map(|(number, key)| (*key, *number)));
        if waits && client.try_reply()?.integer() > 0 {
            self.replicated.clone_from(&self.acknowledged);
        }
        Ok(())
    }

    /// Sends a burst and waits for no answer: its writes may be there or not.
    pub fn burst_in_flight(&mut self, client: &mut Client) {
        let (request, _) = self.request();
        let _ = client.try_send(&request);
    }

    fn request(&mut self) -> (Vec<u8>, Vec<Written>) {
        let count = if self.step_bytes > STEP_BYTES { 1 } else { self.shape.writes };
        let mut request = Vec::new();
        let mut written = Vec::new();
        if self.shape.transactions {
            request.extend(Client::encode(&["MULTI"]));
        }
        for _ in 0..count {
            let (number, key) = (self.next, self.random.u64(0..KEYS));
            self.next += 1;
            let value = format!("{number}:{}", "x".repeat(self.shape.value_bytes));
            request.extend(Client::encode(&["SET", &name(key), &value]));
            written.push((number, key));
        }
        request.extend(Client::encode(&["INCR", "counter"]));
        if self.shape.transactions {
            request.extend(Client::encode(&["EXEC"]));
        }
        self.step_bytes += request.len();
        (request, written)
    }
}

fn refuse_errors(reply: &Reply) -> io::Result<()> {
    if reply.is_error() { Err(io::Error::other(reply.to_string())) } else { Ok(()) }
}

fn name(key: u64) -> String {
    format!("key:{key}")
}

/// Which of these writes a server has not got, or nothing newer.
pub fn missing(wanted: &HashMap<u64, u64>, client: &mut Client) -> Vec<String> {
    let mut keys: Vec<(&u64, &u64)> = wanted.iter().collect();
    keys.sort_unstable();
    let requests: Vec<Vec<String>> =
        keys.iter().map(|(key, _)| vec!["GET".to_owned(), name(**key)]).collect();
    let replies = client.pipeline(&requests);
    let found = |reply: Reply| {
        let text = String::from_utf8_lossy(&reply.bytes().unwrap_or_default()).into_owned();
        text.split(':').next().and_then(|number| number.parse::<u64>().ok()).unwrap_or(0)
    };
    keys.iter()
        .zip(replies.into_iter().map(found))
        .filter(|((_, number), found)| found < number)
        .map(|((key, number), found)| format!("{} is {found}, was {number}", name(**key)))
        .collect()
}
