//! Tests of hashes: against a map of the standard library, in every encoding and through every conversion.

use std::collections::BTreeMap;

use super::*;

const LIMITS: HashLimits = HashLimits { listpack_entries: 8, listpack_value_bytes: 12 };

type Model = BTreeMap<Vec<u8>, (Vec<u8>, Option<i64>)>;

fn listed(hash: &Hash) -> Model {
    hash.iter().map(|field| (field.name.to_vec(), (field.value.to_vec(), field.expire_at_ms))).collect()
}

#[track_caller]
fn assert_same(hash: &Hash, model: &Model, now_ms: i64) {
    assert_eq!(&listed(hash), model);
    assert_eq!(hash.len(), model.len());
    let nearest = model.values().filter_map(|(_, at_ms)| *at_ms).min();
    assert_eq!(hash.nearest_expiry_ms(), nearest);
    let expired = model.values().filter(|(_, at_ms)| at_ms.is_some_and(|at_ms| at_ms < now_ms)).count();
    assert_eq!((hash.expired_len(now_ms), hash.at(now_ms).len()), (expired, model.len() - expired));
    assert_eq!(hash.at(now_ms).iter().count(), model.len() - expired);
}

fn change(hash: &mut Hash, model: &mut Model, random: &mut fastrand::Rng, size: usize) {
    let name = format!("f{}", random.usize(..size)).into_bytes();
    let value = match random.u32(..10) {
        0 => vec![b'v'; random.usize(..30)],
        1..=4 => random.i64(-500..500).to_string().into_bytes(),
        _ => vec![b'a' + random.u8(..26); random.usize(..12)],
    };
    let at_ms = random.i64(1..1_000);
    match random.u32(..12) {
        0..=3 => {
            assert_eq!(hash.set(&name, &value, Expiry::Clear, LIMITS), !model.contains_key(&name));
            model.insert(name, (value, None));
        }
        4 | 5 => {
            let kept = model.get(&name).and_then(|(_, at_ms)| *at_ms);
            assert_eq!(hash.set(&name, &value, Expiry::Keep, LIMITS), !model.contains_key(&name));
            model.insert(name, (value, kept));
        }
        6 => {
            assert_eq!(hash.set(&name, &value, Expiry::At(at_ms), LIMITS), !model.contains_key(&name));
            model.insert(name, (value, Some(at_ms)));
        }
        7 => {
            let expiry = (random.u32(..3) > 0).then_some(at_ms);
            assert_eq!(hash.set_expiry(&name, expiry), model.contains_key(&name));
            model.entry(name).and_modify(|field| field.1 = expiry);
        }
        8 => {
            let mut removed = Vec::new();
            let most = random.usize(1..4);
            let now_ms = at_ms / 4;
            let count = hash.remove_expired(now_ms, most, &mut |name| removed.push(name.to_vec()));
            assert_eq!(count, removed.len());
            for name in removed {
                assert!(
                    model.remove(&name).is_some_and(|(_, at_ms)| at_ms.is_some_and(|at_ms| at_ms < now_ms))
                );
            }
            let left = model.values().filter(|(_, at_ms)| at_ms.is_some_and(|at_ms| at_ms < now_ms)).count();
            assert!(count == most || left == 0);
        }
        _ => assert_eq!(hash.remove(&name), model.remove(&name).is_some()),
    }
}

#[test]
fn behaves_as_a_map() {
    let mut random = fastrand::Rng::with_seed(1);
    for round in 0..60 {
        let size = if round % 2 == 0 { 7 } else { 40 };
        let (mut hash, mut model) = (Hash::default(), Model::new());
        let mut kept: Vec<(Hash, Model)> = Vec::new();
        for _ in 0..300 {
            change(&mut hash, &mut model, &mut random, size);
            assert_same(&hash, &model, random.i64(..1_200));
            if random.u32(..40) == 0 {
                kept.push((hash.clone(), model.clone()));
            }
        }
        for (clone, then) in &kept {
            assert_eq!(&listed(clone), then, "a clone stays as it was");
        }
    }
}

#[test]
fn encodings_change_as_in_redis() {
    let mut hash = Hash::default();
    for number in 0..8 {
        hash.set(&[number], b"value", Expiry::Clear, LIMITS);
    }
    assert_eq!(hash.encoding(), "listpack");
    hash.set_expiry(&[3], Some(5));
    assert_eq!((hash.encoding(), hash.len()), ("listpackex", 8));
    hash.set_expiry(&[3], None);
    assert_eq!(hash.encoding(), "listpackex");
    hash.set(&[9], b"value", Expiry::Clear, LIMITS);
    assert_eq!((hash.encoding(), hash.len()), ("hashtable", 9));
    let mut long = Hash::default();
    long.set(b"field", &[b'x'; 12], Expiry::Clear, LIMITS);
    assert_eq!(long.encoding(), "listpack");
    long.set(&[b'x'; 13], b"", Expiry::At(7), LIMITS);
    assert_eq!((long.encoding(), long.nearest_expiry_ms()), ("hashtable", Some(7)));
}

