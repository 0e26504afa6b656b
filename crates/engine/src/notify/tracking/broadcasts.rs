//! Client-side caching by prefix: who hears of every key that begins so, and the keys of this turn.

use crate::client::card::ClientId;
use crate::notify::prefix_map::PrefixMap;
use resp::reply::{Reply, Version};
use std::collections::{BTreeMap, BTreeSet};

/// Keys that were changed, each with the client that was the first to do it.
type Changed = BTreeMap<Box<[u8]>, Option<ClientId>>;

/// Prefixes with their listeners, and the keys that were changed and not yet told of.
#[derive(Default)]
pub struct Broadcasts {
    listeners: PrefixMap<BTreeSet<ClientId>>,
    changed: BTreeMap<Box<[u8]>, Changed>,
}

impl Broadcasts {
    /// Number of prefixes.
    pub fn prefixes(&self) -> usize {
        self.listeners.len()
    }

    /// A client hears of keys with a prefix.
    pub fn listen(&mut self, client: ClientId, prefix: &[u8]) {
        self.listeners.get_or_default(prefix).insert(client);
    }

    /// A client hears of keys with a prefix no longer.
    pub fn leave(&mut self, client: ClientId, prefix: &[u8]) {
        let Some(listeners) = self.listeners.get_mut(prefix) else { return };
        listeners.remove(&client);
        if listeners.is_empty() {
            self.listeners.remove(prefix);
            self.changed.remove(prefix);
        }
    }

    /// A key was changed, by a client or by itself.
    pub fn note(&mut self, key: &[u8], by: Option<ClientId>) {
        if self.listeners.is_empty() {
            return;
        }
        for (prefix, _) in self.listeners.prefixes_of(key) {
            if !self.changed.contains_key(prefix) {
                self.changed.insert(prefix.into(), Changed::new());
            }
            let changed = self.changed.get_mut(prefix).expect("just put in");
            if !changed.contains_key(key) {
                changed.insert(key.into(), by);
            }
        }
    }

    /// Tells each listener which keys were changed since the last call: its number and the keys as an encoded array.
    /// `ignores_own` tells of a client whether its own changes are left out.
    pub fn flush(&mut self, ignores_own: impl Fn(ClientId) -> bool, mut tell: impl FnMut(ClientId, &[u8])) {
        for (prefix, changed) in std::mem::take(&mut self.changed) {
            let all = encoded(changed.keys());
            for &client in self.listeners.get(&prefix).into_iter().flatten() {
                if !ignores_own(client) {
                    tell(client, &all);
                    continue;
                }
                let others = changed.iter().filter(|(_, by)| **by != Some(client));
                let others: Vec<&Box<[u8]>> = others.map(|(key, _)| key).collect();
                if !others.is_empty() {
                    tell(client, &encoded(others.into_iter()));
                }
            }
        }
    }
}

fn encoded<'a>(keys: impl ExactSizeIterator<Item = &'a Box<[u8]>>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut reply = Reply::new(&mut bytes, Version::Resp2);
    reply.array(keys.len());
    keys.for_each(|key| reply.bulk(key));
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_listener_gets_the_keys_of_its_prefixes_once() {
        let mut broadcasts = Broadcasts::default();
        broadcasts.listen(1, b"a");
        broadcasts.listen(2, b"a");
        broadcasts.listen(1, b"b");
        for (key, by) in [("a2", Some(2)), ("a1", Some(1)), ("a2", None), ("c", None), ("b", Some(1))] {
            broadcasts.note(key.as_bytes(), by);
        }
        let mut told = Vec::new();
        broadcasts.flush(|client| client == 2, |client, keys| told.push((client, keys.to_vec())));
        let expected: [(ClientId, &[u8]); 3] =
            [(1, b"*2\r\n$2\r\na1\r\n$2\r\na2\r\n"), (2, b"*1\r\n$2\r\na1\r\n"), (1, b"*1\r\n$1\r\nb\r\n")];
        assert_eq!(told, expected.map(|(client, keys)| (client, keys.to_vec())));
        broadcasts.leave(1, b"b");
        broadcasts.note(b"b", None);
        broadcasts.flush(|_| false, |_, _| panic!("nobody listens"));
        assert_eq!(broadcasts.prefixes(), 1);
    }
}
