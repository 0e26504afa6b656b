//! Tests of the decoder: what we write, what real servers wrote, and damage of every kind.

use super::*;
use crate::encoder::{Encoder, EncoderOptions};
use stdx::hex;
use stdx::random::Random;

mod real_files;

/// An entry that owns what it holds.
type Owned = (Vec<u8>, Option<Vec<u8>>, Option<i64>);

#[derive(Debug, Default, PartialEq, Eq)]
struct Contents {
    facts: Vec<(Vec<u8>, Vec<u8>)>,
    entries: Vec<(u32, Owned)>,
    functions: Vec<Vec<u8>>,
    idle: Vec<u64>,
    frequency: Vec<u8>,
    has_checksum: bool,
}

/// Allocations stay below this for files of some hundred bytes, whatever they claim.
const SMALL_FILE_CAPACITY_MAX: usize = 3 * 64 * 1024;

fn read_from<R: Read>(reader: R, options: DecoderOptions) -> Result<Contents, RdbError> {
    let mut decoder = Decoder::new(reader, options)?;
    let mut contents = Contents::default();
    let result = read_all(&mut decoder, &mut contents);
    assert!(decoder.key.capacity().max(decoder.value.capacity()) <= SMALL_FILE_CAPACITY_MAX);
    result.map(|()| contents)
}

fn read_all<R: Read>(decoder: &mut Decoder<R>, contents: &mut Contents) -> Result<(), RdbError> {
    let mut db = 0;
    loop {
        match decoder.next_item()? {
            Item::Aux { name, value } => contents.facts.push((name.to_vec(), value.to_vec())),
            Item::SelectDb(number) => db = number,
            Item::ResizeDb { .. } => {}
            Item::Function(source) => contents.functions.push(source.to_vec()),
            Item::Entry(entry) => {
                let value = match entry.value {
                    Value::String(value) => Some(value.to_vec()),
                    Value::Skipped { .. } | Value::Other(_) => None,
                };
                contents.idle.extend(entry.idle_seconds);
                contents.frequency.extend(entry.frequency);
                contents.entries.push((db, (entry.key.to_vec(), value, entry.expire_at_ms)));
            }
            Item::Eof { has_checksum } => {
                contents.has_checksum = has_checksum;
                return Ok(());
            }
        }
    }
}

fn read(file: &[u8]) -> Result<Contents, RdbError> {
    read_from(file, DecoderOptions::default())
}

fn reason(file: &[u8]) -> (u64, String) {
    let error = read(file).expect_err("the file is damaged");
    (error.offset, error.reason.to_string())
}

/// Gives its bytes a few at a time, as a socket may.
struct Trickle<'a>(&'a [u8], Random);

impl Read for Trickle<'_> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        if self.1.below(4) == 0 {
            return Err(std::io::ErrorKind::Interrupted.into());
        }
        let length = (1 + self.1.index(7)).min(out.len());
        self.0.read(&mut out[..length])
    }
}

fn random_entries(random: &mut Random, count: usize) -> Vec<Owned> {
    let string = |random: &mut Random| -> Vec<u8> {
        match random.below(5) {
            0 => (random.bits() as i64 >> random.below(64)).to_string().into_bytes(),
            1 => vec![b'r'; random.index(300)],
            2 => (0..random.index(100)).map(|_| random.bits() as u8).collect(),
            3 => (0..random.index(70_000)).map(|at| (at / 7) as u8).collect(),
            _ => b"plain text that is repeated, text that is repeated".repeat(random.index(3)),
        }
    };
    let mut entry = |_| {
        let expire_at_ms = (random.below(2) == 0).then(|| random.bits() as i64);
        (string(random), Some(string(random)), expire_at_ms)
    };
    (0..count).map(&mut entry).collect()
}

fn write(entries: &[Owned], options: EncoderOptions) -> Vec<u8> {
    let mut encoder = Encoder::new(options);
    encoder.header(&[(b"redis-ver", b"7.0.15"), (b"redis-bits", b"64")]);
    encoder.select_db(5, entries.len() as u64, 0);
    for (key, value, expire_at_ms) in entries {
        encoder.string_entry(key, value.as_ref().expect("a string"), *expire_at_ms);
    }
    encoder.footer();
    encoder.take()
}

