//! Whole runs against a server of a few lines.

use std::io::{Read, Write};
use std::net::TcpListener;

use net::stream::Address;

use super::*;

/// `PING` as the test sends it.
const PING: &[u8] = b"*1\r\n$4\r\nPING\r\n";

/// A server that answers every 14 bytes with `reply`.
fn serve(reply: &'static [u8]) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("bound");
    let port = listener.local_addr().expect("bound").port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let (mut bytes, mut pending) = ([0; 4096], 0);
                while let Ok(length @ 1..) = stream.read(&mut bytes) {
                    pending += length;
                    let replies = reply.repeat(pending / PING.len());
                    pending %= PING.len();
                    if stream.write_all(&replies).is_err() {
                        return;
                    }
                }
            });
        }
    });
    port
}

fn run_against(port: u16, options: Options) -> Result<Measured, LoadError> {
    let options = Options { address: Address::Tcp { host: "127.0.0.1".into(), port }, ..options };
    let workload = Workload { title: "PING".into(), request: PING.to_vec(), random_offsets: Vec::new() };
    run(&options, &workload, |_| {})
}

#[test]
fn sends_exactly_as_many_requests_as_asked() {
    let port = serve(b"+PONG\r\n");
    for (clients, pipeline, threads, keeps_alive) in
        [(1, 1, 0, true), (7, 16, 0, true), (5, 64, 3, true), (4, 8, 2, false)]
    {
        let options =
            Options { clients, pipeline, threads, keeps_alive, requests: 1003, ..Options::default() };
        let measured = run_against(port, options).expect("measured");
        assert_eq!(
            (measured.requests, measured.latencies.len()),
            (1003, 1003),
            "{clients} clients, {pipeline} at once"
        );
    }
}

#[test]
fn large_replies_are_counted_in_pieces() {
    static REPLY: std::sync::LazyLock<Vec<u8>> = std::sync::LazyLock::new(|| {
        [b"*2\r\n$200000\r\n".to_vec(), vec![b'x'; 200_000], b"\r\n:1\r\n".to_vec()].concat()
    });
    let options = Options { clients: 3, pipeline: 4, requests: 50, ..Options::default() };
    assert_eq!(run_against(serve(&REPLY), options).expect("measured").requests, 50);
}

#[test]
fn an_error_reply_ends_the_run() {
    let options = Options { threads: 2, requests: 1_000_000, ..Options::default() };
    match run_against(serve(b"-ERR unknown command\r\n"), options) {
        Err(LoadError::Reply(text)) => assert_eq!(text, "ERR unknown command"),
        other => panic!("{:?}", other.err()),
    }
}

#[test]
fn runs_as_long_as_asked() {
    let options = Options { duration: Some(Duration::from_millis(20)), requests: 1, ..Options::default() };
    let measured = run_against(serve(b"+PONG\r\n"), options).expect("measured");
    assert!(measured.elapsed >= Duration::from_millis(20) && measured.requests > 1);
}

#[test]
fn no_server_is_an_error() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("bound");
    let port = listener.local_addr().expect("bound").port();
    drop(listener);
    assert!(matches!(run_against(port, Options::default()), Err(LoadError::Connect(..))));
}
