//! Tests of `field_expiry`: the index follows every way in which a hash can come, change and go.

use datatypes::collection::{Collection, Value};
use datatypes::hash::{Expiry, Hash};
use datatypes::limits::Limits;

use crate::{Event, ExpiryMode, Keys, Keyspace, LoadItem, NewExpiry, View};

const VIEW: View = View { database: 0, now_ms: 1_000, expiry: ExpiryMode::Delete, touch: true };

fn view(now_ms: i64) -> View {
    View { now_ms, ..VIEW }
}

fn keyspace() -> Keyspace {
    let mut keyspace = Keyspace::new(3, [1, 2]);
    keyspace.changes_mut().interest = true;
    keyspace
}

fn set(keys: &mut Keys<'_>, key: &[u8], name: &[u8], at_ms: Option<i64>) {
    let mut hash = keys.hash_or_create(key).expect("a hash or nothing");
    hash.set(name, b"value", at_ms.map_or(Expiry::Clear, Expiry::At), Limits::DEFAULT.hash);
    hash.modified(Event::HSET);
}

/// What the index of each database holds must be what a look at every entry gives.
#[track_caller]
fn check_index(keyspace: &mut Keyspace) {
    for database in 0..keyspace.database_count() {
        let mut expected = Vec::new();
        let mut keys = keyspace.keys(View { database, expiry: ExpiryMode::Ignore, ..VIEW });
        keys.scan(0, usize::MAX, &mut |entry| {
            if let Some(at_ms) = entry.collection::<Hash>().and_then(Collection::nearest_expiry_ms) {
                expected.push((at_ms, entry.key().into()));
            }
        });
        expected.sort();
        let index: Vec<_> =
            keyspace.databases[database as usize].field_expiries.due.iter().cloned().collect();
        assert_eq!(index, expected);
        assert_eq!(keyspace.field_expires_len(database), expected.len());
    }
}

#[test]
fn the_index_follows_every_change() {
    let mut random = 12_345_u64;
    let mut below = |bound: u64| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) % bound
    };
    let mut keyspace = keyspace();
    for round in 0..4_000_i64 {
        let key = [b'a' + below(8) as u8];
        let (other, name) = ([b'a' + below(8) as u8], [b'0' + below(5) as u8]);
        let database = below(3) as u32;
        let now_ms = 1_000 + round;
        let mut keys = keyspace.keys(View { database, ..view(now_ms) });
        match below(14) {
            0..=2 => set(&mut keys, &key, &name, Some(now_ms + below(60) as i64)),
            3 => set(&mut keys, &key, &name, None),
            4 => drop(keys.remove(&key)),
            5 => drop(keys.rename(&key, &other)),
            6 => drop(key != other && keys.copy(&key, below(3) as u32, &other)),
            7 => drop(keys.move_to(&key, (database + 1) % 3)),
            8 => drop(keys.set_expiry(&key, Some(now_ms + below(40) as i64))),
            9 => {
                if let Some(mut hash) = keys.hash_mut(&key).expect("only hashes") {
                    hash.remove(&name);
                }
            }
            10 => drop(keys.hash(&key)),
            11 => drop(keyspace.expire_fields(now_ms, 1 + below(5) as usize)),
            12 => drop(keyspace.swap(0, 1)),
            _ if below(20) == 0 => drop(keyspace.flush_database(database)),
            _ => {
                let mut hash = Hash::default();
                hash.set(&name, b"loaded", Expiry::At(now_ms + 9), Limits::DEFAULT.hash);
                let value = Value::Hash(hash);
                keyspace.load_value(
                    database,
                    LoadItem { key: &key, value, expire_at_ms: None, used: None },
                    now_ms,
                );
            }
        }
        check_index(&mut keyspace);
    }
    keyspace.expire_cycle(1 << 40, crate::ExpireBudget { samples: usize::MAX, segments: usize::MAX });
    check_index(&mut keyspace);
}

#[test]
fn what_is_due_is_removed_and_recorded() {
    let mut keyspace = keyspace();
    let mut keys = keyspace.keys(VIEW);
    for name in [b"1", b"2", b"3"] {
        set(&mut keys, b"some", name, Some(1_500));
        set(&mut keys, b"all", name, Some(1_500));
    }
    set(&mut keys, b"some", b"4", None);
    keyspace.changes_mut().modified.clear();
    assert_eq!(keyspace.expire_fields(1_500, 100), 0, "the time itself is not past");
    assert_eq!(keyspace.expire_fields(1_501, 4), 4);
    assert_eq!(keyspace.expire_fields(1_501, 100), 2);
    assert_eq!((keyspace.len(0), keyspace.has_field_expiries()), (1, false));
    let mut removed: Vec<_> =
        keyspace.changes().removed_fields.fields().map(|(_, key, name)| [key, name].concat()).collect();
    removed.sort();
    assert_eq!(removed, [&b"all1"[..], b"all2", b"all3", b"some1", b"some2", b"some3"]);
    let events: Vec<_> =
        keyspace.changes().modified.iter().map(|(_, key, event)| (key.to_vec(), event.name)).collect();
    let event = |key: &[u8], name| (key.to_vec(), name);
    assert_eq!(
        events,
        [
            event(b"all", "hexpired"),
            event(b"all", "del"),
            event(b"some", "hexpired"),
            event(b"some", "hexpired")
        ]
    );
    assert_eq!(keyspace.statistics().expired_fields, 6);
    assert!(keyspace.keys(VIEW).hash(b"all").expect("gone").is_none());
}

#[test]
fn a_replica_hides_and_its_stream_sees() {
    let mut keyspace = keyspace();
    let mut keys = keyspace.keys(VIEW);
    set(&mut keys, b"h", b"a", Some(1_500));
    set(&mut keys, b"h", b"b", None);
    let names = |keyspace: &mut Keyspace, expiry| {
        let mut keys = keyspace.keys(View { expiry, ..view(2_000) });
        let fields = keys.hash(b"h").expect("a hash").expect("there");
        fields.iter().flat_map(|field| field.name.to_vec()).collect::<Vec<_>>()
    };
    assert_eq!(names(&mut keyspace, ExpiryMode::Hide), b"b");
    assert_eq!(names(&mut keyspace, ExpiryMode::Ignore), b"ab");
    let mut keys = keyspace.keys(View { expiry: ExpiryMode::Hide, ..view(2_000) });
    let mut hash = keys.hash_mut(b"h").expect("a hash").expect("there");
    hash.meet(b"a");
    assert_eq!(hash.len(), 1, "whoever writes to a replica has its way");
    drop(hash);
    assert!(keyspace.changes().removed_fields.is_empty());
    check_index(&mut keyspace);
}

#[test]
fn a_snapshot_has_the_fields_that_were_there() {
    let mut keyspace = keyspace();
    set(&mut keyspace.keys(VIEW), b"h", b"a", Some(1_500));
    set(&mut keyspace.keys(VIEW), b"s", b"b", None);
    keyspace.begin_snapshot().expect("none runs");
    keyspace.expire_fields(2_000, 10);
    keyspace.keys(VIEW).set_string(b"s", b"text", NewExpiry::Clear);
    let mut seen = Vec::new();
    while !keyspace.snapshot_step(1, &mut |entry| {
        let hash = entry.entry.collection::<Hash>().expect("only hashes");
        seen.push((entry.key.to_vec(), hash.len()));
    }) {}
    seen.sort();
    assert_eq!(seen, [(b"h".to_vec(), 1), (b"s".to_vec(), 1)]);
}
