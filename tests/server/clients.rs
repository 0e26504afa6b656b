//! CLIENT: who is connected, by name, filter, pause and end.

use std::thread;
use std::time::{Duration, Instant};

use testkit::{Client, Server, check, wait_equal, wait_until};

use crate::workers::{under_test, with_one_and_two_workers};

with_one_and_two_workers!(
    have_ids_and_names,
    are_listed_with_all_fields,
    are_listed_by_filter,
    are_killed_by_filter,
    are_killed_by_address,
    can_be_silent,
    can_be_paused,
    can_be_paused_for_writes,
    can_be_unblocked,
    take_flags,
    keep_room_for_their_replies,
    cannot_end_a_pause_of_all,
);

fn field(line: &str, name: &str) -> String {
    let found = line.split(' ').find_map(|word| word.strip_prefix(name)?.strip_prefix('='));
    found.unwrap_or_else(|| panic!("no field {name} in {line}")).trim_end().to_owned()
}

fn have_ids_and_names(workers: u32) {
    let server = under_test(workers).start();
    let (mut one, mut two) = (server.client(), server.client());
    let (first, second) = (one.run("CLIENT ID").integer(), two.run("CLIENT ID").integer());
    assert_ne!(first, second);
    check(
        &mut one,
        "CLIENT GETNAME -> nil
         CLIENT SETNAME worker:1 -> OK
         CLIENT GETNAME -> \"worker:1\"
         CLIENT SETNAME \"with space\" -> ERR Client names cannot contain spaces, newlines or special characters.
         CLIENT SETNAME \"\" -> OK
         CLIENT GETNAME -> nil
         CLIENT NOSUCH -> ERR unknown subcommand 'NOSUCH'. Try CLIENT HELP.",
    );
    assert_eq!(one.run("CLIENT ID").integer(), first);
}

/// Every field that Redis 7.0 has, in its order; more may lie between.
fn are_listed_with_all_fields(workers: u32) {
    let server = under_test(workers).start();
    let mut client = server.client();
    check(&mut client, "CLIENT SETNAME me -> OK\nSELECT 3 -> OK");
    let line = client.run("CLIENT INFO").text();
    let names: Vec<&str> = line.split(' ').filter_map(|word| word.split('=').next()).collect();
    let wanted = "id addr laddr fd name age idle flags db sub psub ssub multi qbuf qbuf-free argv-mem multi-mem rbs rbp obl oll omem tot-mem events cmd user redir resp";
    let mut found = names.iter();
    assert!(wanted.split(' ').all(|name| found.any(|other| *other == name)), "{wanted} in {names:?}");
    for (name, value) in [
        ("name", "me"),
        ("db", "3"),
        ("flags", "N"),
        ("user", "default"),
        ("cmd", "client|info"),
        ("resp", "2"),
    ] {
        assert_eq!(field(&line, name), value, "{name} in {line}");
    }
    assert_eq!(field(&line, "laddr"), server.address());
    assert_eq!(field(&line, "id"), client.run("CLIENT ID").text());
}

fn are_listed_by_filter(workers: u32) {
    let server = under_test(workers).start();
    let (mut one, mut two) = (server.client(), server.client());
    let (first, second) = (one.run("CLIENT ID").integer(), two.run("CLIENT ID").integer());
    let ids = |client: &mut Client, filter: &str| -> Vec<i64> {
        let list = client.run(&format!("CLIENT LIST {filter}")).text();
        list.lines().map(|line| field(line, "id").parse().expect("an id")).collect()
    };
    assert_eq!(ids(&mut one, ""), [first, second]);
    assert_eq!(ids(&mut one, &format!("ID {second} 99999")), [second]);
    assert_eq!(ids(&mut one, "TYPE normal"), [first, second]);
    assert_eq!(ids(&mut one, "TYPE replica"), [0; 0]);
    check(
        &mut one,
        "CLIENT LIST TYPE nosuch -> ERR Unknown client type 'nosuch'
         CLIENT LIST ID x -> ERR Invalid client ID
         CLIENT LIST NOSUCH -> ERR syntax error",
    );
}

/// Opens a client, kills by the filter made for it, and demands that it alone is gone.
fn kill_by(server: &Server, filter: impl Fn(&str) -> String, skip_me: &str) {
    let (mut victim, mut killer) = (server.client(), server.client());
    let line = victim.run("CLIENT INFO").text();
    let command = format!("CLIENT KILL {} {skip_me}", filter(&line));
    wait_for_clients(&mut killer, 2);
    assert_eq!(killer.run(&command).to_string(), "1", "{command}");
    wait_until("the killed client is closed", || victim.is_closed());
    check(&mut killer, "PING -> PONG");
}

