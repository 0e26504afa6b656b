//! Links that cannot be made.

use testkit::{Network as _, Program, Server, free_port, skip, wait_until};

use super::{builder, must_name, namespaces, replica_of_port};
use crate::replication::rubbish::{FakePrimary, Lines, after_psync};

#[test]
fn nobody_listens() {
    must_name(&replica_of_port(free_port()), "a port where nobody listens", "nobody-listens");
}

#[test]
fn the_host_is_not_reached() {
    let Some(network) = namespaces(1) else { return };
    // A neighbour that is not there.
    let replica = network.place(0, builder().replica_of("10.77.0.99:6379")).start();
    must_name(&replica, "a host that does not answer", "unreachable");
}

#[test]
fn the_name_is_unknown() {
    let Some(network) = namespaces(1) else { return };
    let replica = network.place(0, builder().replica_of("nobody.invalid:6379")).start();
    must_name(&replica, "a name without an address", "unknown-name");
}

#[test]
fn the_password_is_wrong() {
    let primary = builder().password("right").start();
    let replica = builder().replica_of(&primary.address()).line("masterauth wrong").start();
    must_name(&replica, "a wrong password", "wrong-password");
}

#[test]
fn a_password_is_needed() {
    let primary = builder().password("right").start();
    let replica = builder().replica_of(&primary.address()).start();
    must_name(&replica, "no password", "password-needed");
}

/// Redis as the primary, for its users can be held narrow.
#[test]
fn the_user_may_not() {
    let Some(redis) = Program::redis_7() else { return skip("there is no redis-server here") };
    let user = "user follower on >right +replconf +ping";
    let primary = Server::builder(&redis).line(user).start();
    let login = "masteruser follower\nmasterauth right";
    let replica = builder().replica_of(&primary.address()).lines(login).start();
    must_name(&replica, "a user that may not PSYNC", "not-permitted");
}

#[test]
fn the_primary_loads() {
    let loading = b"-LOADING Redis is loading the dataset in memory\r\n";
    let on_psync = FakePrimary::start(after_psync(loading));
    must_name(&replica_of_port(on_psync.port), "a primary that loads, at PSYNC", "primary-loads");
    let at_once = FakePrimary::start(Lines { ping: loading.to_vec(), psync: Vec::new() });
    must_name(&replica_of_port(at_once.port), "a primary that loads, at PING", "primary-loads");
}

#[test]
fn the_middle_has_no_link() {
    let middle = replica_of_port(free_port());
    let end = builder().replica_of(&middle.address()).start();
    must_name(&end, "a primary that has no link to its own", "no-link-above");
}

#[test]
fn it_is_another_protocol() {
    let web = Lines { ping: b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec(), psync: Vec::new() };
    must_name(&replica_of_port(FakePrimary::start(web).port), "a web server", "not-understood");
}

#[test]
fn it_is_gone() {
    let mut primary = builder().start();
    let replica = builder().replica_of(&primary.address()).start();
    wait_until("the link is up", || replica.info("replication").text("master_link_status") == "up");
    primary.kill9();
    must_name(&replica, "a primary that was killed", "nobody-listens");
}
