//! The append-only directory: what it is made of, and that it brings everything back.

use testkit::{Dataset, Server, check, wait_equal, wait_until};

use crate::replication::workload::{write_every_kind, write_many, write_short_lived, write_sizes};
use crate::workers::{under_test, with_one_and_two_workers};

with_one_and_two_workers!(
    always_brings_everything_back,
    everysec_brings_everything_back,
    no_brings_everything_back,
    has_the_layout_of_redis_7,
    takes_another_folder_and_name,
    can_be_switched_on_and_off,
    wins_over_the_rdb_file,
    keeps_expiries_as_points_in_time,
    loads_on_demand,
    changes_its_mode,
);

fn always_brings_everything_back(workers: u32) {
    brings_everything_back(workers, "always");
}

fn everysec_brings_everything_back(workers: u32) {
    brings_everything_back(workers, "everysec");
}

fn no_brings_everything_back(workers: u32) {
    brings_everything_back(workers, "no");
}

/// Written over several runs, each ended in an orderly way.
fn brings_everything_back(workers: u32, mode: &str) {
    let mut server = under_test(workers).line("appendonly yes").line(&format!("appendfsync {mode}")).start();
    for round in 1..=3 {
        let mut client = server.client();
        write_every_kind(&mut client, round);
        write_short_lived(&mut client, round);
        write_sizes(&mut client, u64::from(round));
        assert!(server.terminate().success());
        server.restart();
    }
    write_many(&mut server.client(), "many", 10_000);
    wait_equal("keys that will go", &true, || expired_are_gone(&server));
    let before = Dataset::of(&server);
    assert!(server.terminate().success());
    server.restart();
    before.must_equal(&Dataset::of(&server), "before and after the restart");
    assert_eq!(server.info("persistence").text("aof_last_write_status"), "ok");
}

fn expired_are_gone(server: &Server) -> bool {
    !server.client().run("KEYS short:*").to_string().contains("short")
}

fn has_the_layout_of_redis_7(workers: u32) {
    let server = under_test(workers).line("appendonly yes").start();
    check(&mut server.client(), "SET k v -> OK\nSELECT 3 -> OK\nSET k w -> OK");
    let names = server.directory().names("appendonlydir");
    let base = names.iter().find(|name| name.ends_with(".base.rdb")).expect("a base file").clone();
    assert!(names.contains(&"appendonly.aof.manifest".to_owned()), "{names:?}");
    let manifest = String::from_utf8_lossy(&server.directory().read("appendonlydir/appendonly.aof.manifest"))
        .into_owned();
    assert_eq!(base, "appendonly.aof.1.base.rdb");
    assert!(manifest.contains("file appendonly.aof.1.base.rdb seq 1 type b"), "{manifest}");
    assert!(manifest.contains("file appendonly.aof.1.incr.aof seq 1 type i"), "{manifest}");
    let expected = b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nw\r\n";
    wait_until("the write is in the file", || {
        let increment = server.directory().read("appendonlydir/appendonly.aof.1.incr.aof");
        increment.windows(expected.len()).any(|window| window.eq_ignore_ascii_case(expected))
    });
}

fn takes_another_folder_and_name(workers: u32) {
    let mut server = under_test(workers)
        .lines("appendonly yes\nappenddirname \"log of writes\"\nappendfilename my.aof\nappendfsync always")
        .start();
    check(&mut server.client(), "SET k v -> OK");
    let names = server.directory().names("log of writes");
    assert!(names.contains(&"my.aof.manifest".to_owned()), "{names:?}");
    server.restart();
    check(&mut server.client(), "GET k -> \"v\"");
}

fn can_be_switched_on_and_off(workers: u32) {
    let mut server = under_test(workers).line("appendfsync always").start();
    let mut client = server.client();
    write_every_kind(&mut client, 1);
    check(&mut client, "CONFIG SET appendonly yes -> OK");
    wait_until("the first base is written", || {
        let info = client.info("persistence");
        info.number("aof_enabled") == 1
            && info.number("aof_rewrite_in_progress") == 0
            && info.number("aof_rewrite_scheduled") == 0
            && info.text("aof_last_bgrewrite_status") == "ok"
    });
    write_every_kind(&mut client, 2);
    let before = Dataset::of(&server);
    server.add_lines("appendonly yes");
    server.restart();
    before.must_equal(&Dataset::of(&server), "before and after the restart");
    check(&mut server.client(), "CONFIG SET appendonly no -> OK\nSET after v -> OK");
    assert_eq!(server.info("persistence").number("aof_enabled"), 0);
    server.restart();
    check(&mut server.client(), "EXISTS after -> 0");
}

fn wins_over_the_rdb_file(workers: u32) {
    let mut server = under_test(workers).line("appendonly yes").line("appendfsync always").start();
    check(&mut server.client(), "SET k old -> OK\nSAVE -> OK\nSET k new -> OK");
    server.restart();
    check(&mut server.client(), "GET k -> \"new\"");
}

fn keeps_expiries_as_points_in_time(workers: u32) {
    let mut server = under_test(workers).line("appendonly yes").line("appendfsync always").start();
    check(
        &mut server.client(),
        "SET a v EX 1000 -> OK
         SET b v -> OK
         EXPIRE b 1000 -> 1
         SET c v -> OK
         GETEX c PX 1000000 -> \"v\"
         SET gone v PX 1 -> OK",
    );
    let before = Dataset::of(&server);
    server.restart();
    let after = Dataset::of(&server);
    for key in [&b"a"[..], b"b", b"c"] {
        assert_eq!(before.value(0, key), after.value(0, key));
    }
    check(&mut server.client(), "EXISTS gone -> 0");
}

fn loads_on_demand(workers: u32) {
    let server = under_test(workers).line("appendonly yes").start();
    write_every_kind(&mut server.client(), 1);
    let before = Dataset::of(&server);
    check(&mut server.client(), "DEBUG LOADAOF -> OK");
    before.must_equal(&Dataset::of(&server), "before and after DEBUG LOADAOF");
}

fn changes_its_mode(workers: u32) {
    let mut server = under_test(workers).line("appendonly yes").start();
    let mut client = server.client();
    for mode in ["always", "no", "everysec", "always"] {
        check(&mut client, &format!("CONFIG SET appendfsync {mode} -> OK\nSET mode {mode} -> OK\nINCR n"));
    }
    server.restart();
    check(&mut server.client(), "GET mode -> \"always\"\nGET n -> \"4\"");
}
