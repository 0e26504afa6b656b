//! Keyspace events that do not come from a command of a client: expiry, a primary's writes.

use testkit::{check, wait_equal};

use super::next;
use crate::workers::{under_test, with_one_and_two_workers};

with_one_and_two_workers!(follow_the_option, tell_of_expiry, are_published_by_replicas);

fn follow_the_option(workers: u32) {
    let server = under_test(workers).line("notify-keyspace-events Eg$").start();
    let (mut subscriber, mut writer) = (server.client(), server.client());
    subscriber.run("PSUBSCRIBE __key*");
    check(
        &mut writer,
        "SET k v -> OK
         CONFIG GET notify-keyspace-events -> [\"notify-keyspace-events\", \"g$E\"]
         CONFIG SET notify-keyspace-events KA -> OK
         DEL k -> 1
         CONFIG SET notify-keyspace-events \"\" -> OK
         SET k v -> OK
         CONFIG SET notify-keyspace-events Kn -> OK
         SELECT 3 -> OK
         SET new v -> OK
         SET new w -> OK
         CONFIG SET notify-keyspace-events KEy -> ERR CONFIG SET failed (possibly related to argument 'notify-keyspace-events') - Invalid event class character. Use 'Ag$lshzxeKEtmdn'.",
    );
    assert_eq!(next(&mut subscriber), r#"["pmessage", "__key*", "__keyevent@0__:set", "k"]"#);
    assert_eq!(next(&mut subscriber), r#"["pmessage", "__key*", "__keyspace@0__:k", "del"]"#);
    assert_eq!(next(&mut subscriber), r#"["pmessage", "__key*", "__keyspace@3__:new", "new"]"#);
    writer.run("PUBLISH __key_end x");
    assert_eq!(next(&mut subscriber), r#"["pmessage", "__key*", "__key_end", "x"]"#);
}

fn tell_of_expiry(workers: u32) {
    let server = under_test(workers).line("notify-keyspace-events Ex").start();
    let (mut subscriber, mut writer) = (server.client(), server.client());
    subscriber.run("SUBSCRIBE __keyevent@0__:expired");
    writer.run("SET short v PX 20");
    assert_eq!(next(&mut subscriber), r#"["message", "__keyevent@0__:expired", "short"]"#);
    check(&mut writer, "DEBUG SET-ACTIVE-EXPIRE 0 -> OK");
    writer.run("SET lazy v PX 1");
    wait_equal("the reply", &"nil".to_owned(), || writer.run("GET lazy").to_string());
    assert_eq!(next(&mut subscriber), r#"["message", "__keyevent@0__:expired", "lazy"]"#);
}

/// A replica tells of what its primary writes.
fn are_published_by_replicas(workers: u32) {
    let primary = under_test(workers).start();
    let replica =
        under_test(workers).replica_of(&primary.address()).line("notify-keyspace-events KA").start();
    let link = || replica.info("replication").text("master_link_status").to_owned();
    wait_equal("the link", &"up".to_owned(), link);
    let mut subscriber = replica.client();
    subscriber.run("PSUBSCRIBE *");
    check(&mut primary.client(), "SET k v -> OK\nSET k w PX 30 -> OK");
    for event in ["set", "set", "expire", "del"] {
        assert_eq!(next(&mut subscriber), format!(r#"["pmessage", "*", "__keyspace@0__:k", "{event}"]"#));
    }
}
