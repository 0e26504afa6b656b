//! Clients that wait for lists: who is served, by what, and when.

use crate::testing::{Bench, check, check_on, check_resp3, propagates};
use engine::client::card::flag;
use engine::client::session::WaitEnd;
use engine::execute::serve;

#[test]
fn takes_at_once_what_is_there() {
    check(
        r#"RPUSH b 1 2 | BLPOP a b 0 -> ["b", "1"] | BRPOP a b 0 -> ["b", "2"] | EXISTS b -> 0
        BLPOP a x -> ERR timeout is not a float or out of range | BLPOP a -1 -> ERR timeout is negative
        SET s x | BLPOP s 0 -> WRONGTYPE Operation against a key holding the wrong kind of value"#,
    );
    propagates("RPUSH l a b | BLPOP x l 0 -> LPOP l | BRPOP l 0 -> RPOP l | #2 BLPOP l 0 -> nothing");
}

#[test]
fn whoever_came_first_is_served_first() {
    check(
        r#"#2 BLPOP l 0 -> waits | #3 BRPOP k l 0 -> waits | #4 BLPOP l 0 -> waits | RPUSH l a b -> 2
        #2 AWAITED -> ["l", "a"] | #3 AWAITED -> ["l", "b"] | #4 AWAITED -> waits | EXISTS l -> 0
        LPUSH k x -> 1 | LLEN k -> 1 | LPUSH l c -> 1 | #4 AWAITED -> ["l", "c"]"#,
    );
    propagates("#2 BLPOP l 0 | #3 BRPOP l 0 | RPUSH l a b c -> RPUSH l a b c; LPOP l; RPOP l");
}

#[test]
fn a_transaction_is_served_when_it_is_over() {
    check(
        r#"#2 BLPOP l k 0 | MULTI | LPUSH l a | DEL l | EXEC -> [1, 1] | #2 AWAITED -> waits
        MULTI | RPUSH k z | LPUSH l a | LPUSH l b | EXEC -> [1, 1, 2] | #2 AWAITED -> ["l", "b"] | LRANGE l 0 -1 -> ["a"]
        MULTI | BLPOP none 0 | EXEC -> [nil[]]"#,
    );
    propagates(
        "#2 BLPOP l 0 | MULTI | LPUSH l a | LPUSH l b | EXEC -> MULTI; LPUSH l a; LPUSH l b; EXEC; LPOP l",
    );
}

#[test]
fn any_way_for_a_list_to_get_there_will_do() {
    for way in ["RENAME other l", "COPY other l", "SELECT 1 | MOVE l 0", "SWAPDB 0 1"] {
        check(&format!(
            "#2 BLPOP l 0 | RPUSH other x | SELECT 1 | RPUSH l x | SELECT 0 | {way} | #2 AWAITED -> [\"l\", \"x\"]"
        ));
    }
}

#[test]
fn another_type_leaves_it_waiting() {
    check(
        "#2 BLPOP l 0 | SET l x | #2 AWAITED -> waits | DEL l | RPUSH l a | #2 AWAITED -> [\"l\", \"a\"]
        #2 BLPOP l 0 | MULTI | RPUSH l a | SET l x | EXEC | #2 AWAITED -> waits | FLUSHALL | #2 AWAITED -> waits",
    );
}

#[test]
fn the_time_to_wait_ends() {
    let mut bench = Bench::new();
    check_on(
        &mut bench,
        "#2 BLPOP l 0.5 -> waits | #3 BLPOP l 0 -> waits | #4 BLMOVE l k LEFT LEFT 0.5 -> waits",
    );
    bench.advance(499);
    serve::end_overdue(&mut bench.node, 0);
    check_on(&mut bench, "#2 AWAITED -> waits");
    bench.advance(1);
    serve::end_overdue(&mut bench.node, 0);
    check_on(
        &mut bench,
        "#2 AWAITED -> nil[] | #3 AWAITED -> waits | #4 AWAITED -> nil[] | RPUSH l a | #3 AWAITED -> [\"l\", \"a\"]",
    );
    assert!(bench.node.engine.blocking.is_empty() && !bench.node.keyspace.changes().interest);
}

#[test]
fn in_the_protocol_that_the_client_speaks() {
    check_resp3("#2 HELLO 3 | #2 BLPOP l 1 | CLIENT UNBLOCK 2 -> 1 | #2 AWAITED -> nil");
}

#[test]
fn client_unblock_ends_it() {
    check(
        "#2 BLPOP l 0 | CLIENT UNBLOCK 2 ERROR -> 1 | #2 AWAITED -> UNBLOCKED client unblocked via CLIENT UNBLOCK
        #2 BLPOP l 0 | CLIENT UNBLOCK 2 TIMEOUT -> 1 | CLIENT UNBLOCK 2 -> 0 | #2 AWAITED -> nil[]",
    );
}

#[test]
fn becoming_a_replica_ends_it() {
    let mut bench = Bench::new();
    check_on(&mut bench, "#2 BLPOP l 0 | REPLICAOF 127.0.0.1 1");
    let text = "UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)";
    check_on(&mut bench, &format!("#2 AWAITED -> {text}"));
}

#[test]
fn a_client_that_is_gone_gets_nothing() {
    let mut bench = Bench::new();
    check_on(&mut bench, "#2 BLPOP l 0 | #3 BLPOP l 0");
    bench.forget(2);
    check_on(&mut bench, "RPUSH l a b -> 2 | #3 AWAITED -> [\"l\", \"a\"] | LLEN l -> 1");
    assert!(!bench.node.engine.blocking.end(2, WaitEnd::Error));
}

#[test]
fn a_killed_client_takes_nothing() {
    let mut bench = Bench::new();
    check_on(&mut bench, "#2 BLPOP l 0");
    bench.client(2).card.set(flag::CLOSE_NOW, true);
    check_on(&mut bench, "RPUSH l a | LLEN l -> 1");
}

#[test]
fn while_clients_are_paused_nobody_is_served() {
    let mut bench = Bench::new();
    check_on(
        &mut bench,
        "#2 BLPOP l 0 | MULTI | RPUSH l a | CLIENT PAUSE 1000 WRITE | EXEC | #2 AWAITED -> waits",
    );
    bench.advance(1000);
    bench.node.engine.health.pauses.end_by_command();
    check_on(&mut bench, "PING | #2 AWAITED -> [\"l\", \"a\"]");
}
