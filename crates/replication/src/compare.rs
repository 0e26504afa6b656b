//! How a copy compares with what the node holds: some of its keys are looked for in the copy.

use crate::follower::judge::Comparison;
use engine::engine::Node;
use engine::shared::Shared;
use keyspace::{ExpiryMode, Keyspace, View};

/// Keys that are looked for.
const SAMPLES: usize = 1000;
/// Keys that are drawn while the lock is held.
const SAMPLES_AT_ONCE: usize = 100;
/// Keys that are drawn to learn how many have expired.
const EXPIRY_SAMPLES: usize = 200;

fn view(database: u32, now_ms: i64) -> View {
    View { database, now_ms, expiry: ExpiryMode::Ignore, touch: false }
}

/// About how many keys have not expired: on a replica those that have stay until the primary removes them.
pub fn live_keys(keyspace: &mut Keyspace, now_ms: i64) -> u64 {
    let mut random = stdx::random::Random::fresh();
    let mut live = 0;
    for database in 0..keyspace.database_count() {
        let keys = keyspace.len(database) as u64;
        if keyspace.expires_len(database) == 0 {
            live += keys;
            continue;
        }
        let drawn = (0..EXPIRY_SAMPLES)
            .filter(|_| draw(keyspace, database, now_ms, &mut || random.bits()).is_some())
            .count();
        live += keys * drawn as u64 / EXPIRY_SAMPLES as u64;
    }
    live
}

/// Looks for some of the node's keys in a copy that has so many keys.
pub fn compare(shared: &Shared<Node>, copy: &mut Keyspace, keys: u64) -> Comparison {
    let mut random = stdx::random::Random::fresh();
    let mut comparison = Comparison { keys, ..Comparison::default() };
    let mut drawn = Vec::with_capacity(SAMPLES_AT_ONCE);
    for _ in 0..SAMPLES / SAMPLES_AT_ONCE {
        let mut node = shared.lock_politely();
        let now_ms = node.engine.clock.wall_ms;
        for _ in 0..SAMPLES_AT_ONCE {
            let Some(database) = pick(&node.keyspace, random.bits()) else { return comparison };
            drawn.extend(
                draw(&mut node.keyspace, database, now_ms, &mut || random.bits()).map(|key| (database, key)),
            );
        }
        drop(node);
        for (database, key) in drawn.drain(..) {
            comparison.sampled += 1;
            let is_there =
                database < copy.database_count() && copy.keys(view(database, 0)).peek(&key).is_some();
            comparison.found += u64::from(is_there);
        }
    }
    comparison
}

/// A database by its share of the keys.
fn pick(keyspace: &Keyspace, random: u64) -> Option<u32> {
    let lengths = || (0..keyspace.database_count()).map(|database| keyspace.len(database) as u64);
    let mut place = random.checked_rem(lengths().sum())?;
    for (database, length) in lengths().enumerate() {
        if place < length {
            return Some(database as u32);
        }
        place -= length;
    }
    None
}

/// A key by chance, unless it has expired.
fn draw(
    keyspace: &mut Keyspace,
    database: u32,
    now_ms: i64,
    random: &mut dyn FnMut() -> u64,
) -> Option<Vec<u8>> {
    let mut keys = keyspace.keys(view(database, now_ms));
    let key = keys.random_key(random)?;
    let is_live = keys.peek(&key).is_some_and(|entry| !entry.is_expired(now_ms));
    is_live.then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use keyspace::LoadItem;

    fn filled(databases: u32, keys: std::ops::Range<u32>, expire_at_ms: Option<i64>) -> Keyspace {
        let mut keyspace = Keyspace::new(databases, [1, 2]);
        for key in keys {
            let name = format!("key:{key}");
            let item = LoadItem { key: name.as_bytes(), value: b"v".as_slice(), expire_at_ms, used: None };
            keyspace.load_batch(key % databases, &[item], 0);
        }
        keyspace
    }

    fn compared(held: Keyspace, mut copy: Keyspace) -> Comparison {
        let mut node = Node::new(Default::default(), testkit_table());
        node.engine.clock.wall_ms = 1000;
        node.keyspace = held;
        let keys = (0..copy.database_count()).map(|database| copy.len(database) as u64).sum();
        compare(&Shared::new(node), &mut copy, keys)
    }

    fn testkit_table() -> &'static engine::command::index::Table {
        Box::leak(Box::new(engine::command::index::Table::new(&[])))
    }

    #[test]
    fn the_same_all_and_others_none() {
        let same = compared(filled(2, 0..3000, None), filled(2, 0..3000, None));
        assert_eq!(same, Comparison { keys: 3000, sampled: 1000, found: 1000 });
        let others = compared(filled(2, 0..3000, None), filled(2, 3000..6000, None));
        assert_eq!(others, Comparison { keys: 3000, sampled: 1000, found: 0 });
        let half = compared(filled(1, 0..3000, None), filled(1, 0..1500, None));
        assert!((300..700).contains(&half.found), "{half:?}");
    }

    #[test]
    fn what_has_expired_is_not_missed() {
        let comparison = compared(filled(1, 0..100, Some(500)), filled(1, 0..0, None));
        assert_eq!(comparison, Comparison::default());
        assert_eq!(live_keys(&mut filled(1, 0..100, Some(500)), 1000), 0);
        assert_eq!(live_keys(&mut filled(3, 0..100, Some(5000)), 1000), 100);
        assert_eq!(live_keys(&mut filled(3, 0..100, None), 1000), 100);
    }
}
