//! All that a server holds, read through its commands, to compare servers of different vendors.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;

use crate::{Client, Reply, Server, quoted};

/// How many differences a comparison shows.
const SHOWN: usize = 8;

/// A value and the time at which it expires.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredValue {
    /// The string's bytes, or the elements of a collection as text.
    pub value: Vec<u8>,
    /// Unix time in milliseconds, -1 for never.
    pub expires_at_ms: i64,
}

/// The keys of every database, with their values and expiry times.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dataset {
    databases: BTreeMap<u32, HashMap<Vec<u8>, StoredValue>>,
}

impl Dataset {
    /// Reads everything that a server holds.
    #[track_caller]
    #[must_use]
    pub fn of(server: &Server) -> Self {
        Self::read(&mut server.client())
    }

    /// Reads everything through a connection, which is left at database 0.
    #[track_caller]
    #[must_use]
    pub fn read(client: &mut Client) -> Self {
        let numbers: Vec<u32> = client
            .info("keyspace")
            .names()
            .iter()
            .filter_map(|name| name.strip_prefix("db").and_then(|number| number.parse().ok()))
            .collect();
        let mut databases = BTreeMap::new();
        for number in numbers {
            assert!(client.command(&["SELECT", &number.to_string()]).is_ok(), "SELECT {number}");
            let keys = read_database(client);
            // A database whose last keys expired while they were read is as good as none.
            if !keys.is_empty() {
                databases.insert(number, keys);
            }
        }
        assert!(client.command(&["SELECT", "0"]).is_ok(), "SELECT 0");
        Self { databases }
    }

    /// How many keys there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.databases.values().map(HashMap::len).sum()
    }

    /// Whether there is no key at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What is stored under a key.
    #[must_use]
    pub fn value(&self, database: u32, key: &[u8]) -> Option<&StoredValue> {
        self.databases.get(&database)?.get(key)
    }

    /// Whether the other holds the same, with expiry times that lie at most `slack_ms` apart.
    #[must_use]
    pub fn is_close_to(&self, other: &Self, slack_ms: u64) -> bool {
        let close = |one: &StoredValue, two: &StoredValue| {
            let (one_ms, two_ms) = (one.expires_at_ms, two.expires_at_ms);
            one.value == two.value && (one_ms < 0) == (two_ms < 0) && one_ms.abs_diff(two_ms) <= slack_ms
        };
        self.all_keys_with(other).all(|(database, key)| {
            self.value(database, key)
                .zip(other.value(database, key))
                .is_some_and(|(one, two)| close(one, two))
        })
    }

    /// The first differences to another data set, in words; `None` if both are equal.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Option<String> {
        if self == other {
            return None;
        }
        let mut text = format!("{} keys here, {} there", self.len(), other.len());
        let mut shown = 0;
        for (database, key) in self.all_keys_with(other) {
            let (here, there) = (self.value(database, key), other.value(database, key));
            if here != there && shown < SHOWN {
                shown += 1;
                let _ = write!(text, "\n  db{database} {}: {} / {}", quoted(key), show(here), show(there));
            }
        }
        Some(text)
    }

    /// Every key of this and, if it is not in this, of the other data set.
    fn all_keys_with<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = (u32, &'a [u8])> {
        let keys = |set: &'a Self| {
            set.databases.iter().flat_map(|(number, keys)| keys.keys().map(|key| (*number, key.as_slice())))
        };
        let ours = keys(self);
        ours.chain(keys(other).filter(|(number, key)| self.value(*number, key).is_none()))
    }

    /// Panics with the differences if the other data set is not equal.
    #[track_caller]
    pub fn must_equal(&self, other: &Self, what: &str) {
        if let Some(difference) = self.difference(other) {
            panic!("{what}: the data sets differ: {difference}");
        }
    }
}

