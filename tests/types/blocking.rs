//! Clients that wait for keys: who is served, by what, and how waiting ends.

use std::time::{Duration, Instant};

use testkit::{Client, Server, check, wait_equal};

use crate::workers::{under_test, with_one_and_two_workers};

with_one_and_two_workers!(
    are_served_in_the_order_of_arrival,
    wait_for_several_keys,
    are_served_by_a_transaction,
    serve_each_other,
    have_later_requests_run_afterwards,
    wait_no_longer_than_they_said,
    can_be_unblocked_and_killed,
    are_forgotten_when_they_hang_up,
    are_closed_when_the_server_becomes_a_replica,
    speak_their_protocol,
);

/// A client that has sent a request which waits; returns when the server counts as many blocked clients.
#[track_caller]
pub(super) fn waiting(server: &Server, request: &str, blocked: i64) -> Client {
    let mut client = server.client();
    wait_with(&mut client, server, request, blocked);
    client
}

#[track_caller]
fn wait_with(client: &mut Client, server: &Server, request: &str, blocked: i64) {
    client.send(&Client::encode(&request.split(' ').collect::<Vec<_>>()));
    let mut watcher = server.client();
    wait_equal("blocked clients", &blocked, || watcher.info("clients").number("blocked_clients"));
}

#[track_caller]
fn gets(client: &mut Client, expected: &str) {
    assert_eq!(client.reply().to_string(), expected);
}

fn are_served_in_the_order_of_arrival(workers: u32) {
    let server = under_test(workers).start();
    let mut clients: Vec<Client> = (1..=20).map(|count| waiting(&server, "BLPOP list 0", count)).collect();
    let elements: Vec<String> = (0..21).map(|number| number.to_string()).collect();
    let mut other = server.client();
    check(&mut other, &format!("RPUSH list {} -> 21", elements.join(" ")));
    for (number, client) in clients.iter_mut().enumerate() {
        gets(client, &format!("[\"list\", \"{number}\"]"));
    }
    check(&mut other, "LRANGE list 0 -1 -> [\"20\"]");
}

fn wait_for_several_keys(workers: u32) {
    let server = under_test(workers).start();
    let mut other = server.client();
    let mut client = waiting(&server, "BRPOP one two three two 0", 1);
    if server.program().is_ochre() || server.program().version >= (7, 2, 0) {
        assert_eq!(other.info("clients").number("total_blocking_keys"), 3);
    }
    check(&mut other, "RPUSH four x -> 1\nRENAME four three");
    gets(&mut client, "[\"three\", \"x\"]");
    let mut client = waiting(&server, "BZPOPMAX one two three 0", 1);
    check(&mut other, "RPUSH two x -> 1\nDEL two -> 1\nZADD four 1 a 2.5 b -> 2\nRENAME four three");
    gets(&mut client, "[\"three\", \"b\", \"2.5\"]");
    check(&mut other, "DEL three -> 1\nEXISTS two three four -> 0\nRPUSH two a -> 1\nLLEN two -> 1");
    assert_eq!(other.info("clients").number("blocked_clients"), 0);
}

fn are_served_by_a_transaction(workers: u32) {
    let server = under_test(workers).start();
    let mut other = server.client();
    let mut first = waiting(&server, "BLPOP list 0", 1);
    let mut second = waiting(&server, "BLMPOP 0 2 other list RIGHT COUNT 2", 2);
    check(
        &mut other,
        "MULTI\nRPUSH list a\nDEL list\nEXEC -> [1, 1]\nMULTI\nRPUSH list a b\nRPUSH list c\nLLEN list\nEXEC -> [2, 3, 3]",
    );
    gets(&mut first, "[\"list\", \"a\"]");
    gets(&mut second, "[\"list\", [\"c\", \"b\"]]");
    check(&mut other, "EXISTS list -> 0");
}

fn serve_each_other(workers: u32) {
    let server = under_test(workers).start();
    let mut last = waiting(&server, "BLPOP d 0", 1);
    let mut third = waiting(&server, "BRPOPLPUSH c d 0", 2);
    let mut second = waiting(&server, "BLMOVE b c LEFT RIGHT 0", 3);
    let mut first = waiting(&server, "BLMOVE a b LEFT RIGHT 0", 4);
    check(&mut server.client(), "RPUSH a x -> 1\nEXISTS a b c d -> 0");
    for client in [&mut first, &mut second, &mut third] {
        gets(client, "\"x\"");
    }
    gets(&mut last, "[\"d\", \"x\"]");
}

