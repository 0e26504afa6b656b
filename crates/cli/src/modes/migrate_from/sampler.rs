//! Compares random keys of both servers while the target follows.

use std::thread;
use std::time::{Duration, Instant};

use resp::value::Value;

use super::facts::Database;
use super::peer::{Peer, PeerError};
use super::value::{self, Outline};

/// How often a key is read again when the readings differ.
const ATTEMPTS: u32 = 6;
/// How long the target may take to apply what the source had when a key was read.
const CATCH_UP: Duration = Duration::from_secs(3);
/// How many differences are shown.
const SHOWN: usize = 5;

/// What was compared so far.
#[derive(Debug, Default)]
pub struct Sampler {
    /// Keys that were compared.
    pub compared: u64,
    /// Keys that changed or vanished at each look.
    pub unsettled: u64,
    /// Keys that differ.
    pub different: u64,
    /// The first of them, in words.
    pub examples: Vec<String>,
    /// Whether both sides tell when fields expire.
    pub compares_field_expiries: bool,
    next: u64,
}

enum Verdict {
    Same,
    Different(String),
    Unsettled,
}

/// A whole reading of a key.
#[derive(Debug, PartialEq, Eq)]
struct Reading(Vec<Vec<Value>>);

impl Sampler {
    /// Asks both sides what they can tell.
    pub fn new(source: &mut Peer, target: &mut Peer) -> Sampler {
        let knows = |peer: &mut Peer| {
            let reply = peer.ask(&["COMMAND", "INFO", "hpexpiretime"]).ok();
            let first = reply.and_then(|reply| reply.as_elements()?.first().cloned());
            first.is_some_and(|facts| facts.as_elements().is_some_and(|facts| !facts.is_empty()))
        };
        let compares_field_expiries = knows(source) && knows(target);
        Sampler { compares_field_expiries, ..Sampler::default() }
    }

    /// Compares keys of the databases until the time is up.
    pub fn work(
        &mut self,
        source: &mut Peer,
        target: &mut Peer,
        databases: &[Database],
        time: Duration,
    ) -> Result<(), PeerError> {
        let deadline = Instant::now() + time;
        while Instant::now() < deadline {
            let Some(database) = self.next_database(databases) else { break };
            source.select(database)?;
            target.select(database)?;
            let Value::Bulk(key) = source.ask(&[b"RANDOMKEY"])? else { break };
            match self.compare(source, target, &key)? {
                Verdict::Same => self.compared += 1,
                Verdict::Unsettled => self.unsettled += 1,
                Verdict::Different(how) => self.note_difference(database, &key, &how),
            }
        }
        Ok(())
    }

    /// Each database in turn, as often as it has keys among all.
    fn next_database(&mut self, databases: &[Database]) -> Option<u32> {
        let total: u64 = databases.iter().map(|database| database.keys).sum();
        // A step that meets every place sooner or later, of which neighbours lie far apart.
        self.next = self.next.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut place = self.next.checked_rem(total)?;
        for database in databases {
            if place < database.keys {
                return Some(database.number);
            }
            place -= database.keys;
        }
        None
    }

    fn note_difference(&mut self, database: u32, key: &[u8], how: &str) {
        self.compared += 1;
        self.different += 1;
        if self.examples.len() < SHOWN {
            self.examples.push(format!("db{database} \"{}\": {how}", key.escape_ascii()));
        }
    }

    fn compare(&self, source: &mut Peer, target: &mut Peer, key: &[u8]) -> Result<Verdict, PeerError> {
        for attempt in 0..ATTEMPTS {
            let here = outline(source, key)?;
            if here.is_fleeting() {
                return Ok(Verdict::Unsettled);
            }
            let plan = self.plan(source, &here, key)?;
            let before = read(source, &here.kind, &plan)?;
            // Only what the target has to have by now can differ.
            if attempt > 0 {
                catch_up(source, target)?;
            }
            let there = outline(target, key)?;
            let other = read(target, &here.kind, &plan)?;
            let agrees = here.agrees(&there);
            if agrees && before == other {
                return Ok(Verdict::Same);
            }
            let is_last = attempt + 1 == ATTEMPTS;
            if is_last && outline(source, key)?.agrees(&here) && read(source, &here.kind, &plan)? == before {
                let how = if agrees { "other content".into() } else { there.describe() };
                return Ok(Verdict::Different(format!(
                    "{} at the source, {how} at the target",
                    here.describe()
                )));
            }
        }
        Ok(Verdict::Unsettled)
    }

