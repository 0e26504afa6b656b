//! Tests of `listpack`: against a vector of texts, against bytes of a real server, against damaged bytes.

use super::*;

/// What Redis 7.0.15 gives for DUMP of a hash with these fields and values, without the payload's frame.
const HASH: &str = "ef000000360081660200018167027f01816802c08002816902dfff02816a02d00002816b02cfff02816c02f1001003\
    816d02f1ffef03816e02f1ff7f03816f02f200800004817002f1008003817102f2ff7fff04817202f2ffff7f04817302f30000800005817402f2\
    00008004817502f3ffff7fff05817602f3ffffff7f05817702f4000000800000000009817802f30000008005817902f4ffffff7fffffffff0981\
    7a02f4ffffffffffffff7f09814102f40000000000000080098142029339323233333732303336383534373735383038148143\
    02822d3003814402823031038145028001814602822b3103ff";
const HASH_PAIRS: &[(&str, &str)] = &[
    ("f", "0"),
    ("g", "127"),
    ("h", "128"),
    ("i", "-1"),
    ("j", "-4096"),
    ("k", "4095"),
    ("l", "4096"),
    ("m", "-4097"),
    ("n", "32767"),
    ("o", "32768"),
    ("p", "-32768"),
    ("q", "-32769"),
    ("r", "8388607"),
    ("s", "8388608"),
    ("t", "-8388608"),
    ("u", "-8388609"),
    ("v", "2147483647"),
    ("w", "2147483648"),
    ("x", "-2147483648"),
    ("y", "-2147483649"),
    ("z", "9223372036854775807"),
    ("A", "-9223372036854775808"),
    ("B", "9223372036854775808"),
    ("C", "-0"),
    ("D", "01"),
    ("E", ""),
    ("F", "+1"),
];
/// The same of a list: RPUSH of "a", "1000", 63 times "x", 64 times "y".
const LIST: &str = "910000000400816102c3e802bf78787878787878787878787878787878787878787878787878787878787878787878787878\
    787878787878787878787878787878787878787878787878787840e040797979797979797979797979797979797979797979\
    7979797979797979797979797979797979797979797979797979797979797979797979797979797979797942ff";

fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    stdx::hex::parse(&digits).expect("digits by two")
}

fn texts(listpack: &Listpack) -> Vec<Vec<u8>> {
    listpack.iter().map(Element::to_vec).collect()
}

/// Walks in both ways and reads it again from its bytes.
fn check(listpack: &Listpack, model: &[Vec<u8>]) {
    assert_eq!(texts(listpack), model);
    let mut back: Vec<_> = listpack.iter_back().map(Element::to_vec).collect();
    back.reverse();
    assert_eq!(back, model);
    assert_eq!((listpack.len(), listpack.is_empty()), (model.len(), model.is_empty()));
    let again = Listpack::from_bytes(listpack.as_bytes()).expect("whole");
    assert_eq!(again.as_bytes(), listpack.as_bytes());
}

#[test]
fn writes_what_the_server_writes() {
    let pairs = HASH_PAIRS.iter().flat_map(|(field, value)| [field.as_bytes(), value.as_bytes()]);
    let listpack: Listpack = pairs.clone().map(Element::of).collect();
    assert_eq!(listpack.as_bytes(), unhex(HASH));
    let mut one_by_one = Listpack::new();
    pairs.for_each(|text| one_by_one.push_back(text));
    assert_eq!(one_by_one.as_bytes(), listpack.as_bytes());
    let mut list = Listpack::new();
    [&b"1000"[..], b"a"].iter().for_each(|text| list.push_front(*text));
    list.push_back(&[b'x'; 63]);
    list.push_back(&[b'y'; 64]);
    assert_eq!(list.as_bytes(), unhex(LIST));
}

#[test]
fn reads_what_the_server_writes() {
    let listpack = Listpack::from_bytes(&unhex(HASH)).expect("whole");
    let read: Vec<_> = listpack.pairs().map(|(field, value)| (field.to_vec(), value.to_vec())).collect();
    let told: Vec<_> = HASH_PAIRS
        .iter()
        .map(|(field, value)| (field.as_bytes().to_vec(), value.as_bytes().to_vec()))
        .collect();
    assert_eq!(read, told);
}