/// Clients that have gone may be there for a moment.
fn wait_for_clients(client: &mut Client, count: usize) {
    wait_until("the others are gone", || client.run("CLIENT LIST").text().lines().count() == count);
}

fn are_killed_by_filter(workers: u32) {
    let server = under_test(workers).start();
    kill_by(&server, |line| format!("ID {}", field(line, "id")), "");
    kill_by(&server, |line| format!("ADDR {}", field(line, "addr")), "");
    kill_by(&server, |line| format!("ADDR {} TYPE normal USER default", field(line, "addr")), "SKIPME yes");
    kill_by(&server, |line| format!("LADDR {}", field(line, "laddr")), "");
    kill_by(&server, |_| "TYPE normal".to_owned(), "SKIPME yes");
    kill_by(&server, |_| "USER default".to_owned(), "");
    let mut client = server.client();
    check(
        &mut client,
        "CLIENT KILL ID 99999 -> 0
         CLIENT KILL ID abc -> ERR client-id should be greater than 0
         CLIENT KILL TYPE nosuch -> ERR Unknown client type 'nosuch'
         CLIENT KILL USER nosuch -> ERR No such user 'nosuch'
         CLIENT KILL TYPE normal SKIPME maybe -> ERR syntax error
         CLIENT KILL TYPE replica -> 0
         CLIENT KILL ADDR 1.2.3.4:5 SKIPME no -> 0",
    );
    // One that kills itself still gets its answer.
    wait_for_clients(&mut client, 1);
    client.send(b"CLIENT KILL TYPE normal SKIPME no\r\n");
    assert_eq!(client.read_to_close(), b":1\r\n");
}

fn are_killed_by_address(workers: u32) {
    let server = under_test(workers).start();
    let (mut victim, mut killer) = (server.client(), server.client());
    let address = field(&victim.run("CLIENT INFO").text(), "addr");
    check(&mut killer, &format!("CLIENT KILL {address} -> OK\nCLIENT KILL {address} -> ERR No such client"));
    wait_until("the killed client is closed", || victim.is_closed());
}

fn can_be_silent(workers: u32) {
    let server = under_test(workers).start();
    let mut client = server.client();
    client.send(b"CLIENT REPLY OFF\r\nSET a 1\r\nPING\r\nCLIENT REPLY ON\r\nCLIENT REPLY SKIP\r\nSET b 2\r\nGET b\r\n");
    assert_eq!(client.reply().to_string(), "OK");
    assert_eq!(client.reply().to_string(), "\"2\"");
    check(&mut client, "GET a -> \"1\"\nCLIENT REPLY NOSUCH -> ERR syntax error");
}

/// Everything is held back, the controller's own requests too, until the time is over.
fn can_be_paused(workers: u32) {
    let server = under_test(workers).start();
    let (mut controller, mut other) = (server.client(), server.client());
    check(&mut other, "SET k v -> OK");
    let begin = Instant::now();
    check(&mut controller, "CLIENT PAUSE 300 -> OK");
    check(&mut other, "GET k -> \"v\"");
    check(&mut controller, "PING -> PONG");
    assert!(begin.elapsed() >= Duration::from_millis(290), "answered after {:?}", begin.elapsed());
    check(
        &mut controller,
        "CLIENT PAUSE x -> ERR timeout is not an integer or out of range
         CLIENT PAUSE -1 -> ERR timeout is negative
         CLIENT PAUSE 10 NOSUCH -> ERR CLIENT PAUSE mode must be WRITE or ALL
         CLIENT PAUSE 1 -> OK
         SET after pause -> OK",
    );
}

fn can_be_paused_for_writes(workers: u32) {
    let server = under_test(workers).start();
    let mut controller = server.client();
    check(
        &mut controller,
        "SET k old -> OK\nCLIENT PAUSE 100000 WRITE -> OK\nGET k -> \"old\"\nPING -> PONG",
    );
    thread::scope(|scope| {
        let waiting = scope.spawn(|| server.client().run("SET k new").to_string());
        wait_equal("blocked or waiting clients", &true, || {
            controller.run("CLIENT LIST").text().lines().count() == 2
        });
        check(&mut controller, "GET k -> \"old\"\nCLIENT UNPAUSE -> OK");
        assert_eq!(waiting.join().expect("no panic"), "OK");
    });
    check(&mut controller, "GET k -> \"new\"");
}

