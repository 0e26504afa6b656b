//! Limits on clients: before a password, of buffers, of numbers, of time.

use std::time::Duration;

use testkit::{Client, check, wait_until};

use crate::workers::{under_test, with_one_and_two_workers};

with_one_and_two_workers!(
    little_is_taken_before_the_password,
    query_buffers_are_limited,
    bulk_lengths_are_limited,
    output_buffers_are_limited,
    soft_output_limits_wait_for_their_time,
    a_reply_without_end_is_cut_off,
    a_monitor_that_does_not_read_is_cut_off,
    clients_are_limited,
    idle_clients_are_closed,
    a_client_that_does_not_read_harms_nobody,
);

fn little_is_taken_before_the_password(workers: u32) {
    let server = under_test(workers).line("requirepass secret").start();
    for (bytes, text) in [
        ("*11\r\n", "-ERR Protocol error: unauthenticated multibulk length\r\n"),
        ("*2\r\n$4\r\nAUTH\r\n$16385\r\n", "-ERR Protocol error: unauthenticated bulk length\r\n"),
    ] {
        let mut client = Client::connect(&server.address());
        client.send(bytes.as_bytes());
        assert_eq!(String::from_utf8_lossy(&client.read_to_close()), text);
    }
    let mut client = Client::connect(&server.address());
    let refused = client.run("HELLO 3").text();
    assert!(
        refused.starts_with("NOAUTH HELLO must be called with the client already authenticated"),
        "{refused}"
    );
    check(
        &mut client,
        "PING -> NOAUTH Authentication required.
         SET k v -> NOAUTH Authentication required.
         NOSUCH -> ERR unknown command 'NOSUCH', with args beginning with:
         GET -> ERR wrong number of arguments for 'get' command
         RESET -> RESET
         AUTH secret -> OK
         PING -> PONG",
    );
    assert!(client.command(&["ECHO", &"x".repeat(20_000)]).text().len() == 20_000);
    check(&mut client, "RESET -> RESET\nPING -> NOAUTH Authentication required.\nQUIT -> OK");
}

fn query_buffers_are_limited(workers: u32) {
    let server = under_test(workers).line("client-query-buffer-limit 1mb").start();
    let mut client = server.client();
    // Many small arguments: no single one is too long, together they are.
    let mut bytes = b"*100000\r\n".to_vec();
    for _ in 0..99_999 {
        bytes.extend_from_slice(b"$40\r\n");
        bytes.extend_from_slice(&[b'x'; 40]);
        bytes.extend_from_slice(b"\r\n");
    }
    let sent = client.try_send(&[b"*2\r\n$4\r\nECHO\r\n$3000000\r\n".as_slice(), &bytes].concat());
    let answered = if sent.is_ok() { client.read_to_close() } else { Vec::new() };
    assert_eq!(String::from_utf8_lossy(&answered), "");
    server.wait_for_log("query buffer");
    check(&mut server.client(), "PING -> PONG");
}

fn bulk_lengths_are_limited(workers: u32) {
    let server = under_test(workers).line("proto-max-bulk-len 1mb").start();
    let mut client = server.client();
    client.send(b"*2\r\n$4\r\nECHO\r\n$1048577\r\n");
    assert_eq!(client.read_to_close(), b"-ERR Protocol error: invalid bulk length\r\n");
    let mut client = server.client();
    assert_eq!(client.command(&["ECHO", &"x".repeat(1 << 20)]).text().len(), 1 << 20);
    check(
        &mut client,
        "SETRANGE k 1048576 x -> ERR string exceeds maximum allowed size (proto-max-bulk-len)
         CONFIG SET proto-max-bulk-len 2mb -> OK",
    );
    assert!(client.command(&["SET", "k", &"x".repeat(3 << 19)]).is_ok());
}

/// Asks for far more than the limit without reading; the connection ends before all of it was sent.
fn output_buffers_are_limited(workers: u32) {
    let server = under_test(workers).line("client-output-buffer-limit normal 1mb 0 0").start();
    let mut client = server.client();
    assert!(client.command(&["SET", "large", &"x".repeat(100_000)]).is_ok());
    client.send(&Client::encode(&["GET", "large"]).repeat(500));
    let mut other = server.client();
    wait_until("the client that does not read is closed", || {
        !other.run("CLIENT LIST").text().contains("cmd=get")
    });
    assert!(client.read_to_close().len() < 400 * 100_000);
    server.wait_for_log("output buffer limits");
    check(&mut other, "CONFIG SET client-output-buffer-limit \"normal 0 0 0\" -> OK");
}