#[test]
fn what_is_written_is_read_back() {
    let mut random = Random::from_seed(1);
    for round in 0..12 {
        let entries = random_entries(&mut random, 30);
        let options = EncoderOptions { compress: round % 2 == 0, checksum: round % 3 > 0, version: 10 };
        let file = write(&entries, options);
        let contents = read(&file).expect("we wrote it");
        assert_eq!(contents.has_checksum, options.checksum);
        assert_eq!(contents.facts[1], (b"redis-bits".to_vec(), b"64".to_vec()));
        assert!(contents.entries.iter().all(|(db, _)| *db == 5));
        assert!(contents.entries.iter().map(|(_, entry)| entry).eq(&entries));
        let trickled = read_from(Trickle(&file, random.fork()), DecoderOptions::default());
        assert_eq!(trickled.expect("we wrote it"), contents);
    }
}

#[test]
fn what_follows_the_file_is_left() {
    let mut file = write(&[], EncoderOptions::default());
    file.extend_from_slice(b"*1\r\n$4\r\nPING\r\n");
    let mut decoder = Decoder::new(&file[..], DecoderOptions::default()).expect("a header");
    while !matches!(decoder.next_item().expect("we wrote it"), Item::Eof { .. }) {}
    assert_eq!(decoder.offset(), file.len() as u64 - 14);
    let (mut rest, mut reader) = decoder.into_rest();
    reader.read_to_end(&mut rest).expect("a slice");
    assert_eq!(rest, b"*1\r\n$4\r\nPING\r\n");
}

fn string_files() -> [Vec<u8>; 3] {
    [real_files::REDIS_7_0_STRINGS, real_files::REDIS_8_0_STRINGS, real_files::VALKEY_9_1_STRINGS]
        .map(|text| hex::parse(text.as_bytes()).expect("hexadecimal"))
}

#[test]
fn real_servers_strings_load() {
    let expected = [
        (0, "a", b"1".to_vec(), None),
        (0, "b", b"-129".to_vec(), None),
        (0, "bin", b"\x00\xff".to_vec(), None),
        (0, "c", b"70000".to_vec(), None),
        (0, "d", b"12345678901".to_vec(), None),
        (0, "exp", b"v".to_vec(), Some(4_102_444_800_123)),
        (0, "long", vec![b'x'; 300], None),
        (0, "text", b"hello".to_vec(), None),
        (3, "other", b"in 3".to_vec(), None),
    ]
    .map(|(db, key, value, expire)| (db, (key.as_bytes().to_vec(), Some(value), expire)));
    for file in string_files() {
        let mut contents = read(&file).expect("a real server wrote it");
        contents.entries.sort();
        assert_eq!(contents.entries, expected);
        assert!(contents.has_checksum);
        assert!(contents.functions[0].starts_with(b"#!lua name=f\n"));
        assert!(contents.facts.iter().any(|(name, value)| name == b"redis-bits" && value == b"64"));
    }
    let valkey = string_files()[2].clone();
    let decoder = Decoder::new(&valkey[..], DecoderOptions::default()).expect("a header");
    assert_eq!((decoder.is_valkey(), decoder.version()), (true, 80));
}

#[test]
fn real_servers_access_figures_load() {
    use real_files::{
        REDIS_7_0_FREQUENCY, REDIS_7_0_IDLE, REDIS_8_0_FREQUENCY, REDIS_8_0_IDLE, VALKEY_9_1_FREQUENCY,
        VALKEY_9_1_IDLE,
    };
    for text in [REDIS_7_0_IDLE, REDIS_8_0_IDLE, VALKEY_9_1_IDLE] {
        let contents = read(&hex::parse(text.as_bytes()).expect("hexadecimal")).expect("real");
        assert_eq!((contents.entries.len(), contents.idle.len()), (1, 1));
    }
    for text in [REDIS_7_0_FREQUENCY, REDIS_8_0_FREQUENCY, VALKEY_9_1_FREQUENCY] {
        let contents = read(&hex::parse(text.as_bytes()).expect("hexadecimal")).expect("real");
        assert!(contents.frequency[0] > 0);
    }
}

fn typed_files() -> [Vec<u8>; 3] {
    [real_files::REDIS_7_0_TYPES, real_files::REDIS_8_0_TYPES, real_files::VALKEY_9_1_TYPES]
        .map(|text| hex::parse(text.as_bytes()).expect("hexadecimal"))
}

#[test]
fn values_of_other_types_load_and_can_be_skipped() {
    for file in typed_files() {
        assert_eq!(read(&file).expect("a real server wrote it").entries.len(), 13);
        let skipping = DecoderOptions { skip_values: true, ..DecoderOptions::default() };
        let contents = read_from(&file[..], skipping).expect("a real server wrote it");
        assert_eq!(contents.entries.len(), 13);
        assert!(contents.has_checksum);
    }
}