/// Where the length at the end gets longer, as DUMP of Redis 7.0.15 shows it: one less than the digits would allow.
#[test]
fn lengths_at_the_end() {
    for (text_bytes, expected) in [
        (63, &[0x40][..]),
        (125, &[0x7f]),
        (126, &[0x01, 0x80]),
        (16_377, &[0x7f, 0xfe]),
        (16_378, &[0x00, 0xff, 0xff]),
        (2_097_145, &[0x7f, 0xff, 0xfe]),
        (2_097_146, &[0x00, 0xff, 0xff, 0xff]),
        (2_097_148, &[0x01, 0x80, 0x80, 0x81]),
    ] {
        let text = vec![b'x'; text_bytes];
        let mut listpack = Listpack::new();
        listpack.push_back(1);
        listpack.push_back(&text);
        let bytes = listpack.as_bytes();
        assert!(bytes[..bytes.len() - 1].ends_with(expected), "{text_bytes}");
        assert_eq!(bytes[bytes.len() - 2 - expected.len()], b'x');
        assert_eq!(bytes.len(), 7 + 2 + would_be_bytes(&text));
        check(&listpack, &[b"1".to_vec(), text]);
    }
}

#[test]
fn seeks_from_both_ends() {
    let listpack: Listpack = (0..50).map(Element::Integer).collect();
    for index in 0..50 {
        let position = listpack.seek(index).expect("within");
        assert_eq!(listpack.get(position).integer(), Some(index));
        assert_eq!(listpack.seek(index - 50), Some(position));
    }
    for index in [50, 51, -51, i64::MAX, i64::MIN] {
        assert_eq!(listpack.seek(index), None);
    }
    let empty = Listpack::new();
    assert_eq!((empty.seek(0), empty.seek(-1), empty.first(), empty.last()), (None, None, None, None));
}

#[test]
fn finds_with_steps() {
    let texts: [&[u8]; 8] = [b"a", b"1", b"1", b"a", b"b", b"c", b"12345", b"b"];
    let listpack: Listpack = texts.map(Element::of).into_iter().collect();
    let find = |wanted: &[u8], skip| {
        let found = listpack.find(listpack.first().expect("not empty"), wanted, skip)?;
        (0..8).find(|&index| listpack.seek(index) == Some(found))
    };
    assert_eq!((find(b"1", 0), find(b"1", 1)), (Some(1), Some(2)));
    assert_eq!((find(b"b", 1), find(b"c", 1), find(b"c", 0)), (Some(4), None, Some(5)));
    assert_eq!((find(b"12345", 1), find(b"x", 0), find(b"b", 6)), (Some(6), None, Some(7)));
}

/// An element as tests like them: integers of every width, texts of every kind of length.
fn random_text(random: &mut fastrand::Rng) -> Vec<u8> {
    match random.u8(0..10) {
        0..4 => (random.i64(..) >> random.u32(0..64)).to_string().into_bytes(),
        4..8 => vec![random.u8(..); random.usize(0..10)],
        8 => vec![b't'; random.usize(60..130)],
        _ => vec![b'l'; random.usize(4090..4100)],
    }
}

fn change(listpack: &mut Listpack, model: &mut Vec<Vec<u8>>, random: &mut fastrand::Rng) {
    let text = random_text(random);
    let index = random.usize(0..model.len().max(1));
    let Some(position) = listpack.seek(index as i64) else {
        listpack.push_back(&text);
        return model.push(text);
    };
    match random.u8(0..9) {
        0 => {
            listpack.push_front(&text);
            model.insert(0, text);
        }
        1 | 2 => {
            listpack.push_back(&text);
            model.push(text);
        }
        3 => {
            listpack.insert_before(position, &text);
            model.insert(index, text);
        }
        4 => {
            let inserted = listpack.insert_after(position, &text);
            assert_eq!(listpack.get(inserted), *text.as_slice());
            model.insert(index + 1, text);
        }
        5 | 6 => {
            listpack.replace(position, &text);
            model[index] = text;
        }
        7 => remove(listpack, model, index, random.usize(0..4)),
        _ => change_ends(listpack, model, random),
    }
}

