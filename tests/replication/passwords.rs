//! A primary that wants to know who follows it.

use super::pairs::{Pair, await_link, counter, must_hold_the_same, with_every_peer};
use super::workload::write_every_kind;

with_every_peer!(
    opens_with_the_right_password,
    stays_closed_with_a_wrong_one,
    stays_closed_without_one,
    opens_with_a_user_and_password,
);

fn opens_with_the_right_password(pair: &Pair) {
    let primary = pair.primary().password("secret with spaces".replace(' ', "-").as_str()).start();
    let replica = pair.replica(&primary.address()).line("masterauth secret-with-spaces").start();
    await_link(&replica);
    write_every_kind(&mut primary.client(), 1);
    must_hold_the_same(&primary, &replica);
}

/// The link stays down with the reason in the log, and opens once the password is corrected.
fn stays_closed_with_a_wrong_one(pair: &Pair) {
    let primary = pair.primary().password("right").start();
    let replica = pair.replica(&primary.address()).line("masterauth wrong").start();
    replica.wait_for_log("WRONGPASS");
    assert_eq!(replica.info("replication").text("master_link_status"), "down");
    assert_eq!(counter(&primary, "sync_full"), 0);
    assert!(replica.client().run("CONFIG SET masterauth right").is_ok());
    await_link(&replica);
    must_hold_the_same(&primary, &replica);
}

fn stays_closed_without_one(pair: &Pair) {
    let primary = pair.primary().password("right").start();
    let replica = pair.replica(&primary.address()).start();
    replica.wait_for_log("NOAUTH");
    assert_eq!(replica.info("replication").text("master_link_status"), "down");
    assert!(replica.client().run("CONFIG SET masterauth right").is_ok());
    await_link(&replica);
}

/// `masteruser`: a user of its own at primaries that have users, the default user at those that do not yet.
fn opens_with_a_user_and_password(pair: &Pair) {
    let mut primary = pair.primary().password("right");
    let user = if pair.primary.is_ochre() { "default" } else { "follower" };
    if !pair.primary.is_ochre() {
        primary = primary.line("user follower on >right +psync +replconf +ping");
    }
    let primary = primary.start();
    let replica =
        pair.replica(&primary.address()).line(&format!("masteruser {user}")).line("masterauth right").start();
    await_link(&replica);
    write_every_kind(&mut primary.client(), 1);
    must_hold_the_same(&primary, &replica);
}
