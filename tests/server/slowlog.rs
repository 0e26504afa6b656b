//! SLOWLOG and COMMANDLOG of the running server: what is kept of which requests, and the times that they are said to take.

use testkit::{Client, Reply, skip};

use crate::workers::{under_test, with_one_and_two_workers};

with_one_and_two_workers!(
    keeps_requests_with_their_client,
    time_between_requests_is_nobodys,
    transactions_are_kept_by_their_commands,
    large_requests_and_replies,
);

/// The entries of a log: measure and words.
fn entries(client: &mut Client, request: &str) -> Vec<(i64, String)> {
    let shown = |entry: Reply| {
        let fields = entry.array();
        let words: Vec<String> = fields[3].clone().array().iter().map(Reply::text).collect();
        (fields[2].integer(), words.join(" "))
    };
    client.run(request).array().into_iter().map(shown).collect()
}

fn keeps_requests_with_their_client(workers: u32) {
    let server = under_test(workers).start();
    let mut client = server.client();
    client.run("CLIENT SETNAME me");
    client.run("CONFIG SET slowlog-log-slower-than 0 slowlog-max-len 3");
    client.run("SLOWLOG RESET");
    for request in ["DEBUG SLEEP 0.005", "SET k v", "NOSUCH", "GET k x", "AUTH wrong"] {
        client.run(request);
    }
    let address = client.run("CLIENT INFO").text();
    let address = address.split("addr=").nth(1).and_then(|rest| rest.split(' ').next()).expect("an address");
    let kept = client.run("SLOWLOG GET 3").array();
    let last = kept[1].clone().array();
    assert_eq!((last[4].text(), last[5].text()), (address.to_owned(), "me".to_owned()));
    let words: Vec<String> = last[3].clone().array().iter().map(Reply::text).collect();
    assert_eq!(words, ["AUTH", "(redacted)"]);
    assert_eq!(kept.len(), 3);
    assert_eq!(client.run("SLOWLOG LEN").integer(), 3);
    client.run("CONFIG SET slowlog-log-slower-than 4000 slowlog-max-len 100");
    client.run("SLOWLOG RESET");
    client.run("DEBUG SLEEP 0.005");
    let kept = entries(&mut client, "SLOWLOG GET -1");
    assert!(kept.iter().any(|(us, words)| *us >= 5000 && words == "DEBUG SLEEP 0.005"), "{kept:?}");
}

/// A client that waits, and a server that waits for requests, take nobody's time.
fn time_between_requests_is_nobodys(workers: u32) {
    let server = under_test(workers).start();
    let (mut client, mut other) = (server.client(), server.client());
    client.run("CONFIG SET slowlog-log-slower-than 250000");
    assert_eq!(client.run("BLPOP none 0.3"), Reply::Nil);
    client.run("SET k v");
    other.send(&Client::encode(&["BLPOP", "l", "0"]));
    testkit::wait_until("the other waits", || client.info("clients").number("blocked_clients") == 1);
    client.run("BLPOP none 0.3");
    client.run("RPUSH l a");
    assert_eq!(other.reply().array().len(), 2);
    client.run("PING");
    assert_eq!(entries(&mut client, "SLOWLOG GET -1"), []);
}

fn transactions_are_kept_by_their_commands(workers: u32) {
    let server = under_test(workers).start();
    let mut client = server.client();
    client.run("CONFIG SET slowlog-log-slower-than 0");
    client.run("SLOWLOG RESET");
    for request in ["MULTI", "SET k v", "DEBUG SLEEP 0.003", "GET k", "EXEC"] {
        client.run(request);
    }
    let kept = entries(&mut client, "SLOWLOG GET 4");
    let words: Vec<&str> = kept.iter().map(|(_, words)| words.as_str()).collect();
    assert_eq!(words, ["GET k", "DEBUG SLEEP 0.003", "SET k v", "MULTI"]);
    assert!(kept[1].0 >= 3000, "{kept:?}");
    let exec = client.info("commandstats").text("cmdstat_exec").to_owned();
    let us: i64 = exec
        .split("usec=")
        .nth(1)
        .and_then(|rest| rest.split(',').next())
        .and_then(|us| us.parse().ok())
        .expect("a number");
    assert!(us >= 3000, "EXEC takes the time of what it runs: {exec}");
}

fn large_requests_and_replies(workers: u32) {
    let server = under_test(workers).start();
    let mut client = server.client();
    if client.run("COMMANDLOG LEN slow").is_error() {
        return skip("COMMANDLOG is a command of Valkey");
    }
    client.run("CONFIG SET commandlog-request-larger-than 5000 commandlog-reply-larger-than 5000");
    let value = "x".repeat(6000);
    client.command(&["SET", "k", &value]);
    client.run("GET k");
    client.run("GET nosuch");
    let begin = format!("{}... (5872 more bytes)", &value[..128]);
    let requests = entries(&mut client, "COMMANDLOG GET -1 large-request");
    assert_eq!(requests, [(6000 + 29, format!("SET k {begin}"))]);
    assert_eq!(entries(&mut client, "COMMANDLOG GET -1 large-reply"), [(6000 + 9, "GET k".to_owned())]);
}
