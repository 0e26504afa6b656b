//! The primary decides when a key is gone; its replicas wait for its word.

use testkit::{Proxy, Server, wait_equal, wait_until};

use super::pairs::{Pair, await_in_step, await_link, must_hold_the_same, with_every_peer};

with_every_peer!(is_the_primarys_decision, by_access_reaches_the_replica, times_are_absolute);

fn key_count(server: &Server) -> i64 {
    server.client().command(&["DBSIZE"]).integer()
}

/// While the link is silent a replica hides an expired key, but keeps it until the primary says that it is gone.
fn is_the_primarys_decision(pair: &Pair) {
    let primary = pair.primary().start();
    let proxy = Proxy::to(&primary.address());
    let replica = pair.replica(&proxy.address()).start();
    await_link(&replica);
    // The first write may have to wait for the replica's first acknowledgement.
    assert!(primary.client().run("SET first v").is_ok());
    await_in_step(&primary, &replica);
    assert!(primary.client().run("SET fleeting v PX 1000").is_ok());
    await_in_step(&primary, &replica);
    proxy.pause();
    wait_equal("the primary's key count", &1, || key_count(&primary));
    let mut client = replica.client();
    wait_equal("the expired key", &"nil".to_owned(), || client.run("GET fleeting").to_string());
    assert_eq!(client.run("EXISTS fleeting").integer(), 0);
    assert_eq!(client.run("PTTL fleeting").integer(), -2);
    assert_eq!(key_count(&replica), 2);
    proxy.restore();
    wait_equal("the replica's key count", &1, || key_count(&replica));
    must_hold_the_same(&primary, &replica);
}

/// A key that the primary finds expired when somebody asks for it is removed at the replica as well.
fn by_access_reaches_the_replica(pair: &Pair) {
    let (primary, replica) = pair.linked();
    let mut client = primary.client();
    assert!(client.run("DEBUG SET-ACTIVE-EXPIRE 0").is_ok());
    for key in ["counted", "set", "read"] {
        assert!(client.run(&format!("SET {key} 5 PX 30")).is_ok());
    }
    await_in_step(&primary, &replica);
    wait_until("the key has expired", || client.run("GET read").to_string() == "nil");
    assert_eq!(client.run("INCR counted").integer(), 1);
    assert_eq!(client.run("SET set v NX GET").to_string(), "nil");
    await_in_step(&primary, &replica);
    let mut client = replica.client();
    assert_eq!(client.run("MGET read counted set").to_string(), "[nil, \"1\", \"v\"]");
    assert_eq!(client.run("TTL counted").integer(), -1);
    assert_eq!(key_count(&replica), 2);
}

/// A delayed link does not lengthen lives: what is sent is a point in time.
fn times_are_absolute(pair: &Pair) {
    let primary = pair.primary().start();
    let proxy = Proxy::to(&primary.address());
    let replica = pair.replica(&proxy.address()).start();
    await_link(&replica);
    proxy.pause();
    let mut client = primary.client();
    let writes =
        ["SET a v EX 100", "SETEX b 100 v", "SET c v", "EXPIRE c 100", "SET d v", "GETEX d PX 100000"];
    for line in writes {
        assert!(!client.run(line).is_error(), "{line}");
    }
    wait_until("some of the time has passed", || client.run("PTTL a").integer() < 99_950);
    proxy.restore();
    await_in_step(&primary, &replica);
    let mut follower = replica.client();
    for key in ["a", "b", "c", "d"] {
        let ask = format!("PEXPIRETIME {key}");
        assert_eq!(client.run(&ask), follower.run(&ask), "{ask}");
    }
}