/// The same element as often as is asked for: the reply ends with the connection, not with the memory.
fn a_reply_without_end_is_cut_off(workers: u32) {
    let server = under_test(workers).line("client-output-buffer-limit normal 1mb 0 0").start();
    for (fill, request) in [
        ("SADD s 1", "SRANDMEMBER s -1000000000"),
        ("HSET h a 1", "HRANDFIELD h -1000000000 WITHVALUES"),
        ("ZADD z 1 a", "ZRANDMEMBER z -1000000000"),
    ] {
        let mut client = server.client();
        client.run(fill);
        client.send(&Client::encode(&request.split(' ').collect::<Vec<_>>()));
        assert!(client.read_to_close().len() < 100_000_000, "{request}");
    }
    check(&mut server.client(), "PING -> PONG");
}

fn a_monitor_that_does_not_read_is_cut_off(workers: u32) {
    let server = under_test(workers).line("client-output-buffer-limit normal 1mb 0 0").start();
    let (mut monitor, mut client) = (server.client(), server.client());
    monitor.run("MONITOR");
    let text = "x".repeat(100_000);
    wait_until("the monitor that does not read is closed", || {
        client.command(&["SET", "k", &text]);
        !client.run("CLIENT LIST").text().contains("cmd=monitor")
    });
    check(&mut client, "PING -> PONG");
}

fn soft_output_limits_wait_for_their_time(workers: u32) {
    let server = under_test(workers).line("client-output-buffer-limit normal 0 1mb 1").start();
    let mut client = server.client();
    assert!(client.command(&["SET", "large", &"x".repeat(100_000)]).is_ok());
    client.send(&Client::encode(&["GET", "large"]).repeat(300));
    let mut other = server.client();
    wait_until("its requests are being answered", || other.run("CLIENT LIST").text().contains("cmd=get"));
    wait_until("the client that does not read is closed", || {
        !other.run("CLIENT LIST").text().contains("cmd=get")
    });
    let read = client.read_to_close().len();
    assert!(read < 300 * 100_000, "{read} bytes were sent");
}

fn clients_are_limited(workers: u32) {
    let server = under_test(workers).line("maxclients 5").start();
    let mut first = server.client();
    // Whoever looked whether the server is up may not be gone yet.
    wait_until("it is alone", || first.run("CLIENT LIST").text().lines().count() == 1);
    let mut clients: Vec<Client> = std::iter::once(first).chain((1..5).map(|_| server.client())).collect();
    clients.iter_mut().for_each(|client| check(client, "PING -> PONG"));
    let mut refused = server.client();
    assert_eq!(refused.read_to_close(), b"-ERR max number of clients reached\r\n");
    assert_eq!(clients[0].info("stats").number("rejected_connections"), 1);
    clients.pop();
    wait_until("there is room again", || {
        server.client().try_command(&["PING"]).is_ok_and(|reply| reply.to_string() == "PONG")
    });
    check(&mut clients[0], "CONFIG SET maxclients 6 -> OK");
}

fn idle_clients_are_closed(workers: u32) {
    let server = under_test(workers).line("timeout 1").start();
    let mut idle = server.client();
    let mut busy = server.client();
    check(&mut idle, "PING -> PONG");
    wait_until("the idle client is closed", || {
        check(&mut busy, "PING -> PONG");
        idle.is_closed()
    });
    check(&mut busy, "CONFIG SET timeout 0 -> OK");
}

/// Others are served while one connection's replies pile up.
fn a_client_that_does_not_read_harms_nobody(workers: u32) {
    let server = under_test(workers).start();
    let mut lazy = server.client();
    assert!(lazy.command(&["SET", "large", &"x".repeat(100_000)]).is_ok());
    lazy.send(&Client::encode(&["GET", "large"]).repeat(400));
    let mut other = server.client();
    other.set_reply_deadline(Duration::from_secs(20));
    for number in 1..=200 {
        assert_eq!(other.run("INCR n").integer(), number);
    }
    for _ in 0..400 {
        assert_eq!(lazy.reply().text().len(), 100_000);
    }
}
