//! Saving to the RDB file, and loading it at the start.

use testkit::{Client, Dataset, Server, check, wait_equal, wait_until};

use crate::replication::workload::{write_every_kind, write_many, write_sizes};
use crate::workers::{under_test, with_one_and_two_workers};

with_one_and_two_workers!(
    keeps_everything,
    keeps_everything_without_compression,
    is_saved_in_the_background_under_load,
    is_saved_at_save_points,
    is_saved_at_the_end,
    leaves_out_what_has_expired,
    keeps_to_its_options,
    failing_to_save_refuses_writes,
    reloads_on_demand,
    is_replaced_by_flushall,
    is_watched_while_it_is_reloaded,
);

fn fill(server: &Server) {
    let mut client = server.client();
    write_every_kind(&mut client, 1);
    write_sizes(&mut client, 5);
    write_many(&mut client, "many", 20_000);
}

/// Restarts a server and demands that it comes back with the same data.
#[track_caller]
fn must_survive_a_restart(server: &mut Server) {
    let before = Dataset::of(server);
    server.restart();
    before.must_equal(&Dataset::of(server), "before and after the restart");
}

/// Waits for the end of a background save and demands that it went well.
#[track_caller]
pub fn await_save(client: &mut Client) {
    wait_equal("rdb_bgsave_in_progress", &0, || client.info("persistence").number("rdb_bgsave_in_progress"));
    assert_eq!(client.info("persistence").text("rdb_last_bgsave_status"), "ok");
}

fn keeps_everything(workers: u32) {
    let mut server = under_test(workers).start();
    fill(&server);
    check(&mut server.client(), "SAVE -> OK");
    assert!(server.directory().read("dump.rdb").starts_with(b"REDIS") || !server.program().is_ochre());
    must_survive_a_restart(&mut server);
    assert!(server.info("persistence").number("rdb_changes_since_last_save") == 0);
}

fn keeps_everything_without_compression(workers: u32) {
    let mut server = under_test(workers).lines("rdbcompression no\nrdbchecksum no").start();
    fill(&server);
    check(&mut server.client(), "SAVE -> OK");
    // The sum at the end is left out: eight zeros.
    assert!(server.directory().read("dump.rdb").ends_with(&[0; 8]));
    must_survive_a_restart(&mut server);
}

/// What was there when BGSAVE began is in the file, whatever is written meanwhile.
fn is_saved_in_the_background_under_load(workers: u32) {
    let mut server = under_test(workers).start();
    write_many(&mut server.client(), "many", 100_000);
    let before = Dataset::of(&server);
    let mut client = server.client();
    let mut requests = vec![vec!["BGSAVE".to_owned()]];
    requests.extend((0..100_000).map(|number| match number % 3 {
        0 => vec!["DEL".to_owned(), format!("many:{number}")],
        1 => vec!["APPEND".to_owned(), format!("many:{number}"), "changed".to_owned()],
        _ => vec!["SET".to_owned(), format!("new:{number}"), "v".to_owned()],
    }));
    assert_eq!(client.pipeline(&requests)[0].to_string(), "Background saving started");
    await_save(&mut client);
    server.restart();
    before.must_equal(&Dataset::of(&server), "at BGSAVE and after the restart");
}

fn is_saved_at_save_points(workers: u32) {
    let mut server = under_test(workers).line("save 1 10").start();
    let mut client = server.client();
    write_many(&mut client, "many", 100);
    wait_until("the save point has come", || client.info("persistence").number("rdb_saves") > 0);
    await_save(&mut client);
    must_survive_a_restart(&mut server);
    assert_eq!(server.client().run("DBSIZE").integer(), 100);
}

fn is_saved_at_the_end(workers: u32) {
    let mut server = under_test(workers).line("save 3600 1").start();
    check(&mut server.client(), "SET by signal -> OK");
    assert!(server.terminate().success());
    server.restart();
    let mut client = server.client();
    check(&mut client, "GET by -> \"signal\"\nSET by nosave -> OK");
    client.send(b"SHUTDOWN NOSAVE\r\n");
    assert!(server.await_exit().success());
    server.restart();
    let mut client = server.client();
    check(&mut client, "GET by -> \"signal\"\nCONFIG SET save \"\" -> OK\nSET by save -> OK");
    client.send(b"SHUTDOWN SAVE\r\n");
    assert!(server.await_exit().success());
    server.restart();
    check(&mut server.client(), "GET by -> \"save\"");
}

