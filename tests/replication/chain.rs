//! A replica that feeds replicas of its own.

use testkit::{Proxy, Server, skip, wait_until};

use super::pairs::{Pair, await_in_step, await_link, counter, must_hold_the_same, with_every_peer};
use super::workload::{write_every_kind, write_many};

with_every_peer!(hands_the_stream_down, resumes_below_a_cut, ends_in_a_promotion);

/// A primary, a replica in the middle, and one at the end of each of the two kinds that can follow the middle.
fn chain(pair: &Pair) -> (Server, Proxy, Server, Vec<Server>) {
    let primary = pair.primary().start();
    write_every_kind(&mut primary.client(), 1);
    let proxy = Proxy::to(&primary.address());
    let middle = pair.replica(&proxy.address()).start();
    await_link(&middle);
    let mut ends = Vec::new();
    for program in [&pair.primary, &pair.replica] {
        if program.can_follow(&pair.replica) {
            let below = Pair { primary: pair.replica.clone(), replica: program.clone() };
            ends.push(below.replica(&middle.address()).start());
        } else {
            skip(&format!("{program} does not read what {} writes", pair.replica));
        }
    }
    ends.iter().for_each(await_link);
    (primary, proxy, middle, ends)
}

/// All see the same bytes: offsets and histories are equal along the chain.
fn hands_the_stream_down(pair: &Pair) {
    let (primary, _proxy, middle, ends) = chain(pair);
    write_every_kind(&mut primary.client(), 2);
    must_hold_the_same(&primary, &middle);
    let history = primary.info("replication").text("master_replid").to_owned();
    for end in &ends {
        must_hold_the_same(&primary, end);
        let info = end.info("replication");
        assert_eq!(info.text("master_replid"), history);
        assert_eq!(
            info.number("slave_repl_offset"),
            primary.info("replication").number("master_repl_offset")
        );
    }
}

/// A cut above the middle costs nobody a full sync.
fn resumes_below_a_cut(pair: &Pair) {
    let (primary, proxy, middle, ends) = chain(pair);
    await_in_step(&primary, &middle);
    proxy.cut();
    write_many(&mut primary.client(), "many", 500);
    await_link(&middle);
    for end in &ends {
        must_hold_the_same(&primary, end);
    }
    assert_eq!(counter(&primary, "sync_full"), 1);
    assert_eq!(counter(&middle, "sync_full"), ends.len() as i64);
}

/// The middle takes over; those below stay with it and need no data set.
fn ends_in_a_promotion(pair: &Pair) {
    let (mut primary, _proxy, middle, ends) = chain(pair);
    await_in_step(&primary, &middle);
    ends.iter().for_each(|end| await_in_step(&primary, end));
    primary.kill9();
    assert!(middle.client().command(&["REPLICAOF", "NO", "ONE"]).is_ok());
    wait_until("those below are connected again", || {
        middle.info("replication").number("connected_slaves") == ends.len() as i64
    });
    write_every_kind(&mut middle.client(), 3);
    for end in &ends {
        must_hold_the_same(&middle, end);
    }
    assert_eq!(counter(&middle, "sync_full"), ends.len() as i64);
}
