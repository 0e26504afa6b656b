//! The keyspace against a model of ordered maps: thousands of seeded random operations, with snapshots in between.

use std::collections::BTreeMap;

use datatypes::collection::ValueRef;

use crate::entry::live_entries;
use crate::{EntryRef, EvictionOrder, EvictionRule, ExpireBudget, ExpiryMode, Keyspace, LoadItem, NewExpiry};
use crate::{Removal, Type, View};

type Key = (u32, Vec<u8>);
type Value = (Vec<u8>, Option<i64>);

const DATABASES: u32 = 3;

/// A small seeded generator (xorshift), so that every run is the same.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, limit: u64) -> u64 {
        (self.next() >> 11) % limit
    }
}

struct World {
    keyspace: Keyspace,
    model: BTreeMap<Key, Value>,
    /// The model when the running snapshot began.
    owed: Option<BTreeMap<Key, Value>>,
    paid: BTreeMap<Key, Value>,
    now_ms: i64,
    random: Random,
    key_range: u64,
    snapshots: usize,
}

impl World {
    fn new(seed: u64, key_range: u64) -> World {
        World {
            keyspace: Keyspace::new(DATABASES, [seed, 7]),
            model: BTreeMap::new(),
            owed: None,
            paid: BTreeMap::new(),
            now_ms: 1_000_000,
            random: Random(seed | 1),
            key_range,
            snapshots: 0,
        }
    }

    fn key(&mut self) -> Vec<u8> {
        let number = self.random.below(self.key_range);
        let padding = if number.is_multiple_of(50) { 300 } else { number as usize % 30 };
        format!("{number}:{}", "k".repeat(padding)).into_bytes()
    }

    fn value(&mut self) -> Vec<u8> {
        let length = match self.random.below(1_000) {
            0 => 70_000,
            1 => 65_535,
            other => other as usize % 40,
        };
        vec![b'a' + self.random.below(26) as u8; length]
    }

    fn time(&mut self) -> Option<i64> {
        (self.random.below(3) == 0).then(|| self.now_ms + self.random.below(400) as i64 - 20)
    }

    fn view(&self, database: u32) -> View {
        View { database, now_ms: self.now_ms, expiry: ExpiryMode::Delete, touch: true }
    }

    /// A command meets this key: the model loses it when its time has come.
    fn meet(&mut self, database: u32, key: &[u8]) -> Option<Value> {
        let place = (database, key.to_vec());
        if self.model.get(&place)?.1.is_some_and(|at| self.now_ms > at) {
            self.model.remove(&place);
        }
        self.model.get(&place).cloned()
    }

    fn step(&mut self) {
        let database = self.random.below(u64::from(DATABASES)) as u32;
        let (key, value) = (self.key(), self.value());
        let choice = self.random.below(100);
        let held = if choice < 97 { self.meet(database, &key) } else { None };
        match choice {
            0..40 => self.set(database, &key, &value, held.as_ref()),
            40..50 => self.grow(database, &key, &value, held),
            50..65 => self.remove(database, &key, held.is_some()),
            65..72 => self.expire(database, &key, held),
            72..84 => self.transfer(database, &key, held),
            84..97 => self.read(database, &key, held),
            _ => self.rare(database),
        }
        // What a command met, `meet` has taken out of the model.
        self.keyspace.changes_mut().removed.clear();
        self.check_counts(database);
    }

    fn set(&mut self, database: u32, key: &[u8], value: &[u8], held: Option<&Value>) {
        let (expiry, at) = match (self.random.below(3), self.time()) {
            (0, _) => (NewExpiry::Keep, held.and_then(|held| held.1)),
            (_, Some(at)) => (NewExpiry::At(at), Some(at)),
            _ => (NewExpiry::Clear, None),
        };
        let new = self.keyspace.keys(self.view(database)).set_string(key, value, expiry);
        assert_eq!(new, held.is_none());
        self.model.insert((database, key.to_vec()), (value.to_vec(), at));
    }

    fn grow(&mut self, database: u32, key: &[u8], value: &[u8], held: Option<Value>) {
        let range = self.random.below(2) == 0;
        let (mut expected, at) = held.unwrap_or_default();
        let offset = if range { self.random.below(100) as usize } else { expected.len() };
        let view = self.view(database);
        let mut keys = self.keyspace.keys(view);
        let length = if range { keys.set_range(key, offset, value) } else { keys.append(key, value) };
        if !value.is_empty() || !range {
            expected.resize(expected.len().max(offset + value.len()), 0);
            expected[offset..offset + value.len()].copy_from_slice(value);
            self.model.insert((database, key.to_vec()), (expected.clone(), at));
        }
        assert_eq!(length, Ok(expected.len()));
    }