/// WAIT is the one command here that blocks: for a replica that never comes.
fn can_be_unblocked(workers: u32) {
    let server = under_test(workers).start();
    let mut controller = server.client();
    let mut blocked = server.client();
    let id = blocked.run("CLIENT ID").integer();
    check(&mut controller, &format!("CLIENT UNBLOCK {id} -> 0\nCLIENT UNBLOCK 99999 -> 0"));
    blocked.send(b"WAIT 1 0\r\n");
    wait_equal("blocked clients", &1, || controller.info("clients").number("blocked_clients"));
    check(&mut controller, &format!("CLIENT UNBLOCK {id} -> 1"));
    assert_eq!(blocked.reply().to_string(), "0");
    blocked.send(b"WAIT 1 0\r\n");
    wait_equal("blocked clients", &1, || controller.info("clients").number("blocked_clients"));
    check(
        &mut controller,
        &format!(
            "CLIENT UNBLOCK {id} ERROR -> 1\nCLIENT UNBLOCK {id} NOSUCH -> ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR"
        ),
    );
    assert_eq!(blocked.reply().to_string(), "UNBLOCKED client unblocked via CLIENT UNBLOCK");
    check(&mut blocked, "PING -> PONG");
}

fn take_flags(workers: u32) {
    let server = under_test(workers).start();
    let mut client = server.client();
    check(
        &mut client,
        "CLIENT NO-EVICT on -> OK
         CLIENT NO-EVICT off -> OK
         CLIENT NO-EVICT maybe -> ERR syntax error",
    );
    let version = server.program().version;
    if server.program().is_ochre() || version >= (7, 2, 0) {
        check(
            &mut client,
            "CLIENT NO-TOUCH on -> OK
             CLIENT NO-TOUCH off -> OK
             CLIENT SETINFO LIB-NAME my-lib -> OK
             CLIENT SETINFO LIB-VER 1.2.3 -> OK
             CLIENT SETINFO NOSUCH x -> ERR Unrecognized option 'NOSUCH'
             CLIENT SETINFO LIB-NAME \"a b\" -> ERR LIB-NAME cannot contain spaces, newlines or special characters.",
        );
        let line = client.run("CLIENT INFO").text();
        assert_eq!((field(&line, "lib-name"), field(&line, "lib-ver")), ("my-lib".into(), "1.2.3".into()));
    }
}

/// What is kept for replies follows their peak, as DEBUG REPLYBUFFER wants it.
fn keep_room_for_their_replies(workers: u32) {
    let server = under_test(workers).start();
    let (mut watcher, mut client) = (server.client(), server.client());
    let id = client.run("CLIENT ID").integer();
    let room = |watcher: &mut Client| {
        let line = watcher.run(&format!("CLIENT LIST ID {id}")).text();
        (field(&line, "rbs"), field(&line, "rbp"))
    };
    let pair = |size: &str, peak: &str| (size.to_owned(), peak.to_owned());
    check(&mut watcher, "DEBUG REPLYBUFFER PEAK-RESET-TIME 100 -> OK");
    wait_equal("the room of an idle client", &pair("1024", "0"), || room(&mut watcher));
    assert!(watcher.info("stats").number("reply_buffer_shrinks") >= 1);
    check(&mut watcher, "DEBUG REPLYBUFFER PEAK-RESET-TIME NEVER -> OK");
    watcher.command(&["SET", "large", &"x".repeat(40_000)]);
    wait_equal("the room of one with long replies", &pair("16384", "16384"), || {
        client.run("GET large");
        room(&mut watcher)
    });
    assert!(watcher.info("stats").number("reply_buffer_expands") >= 4);
    check(&mut watcher, "DEBUG REPLYBUFFER RESIZING 0 -> OK\nDEBUG REPLYBUFFER PEAK-RESET-TIME 10 -> OK");
    let uptime = |watcher: &mut Client| watcher.info("server").number("uptime_in_seconds");
    let before = uptime(&mut watcher);
    wait_until("more than a second has passed", || uptime(&mut watcher) > before + 1);
    assert_eq!(room(&mut watcher), pair("16384", "16384"));
    check(&mut watcher, "DEBUG REPLYBUFFER RESIZING 1 -> OK\nDEBUG REPLYBUFFER PEAK-RESET-TIME RESET -> OK");
    wait_equal("the room of one that is idle again", &pair("1024", "0"), || room(&mut watcher));
}

/// Not even CLIENT UNPAUSE runs while all are paused, and what would be queued in a transaction is not.
fn cannot_end_a_pause_of_all(workers: u32) {
    let server = under_test(workers).start();
    let (mut controller, mut other) = (server.client(), server.client());
    check(&mut other, "MULTI -> OK");
    let begin = Instant::now();
    check(&mut controller, "CLIENT PAUSE 300 -> OK");
    let queued = thread::scope(|scope| {
        let waiting = scope.spawn(|| (other.run("GET k").to_string(), begin.elapsed()));
        check(&mut controller, "CLIENT UNPAUSE -> OK");
        waiting.join().expect("no panic")
    });
    assert!(begin.elapsed() >= Duration::from_millis(290), "answered after {:?}", begin.elapsed());
    assert!(queued.0 == "QUEUED" && queued.1 >= Duration::from_millis(290), "{queued:?}");
}
