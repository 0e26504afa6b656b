//! MIGRATE: keys go to another server and come back, and nobody waits for it but the client that asked.

use testkit::{Client, Dataset, Program, Proxy, Server, check, wait_equal};

use crate::workers::{under_test, with_one_and_two_workers};

with_one_and_two_workers!(
    keys_go_and_come_back,
    others_are_served_meanwhile,
    a_silent_target_is_given_up,
    transactions_take_keys_along,
);

fn peers() -> Vec<Program> {
    let peers = [Program::redis_7(), Program::redis_8(), Program::valkey_9()];
    peers.into_iter().flatten().chain([Program::under_test()]).collect()
}

fn keys_go_and_come_back(workers: u32) {
    let own = under_test(workers).start();
    for peer in peers() {
        let (mut client, other) = (own.client(), Server::start(&peer));
        check(&mut client, "FLUSHALL\nSET s text\nHSET h a 1 b 2\nSET e v PX 100000000");
        let before = Dataset::of(&own);
        let port = other.port();
        let reply = client.run(&format!("MIGRATE 127.0.0.1 {port} \"\" 0 5000 KEYS s h e nosuch"));
        assert!(reply.is_ok(), "{peer}: {reply}");
        assert_eq!(client.run("DBSIZE").integer(), 0);
        assert!(before.is_close_to(&Dataset::of(&other), 5_000), "{peer}");
        assert!(client.run("SET s new").is_ok());
        let own_port = own.port();
        let mut there = other.client();
        let reply = there.run(&format!("MIGRATE 127.0.0.1 {own_port} \"\" 0 5000 REPLACE KEYS s h e"));
        assert!(reply.is_ok(), "{peer}: {reply}");
        assert!(before.is_close_to(&Dataset::of(&own), 5_000), "{peer}");
        let refused = client.run(&format!("MIGRATE 127.0.0.1 {port} s 0 5000 AUTH password"));
        assert!(refused.to_string().contains("Target instance replied with error"), "{peer}: {refused}");
        assert_eq!(client.run("EXISTS s").integer(), 1);
    }
}

fn others_are_served_meanwhile(workers: u32) {
    let (own, target) = (under_test(workers).start(), under_test(1).start());
    let proxy = Proxy::to(&target.address());
    let (mut asking, mut other) = (own.client(), own.client());
    check(&mut asking, "SET k v -> OK");
    proxy.pause();
    let port = proxy.address().rsplit(':').next().expect("a port").to_owned();
    asking.send(&Client::encode(&["MIGRATE", "127.0.0.1", &port, "k", "0", "60000"]));
    wait_equal("the client that waits", &1, || own.info("clients").number("blocked_clients"));
    check(&mut other, "GET k -> \"v\"");
    check(&mut other, "SET l w -> OK");
    proxy.restore();
    assert!(asking.reply().is_ok());
    check(&mut other, "EXISTS k -> 0");
    check(&mut target.client(), "GET k -> \"v\"");
}

fn a_silent_target_is_given_up(workers: u32) {
    let (own, target) = (under_test(workers).start(), under_test(1).start());
    let proxy = Proxy::to(&target.address());
    let mut client = own.client();
    check(&mut client, "SET k v -> OK");
    proxy.pause();
    let port = proxy.address().rsplit(':').next().expect("a port").to_owned();
    let reply = client.run(&format!("MIGRATE 127.0.0.1 {port} k 0 50"));
    assert!(reply.to_string().starts_with("IOERR error or timeout"), "{reply}");
    check(&mut client, "GET k -> \"v\"");
}

fn transactions_take_keys_along(workers: u32) {
    let own = under_test(workers).start();
    let mut client = own.client();
    for peer in peers() {
        let target = Server::start(&peer);
        let port = target.port();
        check(
            &mut client,
            &format!(
                "SET k v\nMULTI\nSET l w\nMIGRATE 127.0.0.1 {port} \"\" 0 5000 KEYS k l\nEXISTS k l\nEXEC -> [OK, OK, 0]"
            ),
        );
        check(&mut target.client(), "MGET k l -> [\"v\", \"w\"]");
    }
    // To itself: nobody answers before its time is over.
    let port = own.port();
    check(&mut client, "SET k v -> OK");
    let replies = client.pipeline(
        &["MULTI".to_owned(), format!("MIGRATE 127.0.0.1 {port} k 1 100"), "EXEC".to_owned()]
            .map(|line| line.split(' ').map(str::to_owned).collect()),
    );
    assert!(replies[2].to_string().contains("IOERR error or timeout"), "{}", replies[2]);
    check(&mut client, "GET k -> \"v\"");
}