#[test]
fn every_truncation_is_an_error() {
    for file in string_files().iter().chain(&typed_files()) {
        for length in 0..file.len() {
            let skipping = DecoderOptions { skip_values: true, ..DecoderOptions::default() };
            let error = read_from(&file[..length], skipping).expect_err("truncated");
            assert!(matches!(error.reason, Reason::Truncated), "{length}: {error}");
            assert_eq!(error.offset, length as u64);
        }
    }
}

#[test]
fn every_changed_byte_is_noticed() {
    for file in string_files().iter().chain(&typed_files()) {
        // A change of the version may make it one that has no checksum.
        for at in (0..file.len()).filter(|at| !(5..9).contains(at)) {
            for change in [0x01, 0xc0, 0xff] {
                let mut damaged = file.clone();
                damaged[at] ^= change;
                let skipping = DecoderOptions { skip_values: true, ..DecoderOptions::default() };
                assert!(read_from(&damaged[..], skipping).is_err(), "byte {at} changed by {change:#x}");
                let unverified = DecoderOptions { verify_checksum: false, ..skipping };
                let _ = read_from(&damaged[..], unverified);
            }
        }
    }
}

#[test]
fn random_bytes_never_panic() {
    let mut random = Random::from_seed(2);
    let unverified =
        DecoderOptions { verify_checksum: false, skip_values: true, ..DecoderOptions::default() };
    for _ in 0..20_000 {
        let mut file = b"REDIS0010".to_vec();
        let length = random.index(60);
        file.extend(std::iter::repeat_with(|| random.bits() as u8).take(length));
        let _ = read_from(&file[..], unverified);
    }
}

#[test]
fn errors_say_what_and_where() {
    let check = |tail: &[u8], offset: u64, text: &str| {
        let mut file = b"REDIS0010".to_vec();
        file.extend_from_slice(tail);
        assert_eq!(reason(&file), (offset, text.to_string()));
    };
    check(b"", 9, "the file ends early");
    check(b"\x07\x01k\x01", 9, "a value of type 7, a module value: not supported yet");
    check(b"\xf0", 9, "unknown opcode or type 240");
    check(b"\xf3\x00\x00", 9, "unknown opcode or type 243");
    check(b"\xfe\x81\x01\x00\x00\x00\x00\x00\x00\x00", 9, "database number 72057594037927936 is too large");
    check(b"\x00\x01k\xc9", 12, "length byte 0xc9 makes no sense here");
    check(b"\x00\x01k\x90", 12, "length byte 0x90 makes no sense here");
    check(
        b"\x00\x01k\x80\x20\x00\x00\x01",
        12,
        "a string claims 536870913 bytes, more than the 536870912 allowed",
    );
    check(b"\x00\x01k\xc3\x02\x05\x20\x00", 12, "compressed string refers to bytes before its beginning");
    check(b"\x00\x01k\x80\x20\x00\x00\x00abc", 20, "the file ends early");
    check(b"\xf6", 9, "a function library in a pre-release format");
    let mut file = write(&[], EncoderOptions::default());
    let last = file.len() - 1;
    file[last] ^= 1;
    assert!(reason(&file).1.starts_with("wrong checksum: the file says "));
    assert_eq!(reason(&file).0, last as u64 - 7);
}

#[test]
fn versions() {
    for header in ["REDIS0001", "REDIS0012", "VALKEY080"] {
        let end: &[u8] = if header == "REDIS0001" { b"\xff" } else { b"\xff\0\0\0\0\0\0\0\0" };
        let file = [header.as_bytes(), end].concat();
        assert!(!read(&file).expect(header).has_checksum);
    }
    for header in ["REDIS0000", "REDIS0013", "REDIS00x1", "VALKEY011", "VALKEY081", "REDIS+001"] {
        assert_eq!(reason(header.as_bytes()), (0, format!("RDB version {header} is not supported")));
    }
    assert!(reason(b"redis0010").1.starts_with("this is not an RDB file"));
}

#[test]
fn slot_parts_and_modules_facts_are_passed_over() {
    let file = [
        &b"VALKEY080"[..],
        b"\xf3\x03job\x02\x00\x01\x05\x09",
        b"\xf4\x07\x02\x01",
        b"\xf7\x81\x01\x02\x03\x04\x05\x06\x07\x08\x02\x01\x05\x03abc\x01\x07\x03\x00\x00\x00\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00",
        b"\xfd\x10\x00\x00\x00\x00\x01k\x01v",
        b"\xff\0\0\0\0\0\0\0\0",
    ]
    .concat();
    let contents = read(&file).expect("well formed");
    assert_eq!(contents.entries, [(0, (b"k".to_vec(), Some(b"v".to_vec()), Some(16_000)))]);
}
