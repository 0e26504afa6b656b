//! Requests as they come: inline, in pipelines, in pieces, binary, very many arguments.

use testkit::{Client, check};

use crate::workers::{under_test, with_one_and_two_workers};

with_one_and_two_workers!(
    takes_inline_commands,
    answers_pipelines_in_order,
    answers_any_number_of_requests_that_come_together,
    takes_a_request_cut_at_every_byte,
    forgets_a_request_that_breaks_off,
    takes_binary_keys_and_values,
    takes_a_hundred_thousand_arguments,
    takes_large_values,
    skips_empty_requests,
    runs_a_pipeline_of_both_kinds,
    closes_after_quit,
    serves_many_clients_at_once,
);

fn takes_inline_commands(workers: u32) {
    let server = under_test(workers).start();
    let mut client = server.client();
    for (line, reply) in [
        ("PING\r\n", "PONG"),
        ("  set   key\tvalue  \r\n", "OK"),
        ("GET key\n", "\"value\""),
        ("SET \"a key\" \"\\x00\\xff\\n\\\"\"\r\n", "OK"),
        ("GET \"a key\"\r\n", "\"\\x00\\xff\\n\\\"\""),
        ("SET single 'it\\'s \\n raw'\r\n", "OK"),
        ("GET single\r\n", "\"it's \\\\n raw\""),
        ("GET \"\"\r\n", "nil"),
        ("NOSUCH a b\r\n", "ERR unknown command 'NOSUCH', with args beginning with: 'a' 'b' "),
    ] {
        client.send(line.as_bytes());
        assert_eq!(client.reply().to_string(), reply, "{line:?}");
    }
}

fn answers_pipelines_in_order(workers: u32) {
    let server = under_test(workers).start();
    let mut client = server.client();
    let commands: Vec<Vec<String>> = (0..5000)
        .map(|number| match number % 3 {
            0 => vec!["INCR".to_owned(), "counter".to_owned()],
            1 => vec!["ECHO".to_owned(), number.to_string()],
            _ => vec!["GET".to_owned()],
        })
        .collect();
    for (number, reply) in client.pipeline(&commands).into_iter().enumerate() {
        let expected = match number % 3 {
            0 => (number / 3 + 1).to_string(),
            1 => format!("\"{number}\""),
            _ => "ERR wrong number of arguments for 'get' command".to_owned(),
        };
        assert_eq!(reply.to_string(), expected, "reply {number}");
    }
}

/// Many small requests come in one read, more than are parsed at once, and nothing comes after them that would wake the server;
/// in between one may wait.
fn answers_any_number_of_requests_that_come_together(workers: u32) {
    let server = under_test(workers).start();
    for count in [1, 511, 512, 513, 1024, 1025, 2500] {
        let mut client = server.client();
        client.send("PING\r\n".repeat(count).as_bytes());
        (0..count).for_each(|number| assert_eq!(client.reply().to_string(), "PONG", "{number} of {count}"));
        let mut client = server.client();
        let pings = "PING\r\n".repeat(count - 1);
        client.send(format!("{pings}BLPOP none 0.001\r\n{pings}").as_bytes());
        (1..count).for_each(|number| assert_eq!(client.reply().to_string(), "PONG", "{number} of {count}"));
        assert_eq!(client.reply().to_string(), "nil");
        (1..count).for_each(|number| assert_eq!(client.reply().to_string(), "PONG", "{number} of {count}"));
    }
}

/// Requests of every form, and what they are answered with.
const STREAM: &[u8] = b"*3\r\n$3\r\nSET\r\n$4\r\nk\r\n1\r\n$5\r\nv\x00\r\nx\r\n*1\r\n$4\r\nPING\r\nGET \"k\\r\\n1\"\r\n*2\r\n$4\r\nECHO\r\n$0\r\n\r\n";
const ANSWERS: [&str; 4] = ["OK", "PONG", "\"v\\x00\\r\\nx\"", "\"\""];

/// The same stream in two pieces, cut after every byte.
fn takes_a_request_cut_at_every_byte(workers: u32) {
    let server = under_test(workers).start();
    let mut other = server.client();
    for cut in 0..=STREAM.len() {
        let mut client = server.client();
        client.send(&STREAM[..cut]);
        // Another client's round trip gives the server time to see the first piece alone.
        check(&mut other, "PING -> PONG");
        client.send(&STREAM[cut..]);
        for expected in ANSWERS {
            assert_eq!(client.reply().to_string(), expected, "cut after byte {cut}");
        }
    }
}

