//! The programs that the server's binary is under other names: the checkers of files, beside Redis's, and Sentinel.

use std::io::Write;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use testkit::{Program, Server, TestDirectory, check, find_on_path, skip};

use crate::replication::workload::{write_every_kind, write_many};

/// A folder with links to the server under test, named as packages name them; none if it is not ours, whose names these
/// are.
fn links() -> Option<TestDirectory> {
    let program = Program::under_test();
    if !program.is_ochre() {
        return None;
    }
    let directory = TestDirectory::new();
    let path = |program: PathBuf| program.canonicalize().expect("the server is there");
    let server = path(program.path);
    for name in ["ochre-check-rdb", "ochre-check-aof", "redis-sentinel"] {
        symlink(&server, directory.file(name)).expect("linked");
    }
    Some(directory)
}

fn run(program: PathBuf, arguments: &[&str], folder: &TestDirectory, answer: &str) -> Output {
    let mut child = Command::new(program)
        .args(arguments)
        .current_dir(folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it can be run");
    // A program that asks nothing may have ended already.
    let _ = child.stdin.take().expect("piped").write_all(answer.as_bytes());
    child.wait_with_output().expect("it ends")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Files of Redis, if it is there, else our own: a manifest with a base, an increment of each kind, a snapshot.
fn files() -> TestDirectory {
    let writer = Program::redis_7().unwrap_or_else(Program::under_test);
    let mut server = Server::builder(&writer).lines("appendonly yes\nappendfsync always").start();
    write_every_kind(&mut server.client(), 1);
    write_many(&mut server.client(), "many", 100);
    check(&mut server.client(), "SAVE -> OK");
    server.kill9();
    server.directory().clone()
}

const MANIFEST: &str = "appendonlydir/appendonly.aof.manifest";
const INCREMENT: &str = "appendonlydir/appendonly.aof.1.incr.aof";

/// Whole files: the same lines and status as Redis's programs, but for the lines counted across files.
#[test]
fn whole_files_are_described_as_by_redis() {
    let Some(links) = links() else { return };
    let files = files();
    let commands: [(&str, &[&str]); 6] = [
        ("rdb", &["dump.rdb"]),
        ("aof", &[INCREMENT]),
        ("aof", &[MANIFEST]),
        ("aof", &["--fix", MANIFEST]),
        ("aof", &["--truncate-to-timestamp", "5", INCREMENT]),
        ("aof", &["/dev/null"]),
    ];
    for (kind, arguments) in commands {
        let ours = run(links.file(&format!("ochre-check-{kind}")), arguments, &files, "");
        assert!(ours.status.success(), "{arguments:?}: {}", text(&ours.stdout));
        let Some(checker) = find_on_path(&format!("redis-check-{kind}")) else {
            skip(&format!("there is no redis-check-{kind} on PATH"));
            continue;
        };
        let theirs = run(checker, arguments, &files, "");
        assert_eq!(comparable(&ours), comparable(&theirs), "{arguments:?}");
    }
}

/// What was said, without what Redis counts on from file to file, and the folder that its later releases name.
fn comparable(output: &Output) -> Vec<String> {
    let without_lines = |line: &str| match line.split_once(", ok_up_to_line=") {
        Some((before, after)) => {
            format!("{before}{}", after.trim_start_matches(|digit: char| digit.is_ascii_digit()))
        }
        None => line.replace("Checking RDB file appendonlydir/", "Checking RDB file "),
    };
    text(&output.stdout).lines().map(without_lines).collect()
}

/// Both find the same damage and cut at the same place.
#[test]
fn damaged_files_are_cut_as_by_redis() {
    let Some(links) = links() else { return };
    let files = files();
    let whole = files.read(INCREMENT);
    for kept in [whole.len() - 1, whole.len() / 2, whole.len() / 3, 17, 3] {
        files.write(INCREMENT, &whole[..kept]);
        let found = run(links.file("ochre-check-aof"), &[MANIFEST], &files, "");
        assert_eq!(found.status.code(), Some(1), "{}", text(&found.stdout));
        let declined = run(links.file("ochre-check-aof"), &["--fix", MANIFEST], &files, "n\n");
        assert!(!declined.status.success() && files.read(INCREMENT).len() == kept);
        let mended = run(links.file("ochre-check-aof"), &["--fix", MANIFEST], &files, "y\n");
        assert!(mended.status.success(), "{}", text(&mended.stdout));
        let left = files.read(INCREMENT).len();
        if let Some(checker) = find_on_path("redis-check-aof") {
            files.write(INCREMENT, &whole[..kept]);
            let theirs = run(checker, &["--fix", MANIFEST], &files, "y\n");
            assert!(theirs.status.success(), "{}", text(&theirs.stdout));
            assert_eq!(left, files.read(INCREMENT).len(), "cut after {kept} bytes");
        }
        let again = run(links.file("ochre-check-aof"), &[MANIFEST], &files, "");
        assert!(again.status.success(), "{}", text(&again.stdout));
    }
}

/// Every truncation of a small snapshot has a clear message and status 1.
#[test]
fn every_cut_of_a_snapshot_is_told() {
    let Some(links) = links() else { return };
    let files = TestDirectory::new();
    let mut server = Server::start(&Program::under_test());
    check(
        &mut server.client(),
        "SET first 1 -> OK
         SELECT 3 -> OK
         SET second 2 PX 100000 -> OK
         SAVE -> OK",
    );
    server.kill9();
    let whole = server.directory().read("dump.rdb");
    for kept in 0..whole.len() {
        files.write("cut.rdb", &whole[..kept]);
        let found = run(links.file("ochre-check-rdb"), &["cut.rdb"], &files, "");
        let said = text(&found.stdout);
        assert_eq!(found.status.code(), Some(1), "{kept}: {said}");
        assert!(said.contains("Unexpected EOF reading RDB file\n"), "{kept}: {said}");
        assert!(found.stderr.is_empty(), "{kept}: {}", text(&found.stderr));
    }
}

/// Also without links: the option says what the name would.
#[test]
fn options_stand_for_names() {
    let Some(links) = links() else { return };
    let files = files();
    let server = links.file("redis-sentinel").canonicalize().expect("linked");
    let checked = run(server.clone(), &["--check-rdb", "dump.rdb"], &files, "");
    assert!(checked.status.success(), "{}", text(&checked.stdout));
    let refused = run(server.clone(), &["--check-aof", "none"], &files, "");
    assert_eq!(text(&refused.stdout), "Cannot open file none: No such file or directory\n");
    for (program, arguments) in
        [(links.file("redis-sentinel"), &["sentinel.conf"][..]), (server, &["--port", "0", "--sentinel"])]
    {
        let output = run(program, arguments, &files, "");
        assert_eq!(output.status.code(), Some(1));
        let said = text(&output.stderr);
        assert!(output.stdout.is_empty() && said.starts_with("Ochre has no Sentinel mode"), "{said}");
        assert_eq!(said.lines().count(), 1);
    }
}