    fn remove(&mut self, database: u32, key: &[u8], held: bool) {
        assert_eq!(self.keyspace.keys(self.view(database)).remove(key), held);
        self.model.remove(&(database, key.to_vec()));
    }

    fn expire(&mut self, database: u32, key: &[u8], held: Option<Value>) {
        let at = self.time();
        assert_eq!(self.keyspace.keys(self.view(database)).set_expiry(key, at), held.is_some());
        if let Some((value, _)) = held {
            self.model.insert((database, key.to_vec()), (value, at));
        }
    }

    fn transfer(&mut self, database: u32, key: &[u8], held: Option<Value>) {
        let (other, to) = (self.random.below(u64::from(DATABASES)) as u32, self.key());
        let view = self.view(database);
        match self.random.below(3) {
            0 => {
                if held.is_some() {
                    self.meet(database, &to);
                }
                assert_eq!(self.keyspace.keys(view).rename(key, &to), held.is_some());
                if let Some(value) = held {
                    self.model.remove(&(database, key.to_vec()));
                    self.model.insert((database, to), value);
                }
            }
            1 if (other, &to[..]) != (database, key) => {
                if held.is_some() {
                    self.meet(other, &to);
                }
                assert_eq!(self.keyspace.keys(view).copy(key, other, &to), held.is_some());
                if let Some(value) = held {
                    self.model.insert((other, to), value);
                }
            }
            _ => {
                let free = held.is_some() && self.meet(other, key).is_none();
                assert_eq!(self.keyspace.keys(view).move_to(key, other), free);
                if let (true, Some(value)) = (free, held) {
                    self.model.remove(&(database, key.to_vec()));
                    self.model.insert((other, key.to_vec()), value);
                }
            }
        }
    }

    fn read(&mut self, database: u32, key: &[u8], held: Option<Value>) {
        let mut keys = self.keyspace.keys(self.view(database));
        assert_eq!(keys.string(key).expect("a string"), held.as_ref().map(|held| &held.0[..]));
        assert_eq!(keys.peek(key).and_then(EntryRef::expire_at_ms), held.and_then(|held| held.1));
    }

    fn rare(&mut self, database: u32) {
        let other = self.random.below(u64::from(DATABASES)) as u32;
        match self.random.below(40) {
            0 => {
                drop(self.keyspace.flush_database(database));
                self.model.retain(|key, _| key.0 != database);
            }
            1 if self.random.below(8) == 0 => {
                drop(self.keyspace.flush_all());
                self.model.clear();
            }
            2..6 => {
                assert!(self.keyspace.swap(database, other));
                let swapped = |number| {
                    if number == database {
                        other
                    } else if number == other {
                        database
                    } else {
                        number
                    }
                };
                let old = std::mem::take(&mut self.model);
                self.model =
                    old.into_iter().map(|((number, key), value)| ((swapped(number), key), value)).collect();
            }
            6..16 => {
                self.keyspace.expire_cycle(self.now_ms, ExpireBudget { samples: 50, segments: 20 });
                self.drain_removed();
            }
            16..26 => self.scan(database),
            26 => self.load(database),
            27..29 => self.evict(),
            _ => self.now_ms += self.random.below(60) as i64,
        }
    }

    fn load(&mut self, database: u32) {
        let items: Vec<(Vec<u8>, Vec<u8>)> = (0..200).map(|_| (self.key(), self.value())).collect();
        let batch: Vec<LoadItem<'_>> = items
            .iter()
            .map(|(key, value)| LoadItem { key, value: value.as_slice(), expire_at_ms: None, used: None })
            .collect();
        self.keyspace.load_batch(database, &batch, self.now_ms);
        self.model.extend(items.into_iter().map(|(key, value)| ((database, key), (value, None))));
    }

    fn scan(&mut self, database: u32) {
        let mut seen = BTreeMap::new();
        let mut cursor = 0;
        loop {
            let mut keys = self.keyspace.keys(self.view(database));
            cursor = keys.scan(cursor, 10, &mut |entry| {
                let value = entry.string().expect("a string").to_vec();
                seen.insert((database, entry.key().to_vec()), (value, entry.expire_at_ms()));
            });
            if cursor == 0 {
                break;
            }
        }
        self.drain_removed();
        let expected: BTreeMap<Key, Value> = self
            .model
            .iter()
            .filter(|(key, _)| key.0 == database)
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect();
        assert!(seen == expected, "a scan of a quiet database returns all keys");
    }

