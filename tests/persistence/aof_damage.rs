//! A damaged append-only directory: a torn end is cut off, anything else refuses the start and stays as it is.

use testkit::{Program, ServerBuilder, TestDirectory, check};

use crate::workers::{under_test, with_one_and_two_workers};

with_one_and_two_workers!(
    torn_end_is_cut_off,
    torn_end_is_refused_if_told,
    damage_in_the_middle_is_refused,
    a_missing_file_is_refused,
    an_unreadable_manifest_is_refused,
    a_damaged_base_is_refused,
);

const FOLDER: &str = "appendonlydir";
const MANIFEST: &str = "appendonlydir/appendonly.aof.manifest";
const INCREMENT: &str = "appendonlydir/appendonly.aof.1.incr.aof";
const BASE: &str = "appendonlydir/appendonly.aof.1.base.rdb";

fn builder(workers: u32) -> ServerBuilder {
    under_test(workers).line("appendonly yes").line("appendfsync always")
}

/// A folder with some writes in its first increment.
fn written(workers: u32) -> TestDirectory {
    let mut server = builder(workers).start();
    let mut client = server.client();
    for number in 0..20 {
        check(&mut client, &format!("SET key:{number} value:{number} -> OK"));
    }
    server.kill9();
    server.directory().clone()
}

#[track_caller]
fn must_refuse(builder: ServerBuilder, directory: &TestDirectory, file: &str, place: &str) {
    let before: Vec<(String, Vec<u8>)> = contents(directory);
    directory.write("server.log", "");
    let failure = builder.directory(directory).refuses_to_start();
    let name = file.rsplit('/').next().unwrap_or_default();
    failure.must_say(&[]);
    if failure.program.starts_with("Ochre") {
        failure.must_say(&[name, place]);
    }
    assert!(contents(directory) == before, "the files were changed");
}

fn contents(directory: &TestDirectory) -> Vec<(String, Vec<u8>)> {
    let read = |name: String| (name.clone(), directory.read(&format!("{FOLDER}/{name}")));
    directory.names(FOLDER).into_iter().map(read).collect()
}

const LAST: &[u8] = b"*3\r\n$3\r\nSET\r\n$6\r\nkey:19\r\n$8\r\nvalue:19\r\n";

/// Where the last command begins; a note of the server's own may follow it.
fn last_command(increment: &[u8]) -> usize {
    let found = increment.windows(LAST.len()).rposition(|window| window.eq_ignore_ascii_case(LAST));
    found.expect("the last command is in the file")
}

/// The last command is cut after each of its bytes in turn; the rest is there, and writing goes on behind it.
fn torn_end_is_cut_off(workers: u32) {
    let directory = written(workers);
    let whole = directory.read(INCREMENT);
    let start = last_command(&whole);
    for kept in (1..LAST.len()).step_by(5) {
        directory.write(INCREMENT, &whole[..start + kept]);
        let mut server = builder(workers).directory(&directory).start();
        let mut client = server.client();
        check(&mut client, "GET key:18 -> \"value:18\"\nDBSIZE -> 19\nSET more v -> OK");
        server.restart();
        check(&mut server.client(), "GET more -> \"v\"\nDBSIZE -> 20");
    }
}

fn torn_end_is_refused_if_told(workers: u32) {
    let directory = written(workers);
    let whole = directory.read(INCREMENT);
    directory.write(INCREMENT, &whole[..last_command(&whole) + LAST.len() - 3]);
    must_refuse(builder(workers).line("aof-load-truncated no"), &directory, INCREMENT, " offset ");
}

/// Bytes overwritten in the middle, where a later command still follows.
fn damage_in_the_middle_is_refused(workers: u32) {
    let directory = written(workers);
    let whole = directory.read(INCREMENT);
    let middle = (whole.len() / 2..).find(|&at| whole[at..].starts_with(b"*3\r\n")).expect("a command");
    for (offset, bytes) in [(0, &b"x3\r\n"[..]), (1, b"a\r\n"), (4, b"!3"), (5, b"9\r\n"), (5, b"-1\r\n")] {
        if bytes.starts_with(b"-") && !Program::under_test().is_ochre() {
            // Redis 7.0 dies of an assertion here.
            continue;
        }
        let mut damaged = whole.clone();
        damaged[middle + offset..][..bytes.len()].copy_from_slice(bytes);
        directory.write(INCREMENT, &damaged);
        must_refuse(builder(workers), &directory, INCREMENT, " offset ");
    }
    directory.write(INCREMENT, &whole);
    check(&mut builder(workers).directory(&directory).start().client(), "DBSIZE -> 20");
}

fn a_missing_file_is_refused(workers: u32) {
    let directory = written(workers);
    std::fs::remove_file(directory.file(INCREMENT)).expect("it is there");
    must_refuse(builder(workers), &directory, INCREMENT, "");
}

fn an_unreadable_manifest_is_refused(workers: u32) {
    let directory = written(workers);
    let whole = String::from_utf8_lossy(&directory.read(MANIFEST)).into_owned();
    for manifest in [
        "",
        "nonsense\n",
        "file a seq x type i\n",
        "file ../../etc/passwd seq 1 type b\n",
        &whole.replace("type b", "type z"),
        &whole.replace("seq 1 type i", "seq 1"),
        &format!("{whole}{whole}"),
    ] {
        directory.write(MANIFEST, manifest);
        must_refuse(builder(workers), &directory, FOLDER, "manifest");
    }
}

fn a_damaged_base_is_refused(workers: u32) {
    let directory = written(workers);
    let mut bytes = directory.read(BASE);
    bytes.truncate(bytes.len() - 4);
    directory.write(BASE, &bytes);
    must_refuse(builder(workers), &directory, BASE, " offset ");
    directory.write(BASE, b"REDIS0010garbage");
    must_refuse(builder(workers), &directory, BASE, " offset ");
}