    fn plan(&self, source: &mut Peer, here: &Outline, key: &[u8]) -> Result<Vec<value::Request>, PeerError> {
        let chosen = match value::choice_request(here, key) {
            Some(request) => value::chosen(&here.kind, &source.ask(&request)?),
            None => Vec::new(),
        };
        let mut plan = value::requests(here, key, &chosen);
        if self.compares_field_expiries && here.kind == "hash" {
            let fields = if chosen.is_empty() {
                plan.first()
                    .map_or(Ok(Vec::new()), |first| source.ask(first).map(|reply| value::fields(&reply)))?
            } else {
                chosen
            };
            if !fields.is_empty() {
                plan.push(value::field_expiry_request(key, &fields));
            }
        }
        Ok(plan)
    }

    /// What was found, in a sentence.
    pub fn summary(&self) -> String {
        let unsettled = match self.unsettled {
            0 => String::new(),
            count => format!(", {count} more changed while they were looked at"),
        };
        match self.different {
            0 => format!("{} keys compared, all equal{unsettled}", self.compared),
            different => format!(
                "{} keys compared, {different} DIFFER{unsettled}: {}",
                self.compared,
                self.examples.join("; ")
            ),
        }
    }
}

fn outline(peer: &mut Peer, key: &[u8]) -> Result<Outline, PeerError> {
    let kind = peer.ask(&[b"TYPE", key])?;
    let kind = String::from_utf8_lossy(kind.as_bytes().unwrap_or(b"none")).into_owned();
    let ttl_ms = peer.ask(&[b"PTTL", key])?.as_integer().unwrap_or(-1);
    let size = match value::size_request(&kind, key) {
        Some(request) => peer.ask(&request)?.as_integer().unwrap_or(0),
        None => 0,
    };
    Ok(Outline { kind, ttl_ms, size })
}

fn read(peer: &mut Peer, kind: &str, plan: &[value::Request]) -> Result<Reading, PeerError> {
    let replies = plan.iter().map(|request| Ok(value::normal_form(kind, &peer.ask(request)?)));
    replies.collect::<Result<_, _>>().map(Reading)
}

/// Waits until the target has what the source has now.
fn catch_up(source: &mut Peer, target: &mut Peer) -> Result<(), PeerError> {
    let end = source.info(&["replication"])?.count("master_repl_offset");
    let deadline = Instant::now() + CATCH_UP;
    while target.info(&["replication"])?.count("slave_repl_offset") < end && Instant::now() < deadline {
        thread::sleep(Duration::from_millis(10));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn databases_are_met_by_their_size() {
        let database = |number, keys| Database { number, keys, expires: 0 };
        let databases = [database(0, 900), database(5, 100)];
        let mut sampler = Sampler::default();
        let met = (0..1000).filter(|_| sampler.next_database(&databases) == Some(5)).count();
        assert!((50..200).contains(&met), "{met}");
        assert_eq!(sampler.next_database(&[]), None);
    }

    #[test]
    fn the_summary_counts() {
        let mut sampler = Sampler { compared: 7, ..Sampler::default() };
        assert_eq!(sampler.summary(), "7 keys compared, all equal");
        sampler.note_difference(3, b"k\xff", "string of 1, for ever at the source, missing at the target");
        assert!(sampler.summary().starts_with("8 keys compared, 1 DIFFER: db3 \"k\\xff\": string of 1"));
    }
}
