//! Messages: to whom, in which order, and what becomes of a subscriber who does not read.

use testkit::{Client, Program, Server, check, wait_equal, wait_until};

use super::next;
use crate::workers::{under_test, with_one_and_two_workers};

with_one_and_two_workers!(
    reach_every_subscriber_in_order,
    come_before_later_replies,
    are_counted_in_info,
    end_with_the_connection,
    reach_subscribers_of_replicas,
    cut_off_a_subscriber_who_does_not_read,
    are_few_wake_ups,
);

/// Messages of several publishers: those of each one arrive in its order, at every subscriber.
fn reach_every_subscriber_in_order(workers: u32) {
    let server = under_test(workers).start();
    let mut subscribers: Vec<Client> = (0..10).map(|_| server.client()).collect();
    for (number, subscriber) in subscribers.iter_mut().enumerate() {
        let words = if number % 2 == 0 { ["SUBSCRIBE", "news"] } else { ["PSUBSCRIBE", "n?ws"] };
        subscriber.command(&words);
    }
    let mut publishers: Vec<Client> = (0..4).map(|_| server.client()).collect();
    for (number, publisher) in publishers.iter_mut().enumerate() {
        let messages: Vec<Vec<String>> = (0..200)
            .map(|index| vec!["PUBLISH".to_owned(), "news".to_owned(), format!("{number} {index}")])
            .collect();
        assert!(publisher.pipeline(&messages).iter().all(|reply| reply.integer() == 10));
    }
    for (number, subscriber) in subscribers.iter_mut().enumerate() {
        let mut seen = [0; 4];
        for _ in 0..800 {
            let message = subscriber.reply().array();
            let text = message.last().expect("a message has a text").text();
            let (publisher, index) = text.split_once(' ').expect("a publisher and its count");
            let publisher: usize = publisher.parse().expect("a number");
            assert_eq!(index, seen[publisher].to_string(), "subscriber {number}");
            seen[publisher] += 1;
        }
    }
}

/// A message that was published before a request came is before its reply, and none comes after the end of a
/// subscription.
fn come_before_later_replies(workers: u32) {
    let server = under_test(workers).start();
    let (mut subscriber, mut publisher) = (server.client(), server.client());
    subscriber.run("HELLO 3");
    for round in 0..200 {
        assert_eq!(subscriber.run("SUBSCRIBE c").to_string(), ">[\"subscribe\", \"c\", 1]");
        let count = 1 + round % 3;
        for message in 0..count {
            assert_eq!(publisher.run(&format!("PUBLISH c {message}")).integer(), 1);
        }
        subscriber.send(&Client::encode(&["ECHO", "now"]));
        for message in 0..count {
            assert_eq!(next(&mut subscriber), format!(">[\"message\", \"c\", \"{message}\"]"));
        }
        assert_eq!(next(&mut subscriber), "\"now\"");
        assert_eq!(subscriber.run("UNSUBSCRIBE c").to_string(), ">[\"unsubscribe\", \"c\", 0]");
    }
}

fn are_counted_in_info(workers: u32) {
    let server = under_test(workers).start();
    let (mut one, mut two) = (server.client(), server.client());
    one.run("SUBSCRIBE a b");
    one.reply();
    two.run("PSUBSCRIBE p*");
    two.run("SSUBSCRIBE s");
    let stats = server.info("stats");
    let fields = ["pubsub_channels", "pubsub_patterns", "pubsubshard_channels"];
    assert_eq!(fields.map(|field| stats.number(field)), [2, 1, 1]);
    let list = server.client().run("CLIENT LIST TYPE pubsub").text();
    assert_eq!(list.lines().count(), 2);
    assert!(list.contains(" flags=P db=0 sub=2 psub=0 ssub=0 "), "{list}");
    assert!(list.contains(" flags=P db=0 sub=0 psub=1 ssub=1 "), "{list}");
    assert_eq!(server.client().run("CLIENT KILL TYPE pubsub").integer(), 2);
    wait_equal("the number of channels", &0, || server.info("stats").number("pubsub_channels"));
}

fn end_with_the_connection(workers: u32) {
    let server = under_test(workers).start();
    let mut publisher = server.client();
    for _ in 0..20 {
        let mut gone = server.client();
        gone.run("SUBSCRIBE c");
        gone.run("PSUBSCRIBE *");
    }
    wait_until("the subscribers are gone", || publisher.run("PUBLISH c x").integer() == 0);
    check(&mut publisher, "PUBSUB CHANNELS -> []\nPUBSUB NUMPAT -> 0");
}

fn reach_subscribers_of_replicas(workers: u32) {
    let primary = under_test(workers).start();
    let replica = under_test(workers).replica_of(&primary.address()).start();
    let mut subscriber = replica.client();
    subscriber.run("SUBSCRIBE c");
    subscriber.run("SSUBSCRIBE s");
    let mut publisher = primary.client();
    wait_until("the replica is in step", || publisher.run("WAIT 1 100").integer() == 1);
    let link = || replica.info("replication").text("master_link_status").to_owned();
    wait_equal("the link", &"up".to_owned(), link);
    check(&mut publisher, "PUBLISH c hello -> 0\nSPUBLISH s shard -> 0");
    assert_eq!(next(&mut subscriber), "[\"message\", \"c\", \"hello\"]");
    assert_eq!(next(&mut subscriber), "[\"smessage\", \"s\", \"shard\"]");
}

fn cut_off_a_subscriber_who_does_not_read(workers: u32) {
    let server = under_test(workers).line("client-output-buffer-limit pubsub 1mb 0 0").start();
    let (mut idle, mut reader, mut publisher) = (server.client(), server.client(), server.client());
    idle.run("SUBSCRIBE c");
    reader.run("SUBSCRIBE c");
    let text = "x".repeat(100_000);
    let mut published = 0;
    wait_until("it is cut off", || {
        let receivers = publisher.command(&["PUBLISH", "c", &text]).integer();
        published += 1;
        assert!(reader.reply().array().len() == 3);
        receivers == 1
    });
    assert!(published > 10, "{published} messages fit nowhere");
    if Program::under_test().is_ochre() {
        assert_eq!(server.info("stats").number("client_output_buffer_limit_disconnections"), 1);
    }
    server.wait_for_log("overcoming of output buffer limits");
}

/// Many messages in one turn reach a client of another worker by one write, not by one each.
fn are_few_wake_ups(workers: u32) {
    if Program::under_test().is_ochre() {
        let server = under_test(workers).start();
        let mut subscribers: Vec<Client> = (0..4).map(|_| server.client()).collect();
        subscribers.iter_mut().for_each(|subscriber| assert!(!subscriber.run("SUBSCRIBE c").is_error()));
        let mut publisher = server.client();
        let writes = |server: &Server| server.info("stats").number("total_writes_processed");
        let before = writes(&server);
        let messages = vec![vec!["PUBLISH", "c", "x"]; 400];
        publisher.pipeline(&messages);
        for subscriber in &mut subscribers {
            (0..400).for_each(|_| assert_eq!(subscriber.reply().array().len(), 3));
        }
        let spent = writes(&server) - before;
        assert!(spent < 400, "{spent} writes for 1600 messages that came in one request");
    }
}