#[test]
fn fields_that_expire_stand_in_front() {
    let mut hash = Hash::default();
    for name in [b"a", b"b", b"c", b"d"] {
        hash.set(name, b"1", Expiry::Clear, LIMITS);
    }
    hash.set_expiry(b"d", Some(100));
    hash.set_expiry(b"b", Some(200));
    hash.set_expiry(b"c", Some(200));
    let names = |hash: &Hash| hash.iter().flat_map(|field| field.name.to_vec()).collect::<Vec<_>>();
    assert_eq!(names(&hash), b"dcba");
    hash.set(b"d", b"9", Expiry::Clear, LIMITS);
    assert_eq!(names(&hash), b"cbad");
}

#[test]
fn takes_one_word() {
    assert_eq!(size_of::<Hash>(), size_of::<usize>());
}

#[test]
fn equal_hashes_may_lie_differently() {
    let (mut one, mut two) = (Hash::default(), Hash::default());
    for number in 0..6_u8 {
        one.set(&[b'a' + number], &[number], Expiry::Clear, LIMITS);
        two.set(&[b'f' - number], &[5 - number], Expiry::Clear, LIMITS);
    }
    assert_eq!(one, two);
    two.set_expiry(b"a", Some(4));
    assert_ne!(one, two);
    let tight = HashLimits { listpack_entries: 1, ..LIMITS };
    let mut table = Hash::default();
    for number in 0..6_u8 {
        table.set(&[b'a' + number], &[number], Expiry::Clear, tight);
    }
    assert_eq!((table.encoding(), table == one), ("hashtable", true));
}

#[test]
fn random_fields_are_all_drawn_and_none_that_expired() {
    for limits in [LIMITS, HashLimits { listpack_entries: 0, ..LIMITS }] {
        let mut hash = Hash::default();
        for number in 0..8_u8 {
            let expiry = if number < 6 { Expiry::At(10) } else { Expiry::Clear };
            hash.set(&[number], b"", expiry, limits);
        }
        let mut random = fastrand::Rng::with_seed(7);
        let mut drawn: Vec<_> = (0..100).filter_map(|_| hash.at(11).random(&mut random)).collect();
        drawn.sort_by_key(|field| field.name.to_vec());
        drawn.dedup();
        assert_eq!(drawn.iter().map(|field| field.name.to_vec()).collect::<Vec<_>>(), [[6], [7]]);
        assert_eq!(hash.at(10).len(), 8);
    }
}

#[test]
fn damaged_listpacks_are_refused() {
    let packed = |elements: &[&[u8]]| {
        let elements = elements.iter().map(|bytes| Element::of(bytes));
        elements.collect::<Listpack>().as_bytes().to_vec()
    };
    let read = |bytes: &[u8], has_expiries| Hash::from_packed_bytes(bytes, has_expiries, LIMITS);
    let sound = packed(&[b"a", b"1", b"b", b"2"]);
    assert_eq!(read(&sound, false).map(|hash| hash.len()), Ok(2));
    assert_eq!(read(&packed(&[]), false), Err(DamagedHash::Incomplete));
    assert_eq!(read(&packed(&[b"a"]), false), Err(DamagedHash::Incomplete));
    assert_eq!(read(&packed(&[b"a", b"1", b"a", b"2"]), false), Err(DamagedHash::Duplicate));
    assert_eq!(read(&sound[1..], false), Err(DamagedHash::Listpack));
    let expiring = packed(&[b"a", b"1", b"5", b"b", b"2", b"0"]);
    assert_eq!(read(&expiring, true).map(|hash| hash.nearest_expiry_ms()), Ok(Some(5)));
    for bad in [&[b"a", b"1", b"0", b"b", b"2", b"5"][..], &[b"a", b"1", b"x"]] {
        assert_eq!(
            read(&packed(&bad.iter().map(|word| &word[..]).collect::<Vec<_>>()), true),
            Err(DamagedHash::Expiry)
        );
    }
    assert_eq!(read(&packed(&[b"a", b"1", b"-5"]), true), Err(DamagedHash::Expiry));
    let many: Vec<Vec<u8>> = (0..20_u8).map(|number| vec![number]).collect();
    let many = packed(&many.iter().map(Vec::as_slice).collect::<Vec<_>>());
    assert_eq!(read(&many, false).map(|hash| hash.encoding()), Ok("hashtable"));
}
