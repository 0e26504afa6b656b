//! Whole and damaged RDB files, and what is said of them.

use super::run;
use crate::check::testing;
use rdb::encoder::{Encoder, EncoderOptions};
use testkit::TestDirectory;

fn file() -> Vec<u8> {
    let mut encoder = Encoder::new(EncoderOptions::default());
    encoder.header(&[(b"redis-ver", b"7.0.15")]);
    encoder.select_db(0, 2, 1);
    encoder.string_entry(b"first", b"1", None);
    encoder.string_entry(b"second", b"2", Some(1_000));
    encoder.select_db(7, 1, 0);
    encoder.string_entry(b"third", b"a long value", None);
    encoder.footer();
    encoder.take()
}

fn check(bytes: &[u8]) -> (bool, String) {
    let directory = TestDirectory::new();
    directory.write("dump.rdb", bytes);
    testing::run(run, &directory, "@/dump.rdb", "")
}

#[test]
fn a_whole_file() {
    let expected = "\
[offset 0] Checking RDB file @/dump.rdb
[offset 27] AUX FIELD redis-ver = '7.0.15'
[offset 29] Selecting DB ID 0
[offset 62] Selecting DB ID 7
[offset 94] Checksum OK
[offset 94] \\o/ RDB looks OK! \\o/
[info] 3 keys read
[info] 1 expires
[info] 1 already expired
";
    assert_eq!(check(&file()), (true, expected.to_owned()));
}

#[test]
fn damage_is_told_with_place_database_and_key() {
    let whole = file();
    let at = whole.windows(5).position(|window| window == b"third").expect("the key is there");
    let (is_sound, said) = check(&whole[..at + 8]);
    let expected = "\
--- RDB ERROR DETECTED ---
[offset 75] Unexpected EOF reading RDB file
[additional info] While doing: read-object-value
[additional info] Reading key 'third'
[additional info] Reading type 0 (string)
[additional info] In database 7, at byte 75: the file ends early
[info] 2 keys read
";
    assert!(!is_sound && said.contains(expected), "{said}");
    let mut damaged = whole.clone();
    damaged[at - 2] = 200;
    let expected = "Invalid object type: 200
[additional info] While doing: read-type
[additional info] After key 'second'
[additional info] In database 7, at byte 65: unknown opcode or type 200
";
    assert!(check(&damaged).1.contains(expected), "{}", check(&damaged).1);
}

#[test]
fn every_cut_and_every_changed_byte_is_noticed() {
    let whole = file();
    for at in 0..whole.len() {
        let (is_sound, said) = check(&whole[..at]);
        assert!(!is_sound && said.contains("Unexpected EOF"), "cut at {at}: {said}");
        let mut damaged = whole.clone();
        damaged[at] ^= 0x10;
        let (is_sound, said) = check(&damaged);
        assert!(!is_sound && said.contains("--- RDB ERROR DETECTED ---"), "changed at {at}: {said}");
    }
}

#[test]
fn what_is_no_file_is_said_so() {
    let directory = TestDirectory::new();
    let said = |line: &str| testing::run(run, &directory, line, "");
    assert_eq!(said(""), (false, "Usage: ochre-check-rdb <rdb-file-name>\n".to_owned()));
    assert!(said("@/none").1.ends_with("Cannot open file @/none: No such file or directory\n"));
    assert!(said("@").1.contains("[offset 0] Reading the RDB file failed: Is a directory\n"));
    let (is_sound, version) = said("--version");
    assert!(is_sound && version.starts_with("ochre-check-rdb v="));
}