fn leaves_out_what_has_expired(workers: u32) {
    let mut server = under_test(workers).start();
    check(
        &mut server.client(),
        "DEBUG SET-ACTIVE-EXPIRE 0 -> OK
         SET fleeting v PX 1 -> OK
         SET lasting v EX 1000 -> OK
         SAVE -> OK",
    );
    server.restart();
    check(&mut server.client(), "DBSIZE -> 1\nEXISTS fleeting lasting -> 1");
    let left_ms = server.client().run("PTTL lasting").integer();
    assert!((1..=1_000_000).contains(&left_ms), "{left_ms}");
}

fn keeps_to_its_options(workers: u32) {
    let mut server = under_test(workers).line("dbfilename other.rdb").start();
    let mut client = server.client();
    let size = |server: &Server| server.directory().read("other.rdb").len();
    assert!(client.command(&["SET", "k", &"x".repeat(100_000)]).is_ok());
    check(&mut client, "SAVE -> OK");
    let small = size(&server);
    check(&mut client, "CONFIG SET rdbcompression no -> OK\nSAVE -> OK");
    assert!(small < 10_000 && size(&server) > 100_000);
    let info = client.info("persistence");
    assert_eq!((info.number("rdb_saves"), info.text("rdb_last_bgsave_status")), (2, "ok"));
    let last = client.run("LASTSAVE").integer();
    assert_eq!(info.number("rdb_last_save_time"), last);
    assert_eq!(
        server.directory().names(""),
        ["other.rdb", "server.conf", "server.log", "stderr.txt", "stdout.txt"]
    );
    must_survive_a_restart(&mut server);
}

/// A folder in the file's place: nothing can be saved, so nothing more is accepted until it can.
fn failing_to_save_refuses_writes(workers: u32) {
    let server = under_test(workers).line("save 3600 1").start();
    std::fs::create_dir(server.directory().file("dump.rdb")).expect("nothing is there yet");
    let mut client = server.client();
    check(&mut client, "SET k v -> OK");
    assert_eq!(client.run("BGSAVE").text(), "Background saving started");
    wait_equal("the state of the last save", &"err".to_owned(), || {
        client.info("persistence").text("rdb_last_bgsave_status").to_owned()
    });
    let refused = client.run("SET k w").text();
    assert!(refused.starts_with("MISCONF "), "{refused}");
    assert!(client.run("SAVE").is_error());
    check(&mut client, "GET k -> \"v\"\nCONFIG SET stop-writes-on-bgsave-error no -> OK\nSET k w -> OK");
    check(&mut client, "CONFIG SET stop-writes-on-bgsave-error yes -> OK");
    std::fs::remove_dir(server.directory().file("dump.rdb")).expect("it is empty");
    assert_eq!(client.run("BGSAVE").text(), "Background saving started");
    await_save(&mut client);
    check(&mut client, "SET k again -> OK");
}

fn reloads_on_demand(workers: u32) {
    let server = under_test(workers).start();
    fill(&server);
    let before = Dataset::of(&server);
    check(&mut server.client(), "DEBUG RELOAD -> OK");
    before.must_equal(&Dataset::of(&server), "before and after DEBUG RELOAD");
}

/// With save points the file holds what FLUSHALL has left; without, what was saved before.
fn is_replaced_by_flushall(workers: u32) {
    let mut server = under_test(workers).line("save 3600 1").start();
    let mut client = server.client();
    check(&mut client, "SET a 1 -> OK\nSAVE -> OK\nFLUSHDB -> OK");
    assert_eq!(client.info("persistence").number("rdb_changes_since_last_save"), 1);
    check(&mut client, "SET a 1 -> OK\nFLUSHALL -> OK");
    wait_equal("rdb_changes_since_last_save", &0, || {
        client.info("persistence").number("rdb_changes_since_last_save")
    });
    server.kill9();
    server.restart();
    let mut client = server.client();
    check(&mut client, "DBSIZE -> 0\nSET b 2 -> OK\nSAVE -> OK\nCONFIG SET save \"\" -> OK\nFLUSHALL -> OK");
    server.kill9();
    server.restart();
    check(&mut server.client(), "GET b -> \"2\"");
}

/// Who watches a key that is there when the data set is replaced is told that it was changed.
fn is_watched_while_it_is_reloaded(workers: u32) {
    let server = under_test(workers).line("appendonly yes").start();
    let (mut client, mut watcher) = (server.client(), server.client());
    check(&mut client, "SET k v -> OK");
    for replace in ["DEBUG RELOAD", "DEBUG LOADAOF"] {
        for (key, expected) in [("k", "nil"), ("other", "[]")] {
            check(&mut watcher, &format!("WATCH {key} -> OK\nMULTI -> OK"));
            wait_until("the rewrite is over", || {
                client.info("persistence").number("aof_rewrite_in_progress") == 0
            });
            check(&mut client, &format!("{replace} -> OK"));
            assert_eq!(watcher.run("EXEC").to_string(), expected, "{key} watched over {replace}");
        }
    }
}
