//! A replica that holds data meets a primary that is worse: empty, younger, a stranger. Ours keeps what it holds, until
//! somebody says otherwise; what is replaced is kept on disk.

use testkit::{Program, Proxy, Reply, Server, ServerBuilder, wait_equal, wait_until};

use super::pairs::{await_in_step, await_link, counter, must_hold_the_same};

/// Keys that the replica holds before the primary gets worse.
const KEYS: i64 = 1000;

fn primary_of(program: &Program) -> ServerBuilder {
    let builder = Server::builder(program).line("repl-ping-replica-period 3600");
    // What a primary that asks its replicas does is tested below.
    if program.is_ochre() { builder.line("primary-recovery-timeout 0") } else { builder }
}

fn write_keys(server: &Server, from: i64, to: i64) {
    let commands: Vec<Vec<String>> =
        (from..to).map(|key| ["SET", &format!("key:{key}"), "v"].map(str::to_owned).to_vec()).collect();
    for reply in server.client().pipeline(&commands) {
        assert!(reply.is_ok(), "{reply:?}");
    }
}

fn keys(server: &Server) -> i64 {
    server.client().run("DBSIZE").integer()
}

/// What happens to a primary: it is left behind the proxy's address worse than it was.
#[derive(Clone, Copy, Debug)]
enum Scenario {
    /// Restarted without its data.
    Empty,
    /// Restarted with an old snapshot.
    Younger,
    /// Another server answers at its address.
    Stranger,
}

/// A primary, a replica with [`KEYS`] keys, and what became of the primary.
struct Stage {
    primary: Server,
    _proxy: Proxy,
    replica: Server,
}

impl Stage {
    fn set(primary: &Program, replica: &Program, scenario: Scenario, lines: &str) -> Stage {
        let mut primary = primary_of(primary).start();
        let proxy = Proxy::to(&primary.address());
        let replica = Server::builder(replica).replica_of(&proxy.address()).lines(lines).start();
        write_keys(&primary, 0, KEYS / 2);
        await_link(&replica);
        if matches!(scenario, Scenario::Younger) {
            // The process that sent the copy may still be there.
            wait_until("the primary has saved", || primary.client().run("SAVE").is_ok());
        }
        write_keys(&primary, KEYS / 2, KEYS);
        await_in_step(&primary, &replica);
        if matches!(scenario, Scenario::Stranger) {
            let stranger = primary_of(primary.program()).start();
            write_keys(&stranger, 5000, 5010);
            primary.kill9();
            proxy.redirect(&stranger.address());
            proxy.cut();
            primary = stranger;
        } else {
            primary.restart();
        }
        Stage { primary, _proxy: proxy, replica }
    }

    /// Waits until the replica has refused, and looks that it says so everywhere.
    fn must_be_refused(&self, why: &str) {
        wait_equal("replica_follow_state", &"refused".to_owned(), || {
            field(&self.replica, "replica_follow_state")
        });
        assert_eq!(keys(&self.replica), KEYS);
        let mut client = self.replica.client();
        assert_eq!(client.run("GET key:999").text(), "v");
        assert!(client.run("SET key:1 x").is_error(), "it stays read-only");
        let words = field(&self.replica, "replica_follow_refusal");
        assert!(
            words.starts_with("refused: primary 127.0.0.1:")
                && words.contains(why)
                && words.contains("this node holds 1 000 keys"),
            "{words}"
        );
        assert!(words.contains("accept with REPLICAOF 127.0.0.1"), "{words}");
        assert_eq!(field(&self.replica, "master_link_status"), "down");
        self.replica.wait_for_log(&words);
        let events = client.run("OCHRE EVENTS").to_string();
        assert!(events.contains("refused to follow primary"), "{events}");
    }

    fn accept(&self) {
        let info = self.replica.info("replication");
        let (host, port) = (info.text("master_host"), info.text("master_port"));
        assert!(self.replica.client().command(&["REPLICAOF", host, port]).is_ok());
        await_link(&self.replica);
        must_hold_the_same(&self.primary, &self.replica);
    }
}

fn field(server: &Server, name: &str) -> String {
    let info = server.info("replication");
    if info.names().contains(&name) { info.text(name).to_owned() } else { String::new() }
}

/// The names of the data sets that are kept.
fn replaced(server: &Server) -> Vec<(String, i64)> {
    let files = server.client().run("OCHRE REPLACED LIST").array();
    files
        .into_iter()
        .map(|file| {
            let fields: Vec<Reply> = file.array();
            (fields[1].text(), fields[9].integer())
        })
        .collect()
}

