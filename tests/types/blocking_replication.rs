//! What clients that waited have taken reaches replicas and files behind the push that served them.

use testkit::{Client, Server, check};

use super::blocking::waiting;
use crate::replication::pairs::{Pair, must_have_the_same_digest, with_every_peer};
use crate::workers::{under_test, with_one_and_two_workers};

with_every_peer!(effects_reach_the_replica);
with_one_and_two_workers!(effects_are_in_the_log);

/// Lets clients wait, in every way, and serves them.
fn serve_some(server: &Server, round: i64) {
    check(&mut server.client(), "DEL a b y z");
    let requests = [
        "BLPOP a b 0",
        "BRPOP b a 0",
        "BLMOVE a kept LEFT RIGHT 0",
        "BRPOPLPUSH a b 0",
        "BLMPOP 0 2 b a LEFT COUNT 3",
        "BZPOPMIN y z 0",
        "BZPOPMAX z y 0",
        "BZMPOP 0 2 y z MIN COUNT 2",
    ];
    let clients: Vec<Client> =
        requests.iter().zip(1..).map(|(request, count)| waiting(server, request, count)).collect();
    let mut other = server.client();
    check(
        &mut other,
        &format!("RPUSH a {round}:1 {round}:2 {round}:3\nMULTI\nRPUSH b 4 5\nRPUSH a 6 7\nEXEC"),
    );
    check(&mut other, "RPUSH a 8 9\nRPUSH b 10 11");
    check(&mut other, "ZADD z 1 a 2 b -> 2\nEXISTS z -> 0\nZADD other 1 a 2 b 3 c\nRENAME other y");
    check(&mut other, "ZRANGE y 0 -1 -> [\"c\"]");
    for mut client in clients {
        assert!(!client.reply().is_error());
    }
}

fn effects_reach_the_replica(pair: &Pair) {
    let (primary, replica) = pair.linked();
    for round in 0..3 {
        serve_some(&primary, round);
    }
    must_have_the_same_digest(&primary, &replica);
    check(&mut replica.client(), "LLEN kept -> 3");
}

fn effects_are_in_the_log(workers: u32) {
    let lines = "appendonly yes\nappendfsync always";
    let mut server = under_test(workers).lines(lines).start();
    serve_some(&server, 1);
    let before = server.client().run("LRANGE a 0 -1").to_string();
    server.kill9();
    server.restart();
    assert_eq!(server.client().run("LRANGE a 0 -1").to_string(), before);
    check(&mut server.client(), "LLEN kept -> 1");
}
