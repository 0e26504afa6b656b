//! Which keys clients hold copies of.

use crate::client::card::ClientId;
use std::collections::HashMap;
use std::sync::Arc;
use stdx::random::Random;

/// A key that somebody holds a copy of.
struct Tracked {
    /// Its place in the list that victims are drawn from.
    place: u32,
    /// Who holds it, in order of their numbers. Clients that are gone stay until the key changes.
    clients: Vec<ClientId>,
}

/// Keys by name, of all databases together: a client learns of a change of a key of that name in any of them.
pub struct KeyTable {
    keys: HashMap<Arc<[u8]>, Tracked>,
    names: Vec<Arc<[u8]>>,
    items: usize,
    random: Random,
}

impl Default for KeyTable {
    fn default() -> Self {
        let random = Random::from_entropy();
        KeyTable { keys: HashMap::new(), names: Vec::new(), items: 0, random }
    }
}

impl KeyTable {
    /// Number of keys.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether nobody holds a copy of anything.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// Number of copies.
    pub fn items(&self) -> usize {
        self.items
    }

    /// A client has read a key.
    pub fn remember(&mut self, client: ClientId, key: &[u8]) {
        let tracked = match self.keys.get_mut(key) {
            Some(tracked) => tracked,
            None => {
                let name: Arc<[u8]> = key.into();
                self.names.push(Arc::clone(&name));
                let place = self.names.len() as u32 - 1;
                self.keys.entry(name).or_insert(Tracked { place, clients: Vec::new() })
            }
        };
        if let Err(at) = tracked.clients.binary_search(&client) {
            tracked.clients.insert(at, client);
            self.items += 1;
        }
    }

    /// Forgets a key. Returns who held it.
    pub fn forget(&mut self, key: &[u8]) -> Vec<ClientId> {
        let Some(tracked) = self.keys.remove(key) else { return Vec::new() };
        self.names.swap_remove(tracked.place as usize);
        if let Some(moved) = self.names.get(tracked.place as usize) {
            let moved = self.keys.get_mut(moved).expect("every name in the list is a key of the table");
            moved.place = tracked.place;
        }
        self.items -= tracked.clients.len();
        tracked.clients
    }

    /// Any key.
    pub fn any(&mut self) -> Option<Arc<[u8]>> {
        if self.is_empty() {
            return None;
        }
        let place = self.random.index(self.names.len());
        self.names.get(place).cloned()
    }

    /// Forgets all keys.
    pub fn clear(&mut self) {
        self.keys = HashMap::new();
        self.names = Vec::new();
        self.items = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};

    /// The same random keys here and in a plain map.
    #[test]
    fn agrees_with_a_plain_map() {
        let mut random = Random::from_seed(11);
        let (mut table, mut model) = (KeyTable::default(), BTreeMap::<Vec<u8>, BTreeSet<ClientId>>::new());
        for _ in 0..20_000 {
            let (key, client) = (vec![b'a' + random.index(20) as u8], random.below(9));
            if random.index(3) > 0 {
                table.remember(client, &key);
                model.entry(key).or_default().insert(client);
            } else {
                let expected: Vec<ClientId> = model.remove(&key).into_iter().flatten().collect();
                assert_eq!(table.forget(&key), expected);
            }
            let items: usize = model.values().map(BTreeSet::len).sum();
            assert_eq!((table.len(), table.items()), (model.len(), items));
            assert_eq!(table.any().is_some_and(|key| model.contains_key(&*key)), !model.is_empty());
        }
        table.clear();
        assert_eq!((table.len(), table.items(), table.any()), (0, 0, None));
    }
}
