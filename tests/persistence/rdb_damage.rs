//! A damaged RDB file: the start is refused with file, offset and reason, and nothing is overwritten.

use testkit::{ServerBuilder, TestDirectory, check};

use crate::replication::workload::{write_every_kind, write_many};
use crate::workers::{under_test, with_one_and_two_workers};

with_one_and_two_workers!(
    cut_short_is_refused,
    changed_anywhere_is_refused,
    of_another_kind_is_refused,
    of_a_later_version_is_refused,
    empty_is_refused,
);

/// A folder with a saved file, and the bytes of the file.
fn saved(workers: u32) -> (TestDirectory, Vec<u8>) {
    let server = under_test(workers).start();
    write_every_kind(&mut server.client(), 1);
    write_many(&mut server.client(), "many", 50);
    check(&mut server.client(), "SAVE -> OK");
    (server.directory().clone(), server.directory().read("dump.rdb"))
}

/// Starts on a file with these bytes and demands a refusal that tells file and reason, with the file as it was.
#[track_caller]
fn must_refuse(builder: &ServerBuilder, directory: &TestDirectory, bytes: &[u8], what: &str) -> String {
    directory.write("dump.rdb", bytes);
    directory.write("server.log", "");
    let failure = builder.clone().directory(directory).refuses_to_start();
    assert!(failure.code.is_some_and(|code| code != 0), "{what}: {failure}");
    assert!(directory.read("dump.rdb") == bytes, "{what}: the file was changed");
    if failure.program.starts_with("Ochre") {
        failure.must_say(&["dump.rdb", "at offset "]);
    }
    failure.said()
}

fn cut_short_is_refused(workers: u32) {
    let (directory, whole) = saved(workers);
    let builder = under_test(workers);
    let mut random = fastrand::Rng::with_seed(1);
    let lengths =
        (0..12).map(|_| random.usize(9..whole.len())).chain([5, 9, whole.len() - 1, whole.len() - 8]);
    for length in lengths {
        must_refuse(&builder, &directory, &whole[..length], &format!("cut after {length} bytes"));
    }
}

/// One byte changed, at many places: the checksum finds what the grammar does not.
fn changed_anywhere_is_refused(workers: u32) {
    let (directory, whole) = saved(workers);
    let builder = under_test(workers);
    let mut random = fastrand::Rng::with_seed(2);
    for round in 0..20 {
        let position = if round == 0 { whole.len() - 1 } else { random.usize(9..whole.len()) };
        let mut bytes = whole.clone();
        bytes[position] ^= 1 << random.u32(0..8);
        must_refuse(&builder, &directory, &bytes, &format!("byte {position} changed"));
    }
    // As it was, it loads.
    directory.write("dump.rdb", &whole);
    check(&mut builder.directory(&directory).start().client(), "GET many:7 -> \"value:7\"");
}

fn of_another_kind_is_refused(workers: u32) {
    let (directory, whole) = saved(workers);
    let other = [b"SQLite format 3\0".as_slice(), &whole].concat();
    let said = must_refuse(&under_test(workers), &directory, &other, "another kind of file");
    assert!(said.contains("Wrong signature") || said.contains("not an RDB file"), "{said}");
}

fn of_a_later_version_is_refused(workers: u32) {
    let (directory, mut bytes) = saved(workers);
    bytes[..9].copy_from_slice(b"REDIS9999");
    let said = must_refuse(&under_test(workers), &directory, &bytes, "a later version");
    assert!(said.contains("9999"), "{said}");
}

fn empty_is_refused(workers: u32) {
    let (directory, _) = saved(workers);
    must_refuse(&under_test(workers), &directory, b"", "an empty file");
}
