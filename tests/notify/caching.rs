//! Client-side caching between connections: invalidations across workers, at the end of a turn, by time.

use testkit::{Client, check, wait_equal};

use super::next;
use crate::workers::{under_test, with_one_and_two_workers};

with_one_and_two_workers!(
    invalidations_reach_readers,
    expiry_invalidates,
    prefixes_are_told_of_turns,
    another_connection_is_told,
    those_who_wait_are_told_before_their_reply,
    figures_are_in_info,
);

fn invalidations_reach_readers(workers: u32) {
    let server = under_test(workers).start();
    let mut readers: Vec<_> = (0..6).map(|_| server.client()).collect();
    for reader in &mut readers {
        reader.run("HELLO 3");
        check(reader, "CLIENT TRACKING ON -> OK\nGET k -> nil\nGET l -> nil");
    }
    let mut writer = server.client();
    check(&mut writer, "SET k v -> OK\nSET k w -> OK\nFLUSHALL -> OK");
    for reader in &mut readers {
        assert_eq!(next(reader), r#">["invalidate", ["k"]]"#);
        assert_eq!(next(reader), r#">["invalidate", nil]"#);
    }
}

fn expiry_invalidates(workers: u32) {
    let server = under_test(workers).start();
    let mut reader = server.client();
    reader.run("HELLO 3");
    check(&mut reader, "SET k v PX 50 -> OK\nCLIENT TRACKING ON -> OK\nGET k");
    assert_eq!(next(&mut reader), r#">["invalidate", ["k"]]"#);
}

fn prefixes_are_told_of_turns(workers: u32) {
    let server = under_test(workers).start();
    let (mut listener, mut writer) = (server.client(), server.client());
    listener.run("HELLO 3");
    check(&mut listener, "CLIENT TRACKING ON BCAST PREFIX user: PREFIX obj: -> OK");
    check(
        &mut writer,
        "MULTI -> OK\nSET user:2 x -> QUEUED\nSET user:1 x -> QUEUED\nSET z x -> QUEUED\nEXEC -> [OK, OK, OK]",
    );
    assert_eq!(next(&mut listener), r#">["invalidate", ["user:1", "user:2"]]"#);
    check(&mut writer, "SET obj:1 x -> OK");
    assert_eq!(next(&mut listener), r#">["invalidate", ["obj:1"]]"#);
}

fn another_connection_is_told(workers: u32) {
    let server = under_test(workers).start();
    let (mut told, mut reader, mut writer) = (server.client(), server.client(), server.client());
    let id = told.run("CLIENT ID").integer();
    told.run("SUBSCRIBE __redis__:invalidate");
    reader.run("HELLO 3");
    check(&mut reader, &format!("CLIENT TRACKING ON REDIRECT {id} -> OK\nGET k -> nil"));
    check(&mut writer, "SET k v -> OK");
    assert_eq!(next(&mut told), r#"["message", "__redis__:invalidate", ["k"]]"#);
    check(&mut reader, "GET k -> \"v\"");
    drop(told);
    wait_equal("the connections", &2, || writer.run("CLIENT LIST").text().lines().count());
    check(&mut writer, "SET k w -> OK");
    assert_eq!(next(&mut reader), format!(r#">["tracking-redir-broken", {id}]"#));
}

/// The push that ends another client's waiting: both keep copies of the list, and each is told in its place.
fn those_who_wait_are_told_before_their_reply(workers: u32) {
    let server = under_test(workers).start();
    let (mut waiting, mut pushing) = (server.client(), server.client());
    for client in [&mut waiting, &mut pushing] {
        client.run("HELLO 3");
        check(client, "CLIENT TRACKING ON -> OK\nLLEN list -> 0");
    }
    waiting.send(&Client::encode(&["BLPOP", "list", "0"]));
    wait_equal("blocked clients", &1, || server.info("clients").number("blocked_clients"));
    check(&mut pushing, "RPUSH list x -> 1");
    assert_eq!(next(&mut pushing), r#">["invalidate", ["list"]]"#);
    assert_eq!(next(&mut waiting), r#">["invalidate", ["list"]]"#);
    assert_eq!(next(&mut waiting), r#"["list", "x"]"#);
    check(&mut pushing, "PING -> PONG");
    check(&mut waiting, "PING -> PONG");
}

fn figures_are_in_info(workers: u32) {
    let server = under_test(workers).start();
    let (mut one, mut two) = (server.client(), server.client());
    one.run("HELLO 3");
    two.run("HELLO 3");
    check(&mut one, "CLIENT TRACKING ON -> OK\nMGET a b -> [nil, nil]");
    check(&mut two, "CLIENT TRACKING ON -> OK\nGET a -> nil");
    check(&mut server.client(), "CLIENT TRACKING ON BCAST PREFIX p -> OK");
    let stats = server.info("stats");
    assert_eq!(["tracking_total_keys", "tracking_total_items"].map(|field| stats.number(field)), [2, 3]);
    drop(one);
    wait_equal("the clients", &1, || server.info("clients").number("tracking_clients"));
    assert_eq!(server.info("stats").number("tracking_total_prefixes"), 0);
}