fn have_later_requests_run_afterwards(workers: u32) {
    let server = under_test(workers).start();
    let mut client = waiting(&server, "BLPOP list 0", 1);
    client.send(b"RPUSH own 1\r\nBLPOP own 0\r\nBLPOP list 0\r\nPING\r\n");
    check(&mut server.client(), "EXISTS own -> 0\nRPUSH list x -> 1");
    gets(&mut client, "[\"list\", \"x\"]");
    gets(&mut client, "1");
    gets(&mut client, "[\"own\", \"1\"]");
    check(&mut server.client(), "RPUSH list y -> 1");
    gets(&mut client, "[\"list\", \"y\"]");
    gets(&mut client, "PONG");
}

fn wait_no_longer_than_they_said(workers: u32) {
    let server = under_test(workers).start();
    let mut client = server.client();
    for request in [
        "BLPOP none 0.05",
        "BLMOVE none none LEFT LEFT 0.05",
        "BLMPOP 0.05 1 none LEFT",
        "BZPOPMIN none 0.05",
        "BZMPOP 0.05 1 none MIN",
    ] {
        let begin = Instant::now();
        check(&mut client, &format!("{request} -> nil"));
        // The server's clock counts whole milliseconds.
        assert!(begin.elapsed() >= Duration::from_millis(49), "{request}");
    }
    let mut long = waiting(&server, "BLPOP list 1000", 1);
    check(&mut client, "BLPOP list 0.01 -> nil\nRPUSH list x -> 1");
    gets(&mut long, "[\"list\", \"x\"]");
}

fn can_be_unblocked_and_killed(workers: u32) {
    let server = under_test(workers).start();
    let (mut other, mut client) = (server.client(), server.client());
    let id = client.run("CLIENT ID").integer();
    wait_with(&mut client, &server, "BLPOP list 0", 1);
    assert!(other.run(&format!("CLIENT LIST ID {id}")).text().contains(" flags=b "));
    check(&mut other, &format!("CLIENT UNBLOCK {id} ERROR -> 1"));
    gets(&mut client, "UNBLOCKED client unblocked via CLIENT UNBLOCK");
    wait_with(&mut client, &server, "BLPOP list 0", 1);
    check(&mut other, &format!("CLIENT UNBLOCK {id} -> 1"));
    gets(&mut client, "nil");
    wait_with(&mut client, &server, "BLPOP list 0", 1);
    check(&mut other, &format!("CLIENT KILL ID {id} -> 1\nRPUSH list x -> 1\nLLEN list -> 1"));
    assert!(client.is_closed());
}

fn are_forgotten_when_they_hang_up(workers: u32) {
    let server = under_test(workers).start();
    let mut client = waiting(&server, "BLPOP list 0", 1);
    client.send(b"SET never run\r\n");
    client.finish_sending();
    let mut other = server.client();
    wait_equal("blocked clients", &0, || other.info("clients").number("blocked_clients"));
    check(&mut other, "RPUSH list x -> 1\nLLEN list -> 1\nEXISTS never -> 0");
}

fn are_closed_when_the_server_becomes_a_replica(workers: u32) {
    let server = under_test(workers).start();
    let mut client = waiting(&server, "BLPOP list 0", 1);
    check(&mut server.client(), "REPLICAOF 127.0.0.1 1 -> OK");
    gets(
        &mut client,
        "UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)",
    );
    assert!(client.is_closed());
}

fn speak_their_protocol(workers: u32) {
    let server = under_test(workers).start();
    let mut client = server.client();
    client.run("HELLO 3");
    client.run("BLPOP list 0.05");
    assert_eq!(client.raw_reply(), b"_\r\n");
    client.run("HELLO 2");
    client.send(b"CLIENT REPLY SKIP\r\nBLPOP list 0.01\r\nPING\r\n");
    gets(&mut client, "PONG");
}
