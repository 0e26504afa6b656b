//! Who follows whom: the server under test and a peer, either way round.

use testkit::{Dataset, Program, Server, ServerBuilder, skip, wait_equal, wait_until};

/// How often two data sets are compared before they are called different.
const COMPARISONS: usize = 100;

/// A primary's program and a replica's.
pub struct Pair {
    pub primary: Program,
    pub replica: Program,
}

impl Pair {
    /// The server under test follows a peer; `None`, said aloud, where that cannot be.
    pub fn following(peer: Option<Program>, name: &str) -> Option<Self> {
        Self::of(peer, Some(Program::under_test()), name)
    }

    /// A peer follows the server under test; `None`, said aloud, where that cannot be.
    pub fn followed_by(peer: Option<Program>, name: &str) -> Option<Self> {
        Self::of(Some(Program::under_test()), peer, name)
    }

    fn of(primary: Option<Program>, replica: Option<Program>, name: &str) -> Option<Self> {
        let (Some(primary), Some(replica)) = (primary, replica) else {
            skip(&format!("{name} is not on this machine: set OCHRE_PEERS to a folder with its bin/"));
            return None;
        };
        if !replica.can_follow(&primary) {
            skip(&format!("{replica} does not read what {primary} writes"));
            return None;
        }
        Some(Self { primary, replica })
    }

    /// A builder of the primary; nothing but the test's writes moves its offset.
    pub fn primary(&self) -> ServerBuilder {
        Server::builder(&self.primary).line("repl-ping-replica-period 3600")
    }

    /// A builder of a replica of whoever answers at `address`.
    pub fn replica(&self, address: &str) -> ServerBuilder {
        Server::builder(&self.replica).line("repl-ping-replica-period 3600").replica_of(address)
    }

    /// Both, linked and in step.
    pub fn linked(&self) -> (Server, Server) {
        let primary = self.primary().start();
        let replica = self.replica(&primary.address()).start();
        await_link(&replica);
        (primary, replica)
    }
}

/// Makes of each check one test for every peer in each direction, and one of the server under test with itself.
macro_rules! with_every_peer {
    ($($check:ident),* $(,)?) => {
        $crate::replication::pairs::with_every_peer!(@module following_redis_7, following, redis_7, [$($check)*]);
        $crate::replication::pairs::with_every_peer!(@module following_redis_8, following, redis_8, [$($check)*]);
        $crate::replication::pairs::with_every_peer!(@module following_valkey_9, following, valkey_9, [$($check)*]);
        $crate::replication::pairs::with_every_peer!(@module followed_by_redis_7, followed_by, redis_7, [$($check)*]);
        $crate::replication::pairs::with_every_peer!(@module followed_by_redis_8, followed_by, redis_8, [$($check)*]);
        $crate::replication::pairs::with_every_peer!(@module followed_by_valkey_9, followed_by, valkey_9, [$($check)*]);
        mod following_its_own_kind {
            $(#[test] fn $check() {
                let own = testkit::Program::under_test();
                super::$check(&$crate::replication::pairs::Pair { primary: own.clone(), replica: own });
            })*
        }
    };
    (@module $module:ident, $direction:ident, $peer:ident, [$($check:ident)*]) => {
        mod $module {
            $(#[test] fn $check() {
                let peer = testkit::Program::$peer();
                if let Some(pair) = $crate::replication::pairs::Pair::$direction(peer, stringify!($peer)) {
                    super::$check(&pair);
                }
            })*
        }
    };
}
pub(crate) use with_every_peer;

/// Waits until a replica's link is up.
#[track_caller]
pub fn await_link(replica: &Server) {
    wait_equal("master_link_status", &"up".to_owned(), || {
        replica.info("replication").text("master_link_status").to_owned()
    });
}

/// Waits until a replica has noticed that its link is down.
#[track_caller]
pub fn await_link_down(replica: &Server) {
    wait_equal("master_link_status", &"down".to_owned(), || {
        replica.info("replication").text("master_link_status").to_owned()
    });
}

/// Waits until a replica has applied all that its primary has written so far.
#[track_caller]
pub fn await_in_step(primary: &Server, replica: &Server) {
    wait_until("the replica's offset is the primary's", || {
        let (ours, theirs) = (primary.info("replication"), replica.info("replication"));
        theirs.text("master_link_status") == "up"
            && ours.number("master_repl_offset") == theirs.number("slave_repl_offset")
    });
}

/// Waits until both are in step, then demands that they hold the same.
#[track_caller]
pub fn must_hold_the_same(primary: &Server, replica: &Server) {
    must_have_the_same_data(primary, replica);
    must_have_the_same_digest(primary, replica);
}

/// The slower half of [`must_hold_the_same`]: reads everything that both hold.
#[track_caller]
pub fn must_have_the_same_data(primary: &Server, replica: &Server) {
    let mut difference = None;
    for _ in 0..COMPARISONS {
        await_in_step(primary, replica);
        difference = Dataset::of(primary).difference(&Dataset::of(replica));
        // A key may have expired between the two readings.
        if difference.is_none() {
            break;
        }
    }
    assert_eq!(difference, None, "primary and replica differ");
}

/// The quicker half of [`must_hold_the_same`]: leaves the comparison to the servers' own DEBUG DIGEST.
#[track_caller]
pub fn must_have_the_same_digest(primary: &Server, replica: &Server) {
    await_in_step(primary, replica);
    wait_until("both count the same keys and have the same DEBUG DIGEST", || {
        key_counts(primary) == key_counts(replica) && digest(primary) == digest(replica)
    });
}

/// The keys and expiries of each database, as INFO counts them.
pub fn key_counts(server: &Server) -> Vec<String> {
    let info = server.info("keyspace");
    info.names()
        .iter()
        .filter(|name| name.starts_with("db"))
        .map(|name| format!("{name}:{}", info.text(name).split(",avg_ttl").next().unwrap_or_default()))
        .collect()
}

/// DEBUG DIGEST, a sum over everything stored.
pub fn digest(server: &Server) -> String {
    server.client().command(&["DEBUG", "DIGEST"]).text()
}

/// A counter of INFO stats.
pub fn counter(server: &Server, name: &str) -> i64 {
    server.info("stats").number(name)
}
