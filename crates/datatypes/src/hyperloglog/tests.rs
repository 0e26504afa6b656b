//! Tests of `hyperloglog`: the same registers in both representations, bytes as Redis wrote them, damage.

use super::*;

const SPARSE_MAX: usize = 3000;

fn registers(bytes: &[u8]) -> Vec<u8> {
    let mut registers = Registers::new();
    registers.merge(bytes).expect("whole");
    registers.iter().collect()
}

#[test]
fn bytes_are_those_of_redis() {
    let mut bytes = new();
    for element in [b"a", b"b", b"c"] {
        assert_eq!(add(&mut bytes, element, SPARSE_MAX), Ok(true));
    }
    assert_eq!(add(&mut bytes, b"a", SPARSE_MAX), Ok(false));
    assert_eq!(describe(&bytes), "Z:8436 v:1,1 Z:4274 v:2,1 Z:3068 v:1,1 Z:603");
    assert_eq!(kept_estimate(&bytes), None);
    let mut all = Registers::new();
    all.merge(&bytes).expect("whole");
    assert_eq!(all.estimate(), 3);
    keep_estimate(&mut bytes, 3);
    assert_eq!(kept_estimate(&bytes), Some(3));
}

#[test]
fn sparse_and_dense_say_the_same() {
    let (mut sparse, mut dense) = (new(), to_dense(&new()).expect("whole"));
    let mut turned_at = None;
    for number in 0..20_000_u32 {
        let element = number.to_string();
        let changed = add_to_dense(&mut dense, element.as_bytes());
        assert_eq!(add(&mut sparse, element.as_bytes(), SPARSE_MAX), Ok(changed), "{number}");
        if is_dense(&sparse) {
            turned_at.get_or_insert(number);
        } else {
            assert!(sparse.len() <= SPARSE_MAX && is_valid(&sparse));
        }
        if number % 500 == 0 {
            assert_eq!(registers(&sparse), registers(&dense));
        }
    }
    assert!(turned_at.is_some_and(|at| (1_000..2_000).contains(&at)), "{turned_at:?}");
    let mut all = Registers::new();
    all.merge(&sparse).expect("whole");
    assert!((19_400..20_600).contains(&all.estimate()), "{}", all.estimate());
}

#[test]
fn merging_takes_the_larger_registers() {
    let (mut one, mut two, mut both) = (new(), new(), new());
    for number in 0..500_u32 {
        let element = number.to_le_bytes();
        add(if number % 3 == 0 { &mut one } else { &mut two }, &element, SPARSE_MAX).expect("whole");
        add(&mut both, &element, SPARSE_MAX).expect("whole");
    }
    let mut merged = Registers::new();
    merged.merge(&one).and_then(|()| merged.merge(&two)).expect("whole");
    assert!(merged.iter().eq(registers(&both)));
    raise_all(&mut one, &merged, SPARSE_MAX).expect("whole");
    assert_eq!(registers(&one), registers(&both));
}

#[test]
fn what_is_no_hyperloglog() {
    assert!(is_valid(&new()) && is_valid(&to_dense(&new()).expect("whole")));
    let with = |at: usize, byte: u8| {
        let mut bytes = new();
        bytes[at] = byte;
        bytes
    };
    for bytes in [Vec::new(), b"HYLL".to_vec(), with(0, b'h'), with(4, 2), with(4, 0)] {
        assert!(!is_valid(&bytes), "{bytes:?}");
    }
}

#[test]
fn damaged_runs_are_refused() {
    let mut random = fastrand::Rng::with_seed(4);
    let mut whole = new();
    for number in 0..60_u8 {
        add(&mut whole, &[number], SPARSE_MAX).expect("whole");
    }
    let mut refused = 0;
    for _ in 0..1_000 {
        let mut bytes = whole.clone();
        for _ in 0..random.usize(1..4) {
            let at = random.usize(HEADER_BYTES..bytes.len());
            if random.bool() { bytes[at] = random.u8(..) } else { bytes.truncate(at.max(HEADER_BYTES + 1)) }
        }
        refused += usize::from(Registers::new().merge(&bytes).is_err());
        describe(&bytes);
        let mut dense = to_dense(&bytes);
        assert_eq!(dense.is_ok(), Registers::new().merge(&bytes).is_ok());
        if let Ok(dense) = &mut dense {
            add_to_dense(dense, b"x");
        }
        for number in 0..20_u8 {
            if add(&mut bytes, &[200, number], SPARSE_MAX).is_err() {
                break;
            }
        }
    }
    assert!(refused > 400, "{refused}");
}