fn show(value: Option<&StoredValue>) -> String {
    match value {
        None => "missing".to_owned(),
        Some(stored) => {
            let length = stored.value.len();
            let start = quoted(&stored.value[..length.min(40)]);
            format!("{start} ({length} bytes, expires {})", stored.expires_at_ms)
        }
    }
}

/// The keys of the selected database.
fn read_database(client: &mut Client) -> HashMap<Vec<u8>, StoredValue> {
    let mut keys = HashMap::new();
    let mut cursor = "0".to_owned();
    loop {
        let mut parts = client.command(&["SCAN", &cursor, "COUNT", "2000"]).array().into_iter();
        cursor = parts.next().expect("SCAN answers with a cursor").text();
        let batch: Vec<Vec<u8>> = parts
            .next()
            .expect("SCAN answers with keys")
            .array()
            .into_iter()
            .filter_map(Reply::bytes)
            .collect();
        read_values(client, batch, &mut keys);
        if cursor == "0" {
            return keys;
        }
    }
}

fn read_values(client: &mut Client, batch: Vec<Vec<u8>>, keys: &mut HashMap<Vec<u8>, StoredValue>) {
    let requests: Vec<Vec<&[u8]>> = batch
        .iter()
        .flat_map(|key| [vec![b"GET".as_slice(), key], vec![b"PEXPIRETIME".as_slice(), key]])
        .collect();
    let mut replies = client.pipeline(&requests).into_iter();
    for key in batch {
        let reply = replies.next().expect("one reply for each request");
        let expires_at_ms = replies.next().expect("one reply for each request").integer();
        let value = if reply.is_error() { read_collection(client, &key) } else { reply.bytes() };
        // A key may expire between the two requests, or since the scan.
        if let (Some(value), -1..) = (value, expires_at_ms) {
            keys.insert(key, StoredValue { value, expires_at_ms });
        }
    }
}

/// The elements of a collection as text, in an order of their own where the type has none.
fn read_collection(client: &mut Client, key: &[u8]) -> Option<Vec<u8>> {
    let kind = client.command(&[b"TYPE", key]).text();
    let (elements, has_order, step) = match kind.as_str() {
        "hash" => (client.command(&[b"HGETALL", key]), false, 2),
        "set" => (client.command(&[b"SMEMBERS", key]), false, 1),
        "list" => (client.command(&[b"LRANGE".as_slice(), key, b"0", b"-1"]), true, 1),
        "zset" => (client.command(&[b"ZRANGE".as_slice(), key, b"0", b"-1", b"WITHSCORES"]), true, 2),
        "stream" => (client.command(&[b"XRANGE".as_slice(), key, b"-", b"+"]), true, 1),
        _ => return None,
    };
    let texts: Vec<String> = elements.array().iter().map(Reply::to_string).collect();
    let mut parts: Vec<&[String]> = texts.chunks(step).collect();
    if !has_order {
        parts.sort();
    }
    Some(format!("{kind} {}", parts.concat().join(" ")).into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(entries: &[(u32, &str, &str)]) -> Dataset {
        let mut dataset = Dataset::default();
        for (database, key, value) in entries {
            let stored = StoredValue { value: value.as_bytes().to_vec(), expires_at_ms: -1 };
            dataset.databases.entry(*database).or_default().insert(key.as_bytes().to_vec(), stored);
        }
        dataset
    }

    #[test]
    fn names_what_differs() {
        let one = set(&[(0, "same", "1"), (0, "other", "1"), (2, "only", "1")]);
        let two = set(&[(0, "same", "1"), (0, "other", "2"), (3, "extra", "1")]);
        assert_eq!(one.difference(&one.clone()), None);
        let text = one.difference(&two).expect("they differ");
        for part in ["3 keys here, 3 there", "\"other\"", "db2 \"only\"", "db3 \"extra\": missing /"] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert!(!text.contains("same"));
        assert!(one.is_close_to(&one, 0) && !one.is_close_to(&two, 1000));
    }
}
