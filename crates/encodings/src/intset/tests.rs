//! Tests of `intset`: against a sorted set, against bytes of a real server, against damaged bytes.

use std::collections::BTreeSet;

use super::*;

/// What DUMP of Redis 7.0.15 holds for sets of these members.
const DUMPED: &[(&[i64], &str)] = &[
    (&[1, 2, -3], "0200000003000000fdff01000200"),
    (&[1, 40_000, -3], "0400000003000000fdffffff01000000409c0000"),
    (&[1, 4_000_000_000, -3], "0800000003000000fdffffffffffffff010000000000000000286bee00000000"),
    (&[32_767, -32_768], "02000000020000000080ff7f"),
    (&[32_768, -32_769], "0400000002000000ff7fffff00800000"),
    (&[2_147_483_648, -2_147_483_648, 0], "080000000300000000000080ffffffff00000000000000000000008000000000"),
];

fn unhex(text: &str) -> Vec<u8> {
    stdx::hex::parse(text.as_bytes()).expect("digits by two")
}

fn check(set: &Intset, model: &BTreeSet<i64>) {
    assert!(set.iter().eq(model.iter().copied()));
    assert!(set.iter().rev().eq(model.iter().rev().copied()));
    assert_eq!((set.len(), set.is_empty()), (model.len(), model.is_empty()));
    assert_eq!((set.min(), set.max()), (model.first().copied(), model.last().copied()));
    assert_eq!(set.get(set.len()), None);
    let again = Intset::from_bytes(set.as_bytes()).expect("whole");
    assert_eq!(again.as_bytes(), set.as_bytes());
}

#[test]
fn agrees_with_the_server() {
    for (members, dumped) in DUMPED {
        let mut set = Intset::new();
        assert!(members.iter().all(|&member| set.insert(member)));
        assert_eq!(set.as_bytes(), unhex(dumped));
        assert_eq!(members.iter().copied().collect::<Intset>().as_bytes(), unhex(dumped));
        check(&Intset::from_bytes(&unhex(dumped)).expect("whole"), &members.iter().copied().collect());
    }
}

/// Values around the edges of the widths, few enough to meet again.
fn random_value(random: &mut fastrand::Rng, widest: u8) -> i64 {
    let edge = random.choice([0, 1 << 15, 1 << 31, i64::MAX][..usize::from(widest)].iter()).expect("one");
    edge.wrapping_add(random.i64(-9..9)).wrapping_mul(random.choice([1, -1]).expect("one"))
}

#[test]
fn behaves_like_a_sorted_set() {
    let mut random = fastrand::Rng::with_seed(21);
    for widest in 1..=4 {
        let (mut set, mut model) = (Intset::default(), BTreeSet::new());
        for _ in 0..3_000 {
            let value = random_value(&mut random, widest);
            match random.u8(0..3) {
                0 => assert_eq!(set.insert(value), model.insert(value)),
                1 => assert_eq!(set.remove(value), model.remove(&value)),
                _ => assert_eq!(set.contains(value), model.contains(&value)),
            }
            check(&set, &model);
        }
        assert_eq!(set.clone().as_bytes(), set.as_bytes());
    }
}

#[test]
fn the_width_never_goes_back() {
    let mut set: Intset = [1, 1 << 40].into_iter().collect();
    assert!(set.remove(1 << 40));
    assert_eq!(set.total_bytes(), 8 + 8);
    assert!(!set.contains(1 << 40) && set.contains(1));
}

#[test]
fn damaged_bytes_do_no_harm() {
    let mut random = fastrand::Rng::with_seed(22);
    let mut accepted = 0;
    let mut attempt = |bytes: &[u8]| {
        let Ok(mut set) = Intset::from_bytes(bytes) else { return };
        accepted += 1;
        let mut model: BTreeSet<i64> = set.iter().collect();
        check(&set, &model);
        let value = random_value(&mut random, 4);
        assert_eq!(set.insert(value), model.insert(value));
        check(&set, &model);
    };
    for (_, dumped) in DUMPED {
        let bytes = unhex(dumped);
        for length in 0..bytes.len() {
            assert!(Intset::from_bytes(&bytes[..length]).is_err());
            for count in 0..3 {
                let mut cut = bytes[..length].to_vec();
                cut.get_mut(4..5).into_iter().for_each(|told| told[0] = count);
                attempt(&cut);
            }
        }
        for at in 0..bytes.len() {
            for flip in [1, 2, 4, 8, 16, 32, 64, 128, 255] {
                let mut flipped = bytes.clone();
                flipped[at] ^= flip;
                attempt(&flipped);
            }
        }
    }
    assert!(accepted > 50, "flipped elements are often still in order: {accepted}");
}

#[test]
fn tells_what_is_wrong() {
    let refusal = |text| Intset::from_bytes(&unhex(text)).map(|set| set.len());
    assert_eq!(refusal("02000000000000"), Err(Damaged::Length));
    assert_eq!(refusal("0300000000000000"), Err(Damaged::Width));
    assert_eq!(refusal("0200010000000000"), Err(Damaged::Width));
    assert_eq!(refusal("02000000010000000100ff"), Err(Damaged::Length));
    assert_eq!(refusal("020000000200000001000100"), Err(Damaged::Order));
    assert_eq!(refusal("0200000000000000"), Ok(0));
    assert_eq!(refusal("08000000ffffffff"), Err(Damaged::Length));
}