fn remove(listpack: &mut Listpack, model: &mut Vec<Vec<u8>>, index: usize, count: usize) {
    let position = listpack.seek(index as i64).expect("within");
    let behind = listpack.remove_many(position, count);
    model.drain(index..(index + count).min(model.len()));
    assert_eq!(behind.map(|at| listpack.get(at).to_vec()), model.get(index).cloned());
}

fn change_ends(listpack: &mut Listpack, model: &mut Vec<Vec<u8>>, random: &mut fastrand::Rng) {
    if model.len() > 40 {
        let kept = random.usize(0..model.len() + 3);
        listpack.truncate(kept);
        return model.truncate(kept);
    }
    let texts: Vec<_> = (0..3).map(|_| random_text(random)).collect();
    let other: Listpack = texts.iter().map(Element::from).collect();
    listpack.append(other.view());
    model.extend(texts);
}

#[test]
fn behaves_like_a_vector_of_texts() {
    let mut random = fastrand::Rng::with_seed(11);
    let (mut listpack, mut model) = (Listpack::new(), Vec::new());
    for _ in 0..3_000 {
        change(&mut listpack, &mut model, &mut random);
        check(&listpack, &model);
    }
}

#[test]
fn counts_when_there_are_too_many() {
    let mut listpack: Listpack = (0..65_534).map(Element::Integer).collect();
    assert_eq!(listpack.known_len(), Some(65_534));
    listpack.push_back(7);
    assert_eq!((listpack.known_len(), listpack.len()), (None, 65_535));
    assert_eq!(listpack.seek(-1), listpack.last());
    assert_eq!(listpack.seek(65_535), None);
    assert_eq!(listpack.seek(-65_536), None);
    Listpack::from_bytes(listpack.as_bytes()).expect("whole");
    listpack.truncate(10);
    assert_eq!((listpack.known_len(), listpack.len()), (None, 10));
    let mut other = Listpack::new();
    other.append(listpack.view());
    assert_eq!(other.len(), 10);
    listpack.truncate(0);
    assert_eq!(listpack.as_bytes(), Listpack::new().as_bytes());
}

#[test]
fn safe_up_to_a_limit() {
    let listpack = Listpack::new();
    assert!(listpack.is_safe_to_add((1 << 30) - 7));
    assert!(!listpack.is_safe_to_add((1 << 30) - 6));
    assert!(!listpack.is_safe_to_add(usize::MAX));
}

/// What is accepted can be walked, changed and read again; nothing panics.
fn try_damaged(bytes: &[u8], random: &mut fastrand::Rng) -> bool {
    let Ok(mut listpack) = Listpack::from_bytes(bytes) else { return false };
    let mut model = texts(&listpack);
    check(&listpack, &model);
    for _ in 0..3 {
        change(&mut listpack, &mut model, random);
        check(&listpack, &model);
    }
    true
}

#[test]
fn damaged_bytes_do_no_harm() {
    let mut random = fastrand::Rng::with_seed(12);
    let mut accepted = 0;
    for fixture in [unhex(HASH), unhex(LIST), Listpack::new().as_bytes().to_vec()] {
        for length in 0..fixture.len() {
            assert!(Listpack::from_bytes(&fixture[..length]).is_err());
            let mut cut = fixture[..length].to_vec();
            if let Some(told) = cut.first_chunk_mut::<4>() {
                *told = (length as u32).to_le_bytes();
            }
            accepted += usize::from(try_damaged(&cut, &mut random));
        }
        for at in 0..fixture.len() {
            for flip in [1, 2, 4, 8, 16, 32, 64, 128, 255, fixture[at]] {
                let mut flipped = fixture.clone();
                flipped[at] ^= flip;
                accepted += usize::from(try_damaged(&flipped, &mut random));
            }
        }
    }
    assert!(accepted > 100, "flipped texts and numbers are still listpacks: {accepted}");
}

#[test]
fn random_entries_do_no_harm() {
    let mut random = fastrand::Rng::with_seed(13);
    for _ in 0..200_000 {
        let length = random.usize(0..14);
        let mut bytes = vec![7 + length as u8, 0, 0, 0, 255, 255];
        bytes.extend((0..length).map(|_| {
            if random.bool() {
                random.u8(..)
            } else {
                random.choice([0xf0, 0xf4, 0xff, 0, 1, 2]).expect("one")
            }
        }));
        bytes.push(END);
        try_damaged(&bytes, &mut random);
    }
}
