//! The client's copy of the data set: a whole file, from which a server starts with the same data.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use testkit::{Dataset, Program, Server, TestDirectory, target_program};

use crate::replication::workload::{write_every_kind, write_many};

#[test]
fn starts_a_server_with_the_same_data() {
    let server = Server::start(&Program::under_test());
    write_every_kind(&mut server.client(), 1);
    write_many(&mut server.client(), "many", 1000);
    let directory = TestDirectory::new();
    let client = env::var_os("OCHRE_CLI").map_or_else(|| target_program("ochre-cli"), PathBuf::from);
    let output = Command::new(client)
        .args(["-p", &server.port().to_string(), "--rdb"])
        .arg(directory.file("dump.rdb"))
        .output()
        .expect("it can be run");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("Transfer finished with success"), "{said}");
    assert_eq!(directory.names("."), ["dump.rdb"], "nothing else is left");
    let copy = Server::builder(&Program::under_test()).directory(&directory).start();
    Dataset::of(&server).must_equal(&Dataset::of(&copy), "the server and the one that started from its copy");
}
