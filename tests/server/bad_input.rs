//! What is no request: Redis's error text or a closed connection, nobody else disturbed, no memory taken.

use testkit::{Client, Server, check, quoted};

use crate::workers::{under_test, with_one_and_two_workers};

with_one_and_two_workers!(
    oversized_lengths_are_refused,
    negative_counts_are_refused,
    nested_garbage_is_refused,
    unbalanced_quotes_are_refused,
    endless_lines_are_refused,
    noise_is_refused_or_closed,
    claimed_sizes_take_no_memory,
    unknown_commands_are_named,
    http_is_refused,
);

/// Sends bytes on a connection of their own and demands an answer and an end.
#[track_caller]
fn must_answer(server: &Server, bytes: &[u8], answer: &str) {
    let mut client = server.client();
    // The server may close before everything is sent.
    let _ = client.try_send(bytes);
    let answered = client.read_to_close();
    let shown = quoted(&bytes[..bytes.len().min(60)]);
    assert_eq!(String::from_utf8_lossy(&answered), answer, "answer to {shown}");
    check(&mut server.client(), "PING -> PONG");
}

fn oversized_lengths_are_refused(workers: u32) {
    let server = under_test(workers).start();
    for (bytes, text) in [
        ("*2147483648\r\n", "invalid multibulk length"),
        ("*99999999999999999999\r\n", "invalid multibulk length"),
        ("*abc\r\n", "invalid multibulk length"),
        ("*1 \r\n", "invalid multibulk length"),
        ("*1\r\n$536870913\r\n", "invalid bulk length"),
        ("*1\r\n$9223372036854775808\r\n", "invalid bulk length"),
        ("*1\r\n$abc\r\n", "invalid bulk length"),
        ("*1\r\n$\r\n", "invalid bulk length"),
    ] {
        must_answer(&server, bytes.as_bytes(), &format!("-ERR Protocol error: {text}\r\n"));
    }
}

fn negative_counts_are_refused(workers: u32) {
    let server = under_test(workers).start();
    must_answer(&server, b"*1\r\n$-1\r\n", "-ERR Protocol error: invalid bulk length\r\n");
    must_answer(&server, b"*2\r\n$3\r\nGET\r\n$-5\r\n", "-ERR Protocol error: invalid bulk length\r\n");
    // A count of zero or less asks for nothing.
    let mut client = server.client();
    client.send(b"*-5\r\n*0\r\nPING\r\n");
    assert_eq!(client.reply().text(), "PONG");
}

fn nested_garbage_is_refused(workers: u32) {
    let server = under_test(workers).start();
    for (bytes, found) in
        [("*1\r\n*1\r\n*1\r\n", '*'), ("*2\r\n$3\r\nGET\r\n:5\r\n", ':'), ("*1\r\nPING\r\n", 'P')]
    {
        must_answer(
            &server,
            bytes.as_bytes(),
            &format!("-ERR Protocol error: expected '$', got '{found}'\r\n"),
        );
    }
    let deep = "*1\r\n".repeat(100_000);
    must_answer(&server, deep.as_bytes(), "-ERR Protocol error: expected '$', got '*'\r\n");
}

fn unbalanced_quotes_are_refused(workers: u32) {
    let server = under_test(workers).start();
    for line in ["SET \"a b\r\n", "GET 'x\r\n", "GET \"a\"b\r\n", "GET 'a'b\r\n", "\"\r\n"] {
        must_answer(&server, line.as_bytes(), "-ERR Protocol error: unbalanced quotes in request\r\n");
    }
    // What stands before it in the same packet still counts.
    must_answer(
        &server,
        b"PING\r\nGET 'x\r\nPING\r\n",
        "+PONG\r\n-ERR Protocol error: unbalanced quotes in request\r\n",
    );
}

fn endless_lines_are_refused(workers: u32) {
    let server = under_test(workers).start();
    let long = |start: &str| [start.as_bytes(), &vec![b'1'; 70_000]].concat();
    must_answer(&server, &long("GET "), "-ERR Protocol error: too big inline request\r\n");
    must_answer(&server, &long("*"), "-ERR Protocol error: too big mbulk count string\r\n");
    must_answer(&server, &long("*1\r\n$"), "-ERR Protocol error: too big bulk count string\r\n");
}

/// Seeded noise of every kind; the server answers errors or closes, and lives.
fn noise_is_refused_or_closed(workers: u32) {
    let mut server = under_test(workers).start();
    let mut random = fastrand::Rng::with_seed(20_261);
    for _ in 0..300 {
        let mut client = server.client();
        let length = random.usize(1..2000);
        let bytes: Vec<u8> = if random.bool() {
            std::iter::repeat_with(|| random.u8(..)).take(length).collect()
        } else {
            let alphabet = b"*$:+-_,#0123456789\r\n\r\n\r\n GETSET'\"\\x";
            std::iter::repeat_with(|| alphabet[random.usize(..alphabet.len())]).take(length).collect()
        };
        let _ = client.try_send(&bytes);
        client.finish_sending();
        client.read_to_close();
    }
    assert!(server.is_running());
    check(&mut server.client(), "PING -> PONG");
}

/// Many connections that each claim a huge request and send a few bytes of it.
fn claimed_sizes_take_no_memory(workers: u32) {
    let server = under_test(workers).start();
    let before = server.resident_bytes();
    let mut clients = Vec::new();
    for _ in 0..50 {
        for claim in ["*1000000\r\n$3\r\nabc", "*2\r\n$4\r\nECHO\r\n$400000000\r\nabc"] {
            let mut client = server.client();
            client.send(claim.as_bytes());
            clients.push(client);
        }
    }
    check(&mut server.client(), "PING -> PONG");
    let grown = server.resident_bytes().saturating_sub(before);
    // Redis reserves address space by what was claimed, but touches little of it.
    assert!(grown < 100 << 20, "100 claims of some bytes took {grown} bytes");
}

fn unknown_commands_are_named(workers: u32) {
    let server = under_test(workers).start();
    let mut client = server.client();
    check(
        &mut client,
        "NOSUCH -> ERR unknown command 'NOSUCH', with args beginning with:
         nosuch a \"b c\" -> ERR unknown command 'nosuch', with args beginning with: 'a' 'b c'
         GET -> ERR wrong number of arguments for 'get' command
         GET a b -> ERR wrong number of arguments for 'get' command
         OBJECT NOSUCH k -> ERR unknown subcommand 'NOSUCH'. Try OBJECT HELP.
         CLIENT KILL -> ERR wrong number of arguments for 'client|kill' command
         \"\" -> ERR unknown command '', with args beginning with:",
    );
    let long = "x".repeat(5000);
    let text = client.command(&[&long, &long, "b"]).text();
    assert!(text.starts_with("ERR unknown command 'xxx") && text.len() < 400, "{text}");
    let with_line_end = client.command(&["a\r\nb", "c\r\nd"]).text();
    assert_eq!(with_line_end, "ERR unknown command 'a  b', with args beginning with: 'c  d' ");
}

/// A browser that is made to talk to the server must not get a command through.
fn http_is_refused(workers: u32) {
    let server = under_test(workers).start();
    for head in [
        "POST / HTTP/1.1\r\nHost: x\r\n\r\nSET evil 1\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\n\r\nSET evil 1\r\n",
    ] {
        let mut client: Client = server.client();
        client.send(head.as_bytes());
        client.read_to_close();
    }
    check(&mut server.client(), "EXISTS evil -> 0");
    server.wait_for_log("Possible SECURITY ATTACK detected");
}
