//! Tests of the listening sockets, over real sockets on the loopback interface.
#![expect(clippy::disallowed_methods, reason = "tests look at real files")]

use super::*;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;

fn tcp(addresses: &[&str], port: u16) -> Result<Bound, ListenError> {
    let addresses: Vec<String> = addresses.iter().map(|&address| address.to_owned()).collect();
    listen_tcp(&TcpSettings { addresses: &addresses, port, backlog: 16, mark: 0 })
}

/// Accepts, when the connection is already there or about to be.
fn accept(listener: &Listener) -> Accepted {
    loop {
        if let Some(accepted) = listener.accept().expect("accepts") {
            return accepted;
        }
        std::thread::yield_now();
    }
}

fn temporary(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("ochre-listener-{}-{name}", std::process::id()))
}

#[test]
fn accepts_over_tcp_and_names_both_ends() {
    for (address, shown) in [("127.0.0.1", "127.0.0.1"), ("::1", "[::1]"), ("localhost", "127.0.0.1")] {
        let Ok(bound) = tcp(&[address], 0) else {
            assert_eq!(address, "::1", "only IPv6 may be missing");
            continue;
        };
        let listener = bound.listeners.first().expect("one");
        assert!(listener.accept().expect("nothing fails").is_none());
        let port = listener.port().expect("of TCP");
        let mut client = TcpStream::connect((shown.trim_matches(['[', ']']), port)).expect("connects");
        let mut accepted = accept(listener);
        tune(&accepted.stream, 300).expect("set");
        assert_eq!(accepted.local, format!("{shown}:{port}"));
        assert_eq!(accepted.peer, format!("{shown}:{}", client.local_addr().expect("bound").port()));
        assert!(accepted.is_local);
        let blocked = accepted.stream.read(&mut [0; 4]).expect_err("nothing was sent");
        assert_eq!(blocked.kind(), io::ErrorKind::WouldBlock);
        accepted.stream.write_all(b"ping").expect("sent");
        let mut bytes = [0; 4];
        client.read_exact(&mut bytes).expect("received");
        assert_eq!(&bytes, b"ping");
    }
}

#[test]
fn keepalive_is_derived_from_one_interval() {
    let bound = tcp(&["127.0.0.1"], 0).expect("bound");
    let listener = bound.listeners.first().expect("one");
    let _client = TcpStream::connect(("127.0.0.1", listener.port().expect("of TCP"))).expect("connects");
    let accepted = accept(listener);
    tune(&accepted.stream, 60).expect("set");
    let Stream::Tcp(stream) = &accepted.stream else { panic!("a TCP connection") };
    let socket = socket2::SockRef::from(stream);
    assert!(socket.keepalive().expect("read"));
    assert_eq!(socket.tcp_keepalive_time().expect("read"), Duration::from_secs(60));
    assert_eq!(socket.tcp_keepalive_interval().expect("read"), Duration::from_secs(20));
    assert_eq!(socket.tcp_keepalive_retries().expect("read"), 3);
    assert!(stream.nodelay().expect("read"));
}

#[test]
fn both_families_share_a_port() {
    let bound = tcp(&["*"], 0).expect("bound");
    let port = bound.listeners.first().and_then(Listener::port).expect("bound");
    let Ok(second) = tcp(&["::*"], port) else { return };
    assert_eq!(second.listeners.first().and_then(Listener::port), Some(port));
}

#[test]
fn a_taken_port_reads_as_it_should() {
    let bound = tcp(&["127.0.0.1"], 0).expect("bound");
    let port = bound.listeners.first().and_then(Listener::port).expect("bound");
    let error = tcp(&["-192.0.2.1", "127.0.0.1"], port).expect_err("taken");
    assert_eq!(error.to_string(), format!("Failed listening on port {port} (tcp), aborting."));
    let lines: Vec<String> = error.failures.iter().map(ToString::to_string).collect();
    let line = |address: &str, why: &str| {
        format!("Warning: Could not create server TCP listening socket {address}:{port}: bind: {why}")
    };
    assert_eq!(
        lines,
        [line("192.0.2.1", "Cannot assign requested address"), line("127.0.0.1", "Address already in use")]
    );
}

#[test]
fn only_optional_addresses_may_be_missing() {
    let bound = tcp(&["-192.0.2.1", "127.0.0.1"], 0).expect("one of two");
    assert_eq!((bound.listeners.len(), bound.missing.len()), (1, 1));
    assert_eq!(tcp(&["127.0.0.1", "192.0.2.1"], 0).expect_err("missing").failures.len(), 1);
    assert!(tcp(&[], 0).expect("nothing to do").listeners.is_empty());
}

#[test]
fn an_unknown_name_is_named() {
    let error = tcp(&["-no such host"], 7).expect_err("no name");
    let line = error.failures.first().expect("one").to_string();
    assert!(line.starts_with("Warning: Could not create server TCP listening socket no such host:7: "));
    assert!(!line.contains("failed to lookup") && !line.contains("os error"), "{line}");
}

#[test]
fn accepts_over_a_unix_socket_and_replaces_a_stale_one() {
    let path = temporary("stale");
    let settings = UnixSettings { path: &path, permission: 0o700, group: None, backlog: 16 };
    drop(UnixListener::bind(&path).expect("bound"));
    let listener = listen_unix(&settings).expect("bound");
    let mode = fs::metadata(&path).expect("there").permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
    let _client = UnixStream::connect(&path).expect("connects");
    let accepted = accept(&listener);
    tune(&accepted.stream, 300).expect("nothing to set");
    assert_eq!(accepted.peer, format!("{}:0", path.display()));
    assert_eq!(accepted.local, accepted.peer);
    assert!(accepted.is_local && listener.port().is_none());
    assert_eq!(listener.path(), Some(path.as_path()));
    fs::remove_file(&path).expect("removed");
}

#[test]
fn never_removes_a_file_that_is_no_socket() {
    let path = temporary("file");
    fs::write(&path, "precious").expect("written");
    let settings = UnixSettings { path: &path, permission: 0, group: None, backlog: 16 };
    let error = listen_unix(&settings).expect_err("taken");
    assert_eq!(error.to_string(), "Failed opening Unix socket: bind: Address already in use");
    assert_eq!(fs::read_to_string(&path).expect("still there"), "precious");
    fs::remove_file(&path).expect("removed");
}

#[test]
fn a_missing_folder_reads_as_it_should() {
    let path = temporary("none").join("a.sock");
    let settings = UnixSettings { path: &path, permission: 0, group: None, backlog: 16 };
    let error = listen_unix(&settings).expect_err("no folder");
    assert_eq!(error.to_string(), "Failed opening Unix socket: bind: No such file or directory");
}

#[test]
fn the_kernel_limits_the_backlog() {
    assert_eq!(backlog_limit(0), None);
    if let Some(limit) = backlog_limit(u32::MAX) {
        let line = backlog_warning(u32::MAX).expect("above the limit");
        assert!(line.ends_with(&format!("is set to the lower value of {limit}.")), "{line}");
        assert_eq!(backlog_warning(limit), None);
    }
}
