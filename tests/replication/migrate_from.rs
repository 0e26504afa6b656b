//! `ochre-cli --migrate-from`: from every real server, under writes, with nothing lost; there and back; and what becomes of a
//! migration that fails.

use std::env;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use testkit::{
    AckLedger, Client, Dataset, Program, Server, check, remark, signal, skip, target_program, wait_until,
};

use super::pairs::{await_in_step, must_have_the_same_digest};
use super::universal::{old_servers, start_old, write_round};
use super::workload::write_every_kind;

/// How many keys the writers change.
const WRITTEN_KEYS: u64 = 500;

fn client_program() -> PathBuf {
    env::var_os("OCHRE_CLI").map_or_else(|| target_program("ochre-cli"), PathBuf::from)
}

/// Migrates to the second server from the first, with further options.
fn migration(from: &str, to: &Server, options: &[&str]) -> Command {
    let mut command = Command::new(client_program());
    command.args(["-p", &to.port().to_string(), "--migrate-from", from]).args(options);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn uri(server: &Server) -> String {
    format!("redis://{}", server.address())
}

/// What was said, on either stream, and the status.
fn told(output: &Output) -> (String, Option<i32>) {
    let text = [output.stdout.as_slice(), &output.stderr].concat();
    (String::from_utf8_lossy(&text).into_owned(), output.status.code())
}

fn run(from: &str, to: &Server, options: &[&str]) -> (String, Option<i32>) {
    told(&migration(from, to, options).output().expect("it can be run"))
}

/// Writes to a server until it refuses, or is told to stop.
struct Writer {
    stop: Arc<AtomicBool>,
    thread: thread::JoinHandle<AckLedger>,
}

impl Writer {
    fn start(server: &Server, prefix: &str) -> Writer {
        let stop = Arc::new(AtomicBool::new(false));
        let (stopped, mut client, mut ledger) = (Arc::clone(&stop), server.client(), AckLedger::new(prefix));
        let thread = thread::spawn(move || {
            for number in 0.. {
                if stopped.load(Ordering::Relaxed)
                    || ledger.write(&mut client, number % WRITTEN_KEYS).is_err()
                {
                    break;
                }
            }
            ledger
        });
        Writer { stop, thread }
    }

    fn finish(self) -> AckLedger {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().expect("the writer ended well")
    }
}

fn role(server: &Server) -> String {
    server.info("replication").text("role").to_owned()
}

fn peers() -> Vec<Program> {
    let peers: Vec<Program> =
        [Program::redis_7(), Program::redis_8(), Program::valkey_9()].into_iter().flatten().collect();
    if peers.is_empty() {
        skip("there is no other server");
    }
    peers
}

/// The sentence that tells how long nobody could write.
fn gap_in(text: &str) -> &str {
    let line = text.lines().find(|line| line.contains("Nobody could write for"));
    line.unwrap_or_else(|| panic!("the gap is told: {text}"))
}

#[test]
fn nothing_is_lost_there_and_back() {
    for peer in peers() {
        let source = Server::start(&peer);
        write_every_kind(&mut source.client(), 1);
        let target = Server::start(&Program::under_test());
        let writers = [Writer::start(&source, "a"), Writer::start(&source, "b")];
        let (text, status) = run(&uri(&source), &target, &["--cutover", "--keep-way-back"]);
        assert_eq!(status, Some(0), "{peer}: {text}");
        remark(&format!("from {peer}: {}", gap_in(&text)));
        for part in ["all equal", "Both count the same", "To go back without loss", "Done."] {
            assert!(text.contains(part), "{peer}: {part}: {text}");
        }
        for writer in writers {
            let ledger = writer.finish();
            assert!(ledger.acknowledged_count() > 0);
            assert!(ledger.lost(&mut target.client()).is_empty(), "{peer}");
        }
        assert_eq!((role(&source), role(&target)), ("slave".into(), "master".into()), "{peer}");
        Dataset::of(&source).must_equal(&Dataset::of(&target), &format!("{peer} and its successor"));

        let writer = Writer::start(&target, "c");
        let (text, status) = run(&uri(&target), &source, &["--cutover"]);
        assert_eq!(status, Some(0), "{peer}, back: {text}");
        remark(&format!("back to {peer}: {}", gap_in(&text)));
        let ledger = writer.finish();
        assert!(ledger.acknowledged_count() > 0);
        assert!(ledger.lost(&mut source.client()).is_empty(), "{peer}, back");
        assert_eq!(role(&source), "master", "{peer}");
        check(&mut source.client(), "SET writable 1 -> OK");
        assert!(target.client().run("SET late 1").to_string().starts_with("NOREPLICAS"), "{peer}");
    }
}

/// Servers that cannot pause writers, or nobody; and that need a copy, and words that they know, for the way back.
#[test]
fn old_servers_are_left_and_can_be_gone_back_to() {
    for program in old_servers() {
        let has_streams = program.version >= (5, 0, 0);
        let source = start_old(&program);
        (0..50).for_each(|round| write_round(&mut source.client(), round, has_streams));
        let target = Server::start(&Program::under_test());
        let writer = Writer::start(&source, "a");
        let (text, status) = run(&uri(&source), &target, &["--cutover", "--keep-way-back"]);
        assert_eq!(status, Some(0), "{program}: {text}");
        remark(&format!("from {program}: {}", gap_in(&text)));
        let ledger = writer.finish();
        assert!(ledger.lost(&mut target.client()).is_empty(), "{program}");
        (50..100).for_each(|round| write_round(&mut target.client(), round, has_streams));
        await_in_step(&target, &source);
        must_have_the_same_digest(&target, &source);
        let writer = Writer::start(&target, "b");
        let (text, status) = run(&uri(&target), &source, &["--cutover"]);
        assert_eq!(status, Some(0), "{program}, back: {text}");
        assert!(writer.finish().lost(&mut source.client()).is_empty(), "{program}, back");
        check(&mut source.client(), "SET writable 1 -> OK");
    }
}

#[test]
fn passwords_are_set_for_the_migration_alone() {
    let source =
        Server::builder(&Program::redis_7().unwrap_or_else(Program::under_test)).password("secret").start();
    check(&mut source.client(), "SET k v -> OK");
    let target = Server::builder(&Program::under_test()).line("masterauth before").start();
    let mut command = migration(&uri(&source), &target, &["--cutover"]);
    let (text, status) = told(&command.env("OCHRE_SOURCE_AUTH", "secret").output().expect("it can be run"));
    assert_eq!(status, Some(0), "{text}");
    assert!(!text.contains("secret"), "{text}");
    check(
        &mut target.client(),
        "GET k -> \"v\"\nCONFIG GET masterauth -> [\"masterauth\", \"before\"]\nSET k w -> OK",
    );
    assert!(source.client().run("SET k late").to_string().starts_with("NOREPLICAS"));
}

#[test]
fn a_preflight_changes_nothing() {
    let source = Server::start(&Program::redis_7().unwrap_or_else(Program::under_test));
    let target = Server::start(&Program::under_test());
    check(&mut source.client(), "SET k v -> OK\nHSET h f v -> 1");
    let (text, status) = run(&uri(&source), &target, &["--preflight"]);
    assert_eq!(status, Some(0), "{text}");
    assert!(text.contains("db0: 2 keys") && text.contains("Nothing stands in the way"), "{text}");
    check(&mut target.client(), "DBSIZE -> 0");
    assert_eq!(role(&target), "master");
}

#[test]
fn what_stands_in_the_way_is_said_before_anything_is_changed() {
    let source = Server::start(&Program::redis_7().unwrap_or_else(Program::under_test));
    let target = Server::start(&Program::under_test());
    check(&mut target.client(), "SET mine 1 -> OK");
    let refused = |from: &str, part: &str| {
        let (text, status) = run(from, &target, &["--cutover"]);
        assert_eq!(status, Some(1), "{text}");
        assert!(text.contains(part), "{part}: {text}");
        check(&mut target.client(), "GET mine -> \"1\"");
        assert_eq!(role(&target), "master");
    };
    refused(&uri(&source), "the target holds 1 key, which would be replaced");
    refused(&uri(&target), "the same server");
    refused(&format!("rediss://{}", source.address()), "TLS");
    refused("redis://127.0.0.1:1", "Could not connect");
    if !source.program().is_ochre() {
        check(&mut source.client(), "ACL SETUSER limited on >pw +@all -psync ~* &* -> OK");
        refused(&format!("redis://limited:pw@{}", source.address()), "does not let this user follow it");
    }
}

/// Starts a migration that waits for its order, and waits until it follows.
fn following(source: &Server, target: &Server) -> Child {
    let child =
        migration(&uri(source), target, &["-i", "0.1"]).stdin(Stdio::piped()).spawn().expect("it can be run");
    wait_until("the target follows", || target.info("replication").text("master_link_status") == "up");
    child
}

#[test]
fn an_interruption_puts_everything_back() {
    let source = Server::start(&Program::redis_7().unwrap_or_else(Program::under_test));
    check(&mut source.client(), "SET k v -> OK");
    let target = Server::start(&Program::under_test());
    let child = following(&source, &target);
    assert!(signal(child.id(), "INT"));
    let (text, status) = told(&child.wait_with_output().expect("it ended"));
    assert_eq!(status, Some(2), "{text}");
    assert!(text.contains("Interrupted") && text.contains("Put back: the target is a primary"), "{text}");
    assert_eq!(role(&target), "master");
    check(&mut target.client(), "DBSIZE -> 0\nSET k w -> OK");
    check(&mut source.client(), "SET k w -> OK");
}

#[test]
fn samples_that_differ_forbid_the_cut_over() {
    let source = Server::start(&Program::redis_7().unwrap_or_else(Program::under_test));
    check(&mut source.client(), "SET k v -> OK\nSET l v -> OK");
    let target = Server::builder(&Program::under_test()).line("replica-read-only no").start();
    let mut child = following(&source, &target);
    check(&mut target.client(), "SET k other -> OK\nSET l v -> OK");
    std::io::Write::write_all(&mut child.stdin.take().expect("piped"), b"cutover\n").expect("sent");
    let (text, status) = told(&child.wait_with_output().expect("it ended"));
    assert_eq!(status, Some(2), "{text}");
    assert!(
        text.contains("\"k\": string of 1") && text.contains("does not hold what the source holds"),
        "{text}"
    );
    check(&mut source.client(), "SET k w -> OK");
}

/// The target is killed while it follows: the source goes on as if nothing had been.
#[test]
fn a_target_that_dies_leaves_the_source_alone() {
    let source = Server::start(&Program::redis_7().unwrap_or_else(Program::under_test));
    check(&mut source.client(), "SET k v -> OK");
    let mut target = Server::start(&Program::under_test());
    let child = following(&source, &target);
    target.kill9();
    assert!(signal(child.id(), "TERM"));
    let (text, status) = told(&child.wait_with_output().expect("it ended"));
    assert_eq!(status, Some(4), "{text}");
    assert!(text.contains("NOT put back: the target is a primary"), "{text}");
    check(
        &mut source.client(),
        "SET k w -> OK\nCONFIG GET min-replicas-to-write -> [\"min-replicas-to-write\", \"0\"]",
    );
}

/// Somebody promotes the target meanwhile: its data are left alone.
#[test]
fn a_target_that_others_promote_keeps_its_data() {
    let source = Server::start(&Program::redis_7().unwrap_or_else(Program::under_test));
    check(&mut source.client(), "SET k v -> OK");
    let target = Server::start(&Program::under_test());
    let child = following(&source, &target);
    let mut client: Client = target.client();
    check(&mut client, "REPLICAOF NO ONE -> OK\nSET mine 1 -> OK");
    let (text, status) = told(&child.wait_with_output().expect("it ended"));
    assert_eq!(status, Some(2), "{text}");
    assert!(text.contains("somebody else made the target stop following"), "{text}");
    check(&mut client, "GET mine -> \"1\"\nGET k -> \"v\"");
}
