//! Where a server listens, and whom it lets in.

use std::net::{TcpListener, UdpSocket};
use std::os::unix::fs::PermissionsExt;

use testkit::{Client, TestDirectory, check, free_port, skip, wait_until};

use crate::workers::{under_test, with_one_and_two_workers};

with_one_and_two_workers!(
    listens_on_a_unix_socket,
    listens_on_ipv6,
    listens_on_several_addresses,
    takes_a_backlog,
    passes_over_a_missing_optional_address,
    stops_at_a_missing_address,
    stops_at_a_taken_port,
    changes_its_addresses,
    is_protected_without_a_password,
);

fn listens_on_a_unix_socket(workers: u32) {
    let directory = TestDirectory::new();
    let path = directory.file("server.sock");
    let mut server = under_test(workers)
        .directory(&directory)
        .line(&format!("unixsocket {}", path.display()))
        .line("unixsocketperm 700")
        .start();
    let mut client = Client::connect_unix(&path);
    check(&mut client, "SET k v -> OK\nGET k -> \"v\"");
    assert!(client.run("CLIENT LIST").text().contains(&format!("addr={}:0", path.display())));
    let mode = path.metadata().expect("the socket is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
    assert!(server.terminate().success());
    assert!(!path.exists(), "the socket goes with the server");
}

fn listens_on_ipv6(workers: u32) {
    if TcpListener::bind(("::1", 0)).is_err() {
        return skip("this machine has no IPv6");
    }
    let server = under_test(workers).line("bind 127.0.0.1 ::1").start();
    let mut six = Client::connect(&format!("[::1]:{}", server.port()));
    check(&mut six, "PING -> PONG");
    assert!(six.run("CLIENT INFO").text().contains("addr=[::1]:"));
    check(&mut server.client(), "PING -> PONG");
}

fn listens_on_several_addresses(workers: u32) {
    let server = under_test(workers).line("bind 127.0.0.1 127.0.0.2").start();
    for host in ["127.0.0.1", "127.0.0.2"] {
        let mut client = Client::connect(&format!("{host}:{}", server.port()));
        assert!(client.run("CLIENT INFO").text().contains(&format!("laddr={host}:{}", server.port())));
    }
    assert!(Client::try_connect(&format!("127.0.0.3:{}", server.port())).is_err());
}

fn takes_a_backlog(workers: u32) {
    let server = under_test(workers).lines("tcp-backlog 7\ntcp-keepalive 60").start();
    check(
        &mut server.client(),
        "CONFIG GET tcp-backlog -> [\"tcp-backlog\", \"7\"]\nCONFIG SET tcp-keepalive 0 -> OK",
    );
    check(&mut server.client(), "PING -> PONG");
}

fn passes_over_a_missing_optional_address(workers: u32) {
    let server = under_test(workers).line("bind 127.0.0.1 -192.0.2.1 -2001:db8::1").start();
    check(&mut server.client(), "PING -> PONG");
}

fn stops_at_a_missing_address(workers: u32) {
    let failure = under_test(workers).line("bind 127.0.0.1 192.0.2.1").port(free_port()).refuses_to_start();
    failure.must_say(&["Failed listening on port"]);
}

fn stops_at_a_taken_port(workers: u32) {
    let taken = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let port = taken.local_addr().expect("bound").port();
    let failure = under_test(workers).port(port).try_start().err().expect("the port is taken");
    failure.must_say(&[&format!("Failed listening on port {port}"), "Address already in use"]);
}

fn changes_its_addresses(workers: u32) {
    let server = under_test(workers).start();
    let mut client = server.client();
    let port = server.port();
    check(&mut client, "CONFIG SET bind \"127.0.0.1 127.0.0.4\" -> OK\nPING -> PONG");
    check(
        &mut Client::connect(&format!("127.0.0.4:{port}")),
        "PING -> PONG\nCONFIG SET bind 127.0.0.1 -> OK",
    );
    wait_until("the address is closed", || Client::try_connect(&format!("127.0.0.4:{port}")).is_err());
    let refused = client.run("CONFIG SET bind 192.0.2.1");
    assert!(refused.text().contains("Failed to bind to specified addresses"), "{refused}");
    check(&mut server.client(), "PING -> PONG");
}

/// An address of this machine that is not the loopback's. No packet is sent to find it.
fn outer_address() -> Option<String> {
    let socket = UdpSocket::bind(("0.0.0.0", 0)).ok()?;
    socket.connect(("192.0.2.1", 9)).ok()?;
    let address = socket.local_addr().ok()?.ip();
    (!address.is_loopback() && !address.is_unspecified()).then(|| address.to_string())
}

fn is_protected_without_a_password(workers: u32) {
    let Some(host) = outer_address() else { return skip("this machine has only the loopback interface") };
    let server = under_test(workers).line("bind * -::*").start();
    let outside = format!("{host}:{}", server.port());
    let answer = String::from_utf8_lossy(&Client::connect(&outside).read_to_close()).into_owned();
    assert!(answer.starts_with("-DENIED ") && answer.contains("protected mode"), "{answer}");
    check(&mut server.client(), "PING -> PONG\nCONFIG SET protected-mode no -> OK");
    check(&mut Client::connect(&outside), "PING -> PONG");
    check(&mut server.client(), "CONFIG SET protected-mode yes -> OK\nCONFIG SET requirepass secret -> OK");
    check(&mut Client::connect(&outside), "PING -> NOAUTH Authentication required.\nAUTH secret -> OK");
}