    fn evict(&mut self) {
        let orders = [EvictionOrder::LeastRecent, EvictionOrder::SoonestToExpire, EvictionOrder::Random];
        let order = orders[self.random.below(3) as usize];
        let rule = EvictionRule { order, only_expiring: self.random.below(2) == 0, samples: 3 };
        self.keyspace.changes_mut().removed.clear();
        let may_go = self.model.values().any(|(_, at)| at.is_some() || !rule.only_expiring);
        assert_eq!(self.keyspace.evict(rule, self.now_ms), may_go);
        for (database, key, reason) in self.keyspace.changes().removed.iter() {
            let gone = self.model.remove(&(database, key.to_vec())).expect("only what was there is removed");
            assert!(reason == Removal::Evicted && (gone.1.is_some() || !rule.only_expiring));
        }
    }

    fn drain_removed(&mut self) {
        let removed = std::mem::take(&mut self.keyspace.changes_mut().removed);
        for (database, key, reason) in removed.iter() {
            assert_eq!(reason, Removal::Expired);
            assert!(self.model.contains_key(&(database, key.to_vec())), "only what was there is removed");
            assert_eq!(self.meet(database, key), None, "only what is past its time is removed");
        }
    }

    fn check_counts(&self, database: u32) {
        let held = self.model.range((database, Vec::new())..(database + 1, Vec::new()));
        if self.random.0.is_multiple_of(16) {
            let (keys, expires) = held.fold((0, 0), |(keys, expires), (_, value)| {
                (keys + 1, expires + usize::from(value.1.is_some()))
            });
            assert_eq!((self.keyspace.len(database), self.keyspace.expires_len(database)), (keys, expires));
        }
    }

    fn snapshot(&mut self) {
        if self.owed.is_none() {
            self.keyspace.begin_snapshot().expect("none is running");
            assert!(self.keyspace.begin_snapshot().is_err());
            let counted: u64 = self.keyspace.snapshot_counts().iter().map(|count| count.keys).sum();
            assert_eq!(counted as usize, self.model.len());
            self.owed = Some(self.model.clone());
            self.paid.clear();
            return;
        }
        if self.random.below(400) == 0 {
            self.keyspace.cancel_snapshot();
            self.owed = None;
            return;
        }
        let slice = 1 + self.random.below(30) as usize;
        let paid = &mut self.paid;
        let finished = self.keyspace.snapshot_step(slice, &mut |entry| {
            let ValueRef::String(value) = entry.value else { panic!("only strings are put in") };
            let before =
                paid.insert((entry.database, entry.key.to_vec()), (value.to_vec(), entry.expire_at_ms));
            assert!(before.is_none(), "a key is visited once");
        });
        if finished {
            assert!(
                self.owed.take() == Some(std::mem::take(&mut self.paid)),
                "the snapshot is what there was"
            );
            self.snapshots += 1;
            drop(self.keyspace.take_garbage());
        }
    }
}

fn live(seed: u64, key_range: u64, steps: usize, snapshot_every: usize) {
    let before = live_entries();
    let mut world = World::new(seed, key_range);
    for step in 0..steps {
        world.step();
        if step % snapshot_every == 0 {
            world.snapshot();
        }
    }
    for database in 0..DATABASES {
        world.scan(database);
        let sizes: Vec<_> = world.keyspace.value_sizes(database, Type::String).collect();
        assert_eq!(sizes, world.keyspace.walk_value_sizes(database, Type::String));
    }
    assert!(world.snapshots > 3, "snapshots came to their end");
    world.keyspace.cancel_snapshot();
    let held: usize = (0..DATABASES).map(|database| world.keyspace.len(database)).sum();
    drop(world.keyspace.take_garbage());
    assert_eq!(live_entries() - before, held, "no entry is lost or kept too long");
    drop(world);
    assert_eq!(live_entries(), before);
}

#[test]
fn few_keys() {
    (1..6).for_each(|seed| live(seed, 40, 20_000, 3));
}

#[test]
fn some_hundred_keys() {
    (10..14).for_each(|seed| live(seed, 500, 20_000, 2));
}

#[test]
fn many_keys() {
    (20..22).for_each(|seed| live(seed, 9_000, 60_000, 5));
}