/// The same stream broken off after every byte: whole requests count, the broken one leaves nothing behind.
fn forgets_a_request_that_breaks_off(workers: u32) {
    let server = under_test(workers).start();
    for cut in 0..STREAM.len() {
        let mut client = server.client();
        client.send(&STREAM[..cut]);
        client.finish_sending();
        let answered = client.read_to_close();
        assert!(!answered.starts_with(b"-"), "cut after byte {cut}: {}", testkit::quoted(&answered));
    }
    let mut client = server.client();
    check(&mut client, "DBSIZE -> 1\nPING -> PONG");
    testkit::wait_equal("connected clients", &1, || client.info("clients").number("connected_clients"));
}

fn takes_binary_keys_and_values(workers: u32) {
    let server = under_test(workers).start();
    let mut client = server.client();
    let every_byte: Vec<u8> = (0..=255).collect();
    let backwards: Vec<u8> = every_byte.iter().rev().copied().collect();
    assert!(client.command(&[b"SET".as_slice(), &every_byte, &backwards]).is_ok());
    assert_eq!(client.command(&[b"GET".as_slice(), &every_byte]).bytes(), Some(backwards));
    assert_eq!(client.command(&["KEYS", "*"]).array().remove(0).bytes(), Some(every_byte));
    check(&mut client, "SET \"\" empty -> OK\nGET \"\" -> \"empty\"\nEXISTS \"\" -> 1");
}

fn takes_a_hundred_thousand_arguments(workers: u32) {
    let server = under_test(workers).start();
    let mut client = server.client();
    let mut mset = vec!["MSET".to_owned()];
    for number in 0..50_000 {
        mset.extend([format!("key:{number}"), format!("value:{number}")]);
    }
    assert!(client.command(&mset).is_ok());
    let keys: Vec<&str> = mset.iter().skip(1).step_by(2).map(String::as_str).collect();
    let with = |name| [&[name], &keys[..], &keys[..]].concat();
    let values = client.command(&with("MGET")).array();
    assert_eq!((values.len(), values[99_999].to_string()), (100_000, "\"value:49999\"".to_owned()));
    assert_eq!(client.command(&with("EXISTS")).integer(), 100_000);
    let refused = client.command(&with("GET")).text();
    assert_eq!(refused, "ERR wrong number of arguments for 'get' command");
    let unknown = client.command(&with("NOSUCH")).text();
    assert!(unknown.len() < 1000, "an error text of {} bytes", unknown.len());
    assert_eq!(client.command(&with("DEL")).integer(), 50_000);
    check(&mut client, "DBSIZE -> 0");
}

fn takes_large_values(workers: u32) {
    let server = under_test(workers).start();
    let mut client = server.client();
    for length in [16 * 1024 - 1, 32 * 1024, 32 * 1024 + 1, 1 << 20, 64 << 20] {
        let value: Vec<u8> = (0..length).map(|position| (position % 251) as u8).collect();
        assert!(client.command(&[b"SET".as_slice(), b"large", &value]).is_ok());
        assert!(
            client.command(&["GET", "large"]).bytes() == Some(value),
            "{length} bytes come back unchanged"
        );
    }
}

fn skips_empty_requests(workers: u32) {
    let server = under_test(workers).start();
    let mut client = server.client();
    client.send(b"\r\n\r\n\n*0\r\n*-1\r\n\r\n*1\r\n$4\r\nPING\r\n");
    assert_eq!(client.reply().text(), "PONG");
    assert!(!client.is_closed());
}

fn runs_a_pipeline_of_both_kinds(workers: u32) {
    let server = under_test(workers).start();
    let mut client = server.client();
    let mut bytes = Vec::new();
    for _ in 0..200 {
        bytes.extend_from_slice(b"INCR n\r\n");
        bytes.extend_from_slice(&Client::encode(&["INCR", "n"]));
    }
    client.send(&bytes);
    for expected in 1..=400 {
        assert_eq!(client.reply().integer(), expected);
    }
}

fn closes_after_quit(workers: u32) {
    let server = under_test(workers).start();
    let mut client = server.client();
    client.send(b"SET a 1\r\nQUIT\r\nSET b 2\r\n");
    assert_eq!(client.read_to_close(), b"+OK\r\n+OK\r\n");
    check(&mut server.client(), "EXISTS a b -> 1");
}

/// Each counts on its own key and all count on one: no increment is lost.
fn serves_many_clients_at_once(workers: u32) {
    let server = under_test(workers).start();
    std::thread::scope(|scope| {
        for number in 0..20 {
            let server = &server;
            scope.spawn(move || {
                let mut client = server.client();
                let own = ["INCR".to_owned(), format!("own:{number}")];
                let all = ["INCR".to_owned(), "all".to_owned()];
                for turn in 1..=500 {
                    assert_eq!(client.command(&own).integer(), turn);
                    client.command(&all);
                }
            });
        }
    });
    check(&mut server.client(), "GET all -> \"10000\"\nGET own:7 -> \"500\"");
}
