//! `info replication` beside a real server's: the same names in the same order.

use testkit::{Info, Program, Server, skip, wait_equal, wait_until};

/// INFO replication of a master and its slave in the states that the guide passes through.
fn states_of(program: &Program) -> Vec<(&'static str, Info)> {
    let mut master = Server::start(program);
    let alone = master.info("replication");
    let slave = Server::builder(program).replica_of(&master.address()).start();
    wait_equal("the link", &"up".to_owned(), || {
        slave.info("replication").text("master_link_status").to_owned()
    });
    wait_until("the slave is online", || master.info("replication").text("slave0").contains("state=online"));
    let (with_slave, following) = (master.info("replication"), slave.info("replication"));
    master.kill9();
    wait_equal("the link", &"down".to_owned(), || {
        slave.info("replication").text("master_link_status").to_owned()
    });
    let cut_off = slave.info("replication");
    vec![
        ("a master alone", alone),
        ("a master with a slave", with_slave),
        ("a slave", following),
        ("a slave without its master", cut_off),
    ]
}

/// Whether `wanted` is in `found`, in this order; more may lie between.
fn in_order(wanted: &[&str], found: &[&str]) -> bool {
    let mut found = found.iter();
    wanted.iter().all(|name| found.any(|other| other == name))
}

#[test]
fn have_the_real_servers_names_and_order() {
    let Some(redis) = Program::redis_7() else { return skip("there is no redis-server on PATH") };
    let ours = states_of(&Program::under_test());
    for ((state, real), (_, own)) in states_of(&redis).iter().zip(&ours) {
        assert!(
            in_order(&real.names(), &own.names()),
            "{state}: {:?} but Redis has {:?}",
            own.names(),
            real.names()
        );
        let keys = |info: &Info| -> Vec<String> {
            info.text("slave0")
                .split(',')
                .map(|part| part.split('=').next().unwrap_or_default().to_owned())
                .collect()
        };
        assert!(
            keys(own).starts_with(&keys(real)),
            "{state}: slave0 has {:?}, Redis {:?}",
            keys(own),
            keys(real)
        );
    }
}

#[test]
fn begin_with_the_values_of_a_fresh_master() {
    let info = Server::start(&Program::under_test()).info("replication");
    assert_eq!(info.text("role"), "master");
    assert_eq!(info.text("master_failover_state"), "no-failover");
    assert_eq!(info.text("master_replid").len(), 40);
    assert_eq!(info.text("master_replid2"), "0".repeat(40));
    assert_eq!(info.text("second_repl_offset"), "-1");
    assert!(info.number("repl_backlog_size") >= 1 << 20);
}