/// Ours with itself: refused, accepted, kept, restored.
fn is_refused_then_accepted(scenario: Scenario, why: &str) {
    let own = Program::under_test();
    let stage = Stage::set(&own, &own, scenario, "");
    stage.must_be_refused(why);
    stage.accept();
    let kept = replaced(&stage.replica);
    assert_eq!(kept.iter().map(|(_, keys)| *keys).collect::<Vec<_>>(), [KEYS]);
    let mut client = stage.replica.client();
    assert!(client.run(&format!("OCHRE REPLACED RESTORE {}", kept[0].0)).is_error(), "on a replica");
    assert!(client.run("REPLICAOF NO ONE").is_ok());
    assert!(client.run(&format!("OCHRE REPLACED RESTORE {}", kept[0].0)).is_ok());
    assert_eq!(keys(&stage.replica), KEYS);
    assert_eq!(client.run("GET key:999").text(), "v");
    assert!(client.run("SET key:999 w").is_ok());
}

#[test]
fn an_empty_primary_is_refused() {
    is_refused_then_accepted(Scenario::Empty, "is empty");
}

#[test]
fn a_younger_clone_is_refused() {
    is_refused_then_accepted(Scenario::Younger, "lacks the last");
}

#[test]
fn a_stranger_is_refused() {
    is_refused_then_accepted(Scenario::Stranger, "is another server with 10 keys");
}

/// What a replica holds in the end: ours beside theirs.
#[test]
fn ours_keeps_what_theirs_lose() {
    let own = Program::under_test();
    let mut table = Vec::new();
    for peer in [Program::redis_7(), Program::redis_8(), Program::valkey_9()].into_iter().flatten() {
        for (scenario, left) in
            [(Scenario::Empty, 0), (Scenario::Younger, KEYS / 2), (Scenario::Stranger, 10)]
        {
            let theirs = Stage::set(&peer, &peer, scenario, "");
            wait_equal("keys of the replica", &left, || keys(&theirs.replica));
            table.push(format!("{scenario:?}: {peer} keeps {left} of {KEYS} keys"));
            let ours = Stage::set(&peer, &own, scenario, "");
            wait_equal("replica_follow_state", &"refused".to_owned(), || {
                field(&ours.replica, "replica_follow_state")
            });
            assert_eq!(keys(&ours.replica), KEYS);
            table.push(format!("{scenario:?}: Ochre behind {peer} keeps {KEYS} of {KEYS} keys"));
        }
    }
    println!("{}", table.join("\n"));
}

/// What is restored on a primary is taken by its replicas.
#[test]
fn what_is_restored_goes_to_the_replicas_too() {
    let own = Program::under_test();
    let (first, other) = (primary_of(&own).start(), primary_of(&own).start());
    write_keys(&first, 0, KEYS);
    let node = Server::builder(&own).line("primary-recovery-timeout 0").replica_of(&first.address()).start();
    await_link(&node);
    await_in_step(&first, &node);
    assert!(node.client().command(&["REPLICAOF", "127.0.0.1", &other.port().to_string()]).is_ok());
    await_link(&node);
    let mut client = node.client();
    assert!(client.run("REPLICAOF NO ONE").is_ok());
    assert!(client.run("SET only 1").is_ok());
    let replica = Server::builder(&own).replica_of(&node.address()).start();
    await_link(&replica);
    assert_eq!(keys(&replica), 1);
    let kept = replaced(&node);
    assert!(client.run(&format!("OCHRE REPLACED RESTORE {}", kept[0].0)).is_ok());
    wait_equal("keys of the replica", &KEYS, || keys(&replica));
    must_hold_the_same(&node, &replica);
    let kept: Vec<i64> = replaced(&node).iter().map(|(_, keys)| *keys).collect();
    assert_eq!(kept, [KEYS, 1], "what was there before is kept in turn");
}

/// A foreign primary restarts under a new history with all its data: it is followed, and ours are kept.
#[test]
fn a_foreign_primary_that_restarts_with_its_data_is_followed() {
    let own = Program::under_test();
    for peer in [Program::redis_7(), Program::redis_8(), Program::valkey_9()].into_iter().flatten() {
        let mut primary = Server::builder(&peer)
            .lines("appendonly yes\nappendfsync always\nrepl-diskless-sync-delay 0")
            .start();
        let replica = Server::builder(&own).replica_of(&primary.address()).start();
        await_link(&replica);
        write_keys(&primary, 0, KEYS);
        await_in_step(&primary, &replica);
        primary.restart();
        wait_until("the replica has taken a copy", || counter(&primary, "sync_full") > 0);
        await_link(&replica);
        must_hold_the_same(&primary, &replica);
        assert_eq!(keys(&replica), KEYS);
        assert_eq!(replaced(&replica).len(), 1, "{peer}");
    }
}

/// With `replica-safe-follow no` all is as with Redis, and what is replaced is kept all the same.
#[test]
fn whoever_wants_it_obeys_as_redis_does() {
    let own = Program::under_test();
    let stage = Stage::set(&own, &own, Scenario::Empty, "replica-safe-follow no");
    wait_equal("keys of the replica", &0, || keys(&stage.replica));
    assert_eq!(replaced(&stage.replica).len(), 1);
}

