//! Tests of `directory`: growth over chunks, shrink back, reserving.

use super::*;

const STAMP: Stamp = Stamp { epoch: 0, clock: 0 };

fn hash_of(key: &[u8]) -> u64 {
    siphasher::sip::SipHasher13::new_with_keys(3, 4).hash(key)
}

fn insert(directory: &mut Directory, number: u32) {
    let key = number.to_le_bytes();
    directory.insert(hash_of(&key), Entry::string(&key, b"", None, STAMP), &hash_of);
}

fn place(directory: &Directory, number: u32) -> Option<Place> {
    let key = number.to_le_bytes();
    directory.find(hash_of(&key), &key)
}

/// The stretches cover all positions without gap, and hold all entries.
fn check_cover(directory: &Directory) {
    let (mut position, mut entries, mut segments) = (0, 0, 0);
    while position < END {
        let stretch = directory.stretch(position).expect("not empty");
        assert_eq!((stretch.home, stretch.start_of(0)), (0, position));
        assert_eq!(stretch.start_of(stretch.segment.bucket_count()), stretch.end());
        entries += stretch.segment.len();
        segments += 1;
        position = stretch.end();
    }
    assert_eq!((entries, segments), (directory.len(), directory.segments().count()));
}

#[test]
fn grows_into_several_chunks_and_back() {
    const KEYS: u32 = 700_000;
    let mut directory = Directory::default();
    (0..KEYS).for_each(|number| insert(&mut directory, number));
    assert!(directory.chunks.len() > 1, "a chunk was parted");
    check_cover(&directory);
    assert!((0..KEYS).step_by(7).all(|number| place(&directory, number).is_some()));
    let slots: usize = directory.segments().map(|segment| segment.bucket_count() * 8).sum();
    assert!(directory.len() * 100 > slots * 60, "the table is well filled");
    for number in 300..KEYS {
        let place = place(&directory, number).expect("present");
        drop(directory.remove(hash_of(&number.to_le_bytes()), place));
    }
    check_cover(&directory);
    assert!((0..300).all(|number| place(&directory, number).is_some()));
    assert!(directory.segments().count() < 20, "segments were merged");
    assert!(directory.overhead_bytes() < 60_000, "index and chunks went too: {}", directory.overhead_bytes());
    for number in 0..300 {
        let place = place(&directory, number).expect("present");
        drop(directory.remove(hash_of(&number.to_le_bytes()), place));
    }
    assert_eq!((directory.len(), directory.overhead_bytes()), (0, 0));
}

#[test]
fn a_reserved_directory_does_not_grow() {
    for keys in [1_000_u32, 50_000, 400_000] {
        let mut directory = Directory::default();
        directory.reserve(u64::from(keys));
        let segments = directory.segments().count();
        (0..keys).for_each(|number| insert(&mut directory, number));
        assert_eq!(directory.segments().count(), segments, "of {keys} keys");
        check_cover(&directory);
    }
}

#[test]
fn nothing_is_allocated_before_the_first_key() {
    let directory = Directory::default();
    assert_eq!((directory.overhead_bytes(), directory.len(), place(&directory, 1)), (0, 0, None));
    assert!(directory.stretch(0).is_none());
}
