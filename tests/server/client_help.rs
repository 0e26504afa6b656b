//! The client's help: what is built in says what a server of the same release says.

use std::env;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use testkit::{Program, Server, free_port, target_program};

/// What the client prints for a line, talking to a port.
fn said(port: u16, line: &str) -> String {
    let client = env::var_os("OCHRE_CLI").map_or_else(|| target_program("ochre-cli"), PathBuf::from);
    let mut child = Command::new(client)
        .args(["-p", &port.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("it can be run");
    writeln!(child.stdin.take().expect("piped"), "{line}").expect("it reads");
    String::from_utf8_lossy(&child.wait_with_output().expect("it ends").stdout).into_owned()
}

#[test]
fn is_the_same_with_and_without_a_server() {
    let program = Program::under_test();
    if !program.is_ochre() {
        return;
    }
    let server = Server::start(&program);
    for line in ["help get", "help set", "help config", "help @generic", "help @server", "help nosuch"] {
        assert_eq!(said(server.port(), line), said(free_port(), line), "{line}");
    }
    assert!(said(free_port(), "help set").contains("key value ["));
}