/// Whoever wants none kept has none, and as many as are wanted stay.
#[test]
fn as_many_are_kept_as_are_wanted() {
    let own = Program::under_test();
    let servers = [primary_of(&own).start(), primary_of(&own).start()];
    servers.iter().enumerate().for_each(|(place, server)| write_keys(server, 0, place as i64 + 1));
    let replica = Server::builder(&own).line("replica-replaced-files 2").start();
    let mut client = replica.client();
    for round in 0..5 {
        let port = servers[round % 2].port().to_string();
        assert!(client.command(&["REPLICAOF", "127.0.0.1", &port]).is_ok());
        await_link(&replica);
    }
    assert_eq!(replaced(&replica).iter().map(|(_, keys)| *keys).collect::<Vec<_>>(), [1, 2]);
    assert!(client.run("CONFIG SET replica-replaced-files 0").is_ok());
    assert!(client.command(&["REPLICAOF", "127.0.0.1", &servers[1].port().to_string()]).is_ok());
    await_link(&replica);
    assert_eq!(replaced(&replica).len(), 2, "nothing was added");
}

/// A restart is no consent; a configuration that names another primary is.
#[test]
fn a_restart_is_no_consent_and_another_primary_in_the_configuration_is() {
    let own = Program::under_test();
    let mut primary = primary_of(&own).start();
    let proxy = Proxy::to(&primary.address());
    let mut replica = Server::builder(&own).line("appendonly yes").replica_of(&proxy.address()).start();
    await_link(&replica);
    write_keys(&primary, 0, KEYS);
    await_in_step(&primary, &replica);
    wait_until("the base of the replica's log is written", || {
        replica.info("persistence").number("aof_rewrite_in_progress") == 0
    });
    wait_until("the replica has everything on disk", || {
        primary.client().run("WAITAOF 0 1 1000").to_string().ends_with("1]")
    });
    let node = replica.directory().file("dump.node");
    wait_until("the node has noted whom it follows", || {
        std::fs::read_to_string(&node).is_ok_and(|text| text.contains("\nprimary "))
    });
    primary.restart();
    replica.restart();
    wait_equal("replica_follow_state", &"refused".to_owned(), || field(&replica, "replica_follow_state"));
    assert_eq!(keys(&replica), KEYS);
    replica.add_lines(&format!("replicaof 127.0.0.1 {}", primary.port()));
    replica.restart();
    await_link(&replica);
    assert_eq!((keys(&replica), replaced(&replica).len()), (0, 1));
}

/// Who followed a replica that obeys its operator goes along.
#[test]
fn a_replica_of_a_replica_goes_along_with_an_order() {
    let own = Program::under_test();
    let (first, other) = (primary_of(&own).start(), primary_of(&own).start());
    write_keys(&first, 0, KEYS);
    write_keys(&other, 5000, 5010);
    let middle = Server::builder(&own).replica_of(&first.address()).start();
    let last = Server::builder(&own).replica_of(&middle.address()).start();
    await_link(&last);
    await_in_step(&middle, &last);
    assert!(middle.client().command(&["REPLICAOF", "127.0.0.1", &other.port().to_string()]).is_ok());
    wait_equal("keys of the last", &10, || keys(&last));
    await_link(&last);
    assert_eq!((replaced(&middle).len(), replaced(&last).len()), (1, 1));
}

/// A primary that was restarted with less than it had takes it back from its replica before it serves.
#[test]
fn a_primary_takes_back_what_it_has_lost() {
    for (lines, saves) in [("", false), ("", true), ("appendonly yes", false)] {
        let own = Program::under_test();
        let mut primary = Server::builder(&own).line("repl-ping-replica-period 3600").lines(lines).start();
        let replica = Server::builder(&own).replica_of(&primary.address()).start();
        await_link(&replica);
        write_keys(&primary, 0, KEYS / 2);
        if saves {
            assert!(primary.client().run("SAVE").is_ok());
        }
        write_keys(&primary, KEYS / 2, KEYS);
        await_in_step(&primary, &replica);
        let node = primary.directory().file("dump.node");
        wait_until("the primary has noted its replica and its keys", || {
            std::fs::read_to_string(&node)
                .is_ok_and(|text| text.contains("\nreplica ") && text.contains(&format!(" keys={KEYS} ")))
        });
        primary.restart();
        wait_until("the primary serves", || {
            primary.client().run("DBSIZE").to_string() == format!("{KEYS}")
                && field(&primary, "role") == "master"
        });
        await_link(&replica);
        must_hold_the_same(&primary, &replica);
        assert_eq!(keys(&replica), KEYS);
        assert!(primary.client().run("SET after 1").is_ok());
        await_in_step(&primary, &replica);
        primary.wait_for_log("This primary asks its 1 known replicas what they hold");
        assert_eq!(counter(&primary, "sync_full"), 0, "the replica went on where it was");
        assert!(replaced(&replica).is_empty());
    }
}
