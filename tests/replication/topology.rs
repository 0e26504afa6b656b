//! `ochre-cli --replication`: the sentences about a primary and its replicas, from whichever of them is asked.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use testkit::{Server, target_program, wait_until};

use super::pairs::{Pair, await_in_step, with_every_peer};
use super::workload::write_many;

with_every_peer!(is_told_in_sentences);

/// What the client prints, and whether it found that all is well.
fn told(server: &Server) -> (String, bool) {
    let client = env::var_os("OCHRE_CLI").map_or_else(|| target_program("ochre-cli"), PathBuf::from);
    let output = Command::new(client).args(["-p", &server.port().to_string(), "--replication"]).output();
    let output = output.expect("it can be run");
    (String::from_utf8_lossy(&output.stdout).into_owned(), output.status.success())
}

fn is_told_in_sentences(pair: &Pair) {
    let mut primary = pair.primary().start();
    write_many(&mut primary.client(), "many", 300);
    let replica = pair.replica(&primary.address()).start();
    await_in_step(&primary, &replica);
    for asked in [&primary, &replica] {
        let (text, is_well) = told(asked);
        let mut lines = text.lines();
        let first = format!("{} is a primary; 300 keys, no log on disk, one replica.", primary.address());
        assert_eq!(lines.next(), Some(first.as_str()), "{text}");
        let second = lines.next().unwrap_or_default();
        assert!(
            second.starts_with(&format!("  {} follows {}, ", replica.address(), primary.address())),
            "{text}"
        );
        assert!(second.ends_with(" behind; 300 keys, no log on disk."), "{text}");
        assert!(is_well && text.ends_with("All is well.\n"), "{text}");
    }
    primary.kill9();
    wait_until("the replica has noticed", || {
        replica.info("replication").text("master_link_status") == "down"
    });
    let (text, is_well) = told(&replica);
    let problem = format!("{} has had no link to {} for ", replica.address(), primary.address());
    assert!(!is_well && text.contains("One thing is wrong:") && text.contains(&problem), "{text}");
}
