//! MONITOR: every request as a line.

use testkit::{Client, TestDirectory, check};

use crate::workers::{under_test, with_one_and_two_workers};

with_one_and_two_workers!(shows_what_others_do, sees_the_unix_socket);

/// The next line, without its time.
fn line(monitor: &mut Client) -> String {
    let line = monitor.read_line();
    let (time, rest) = line.split_once(' ').expect("a time and the rest");
    let (seconds, us) = time.split_once('.').expect("seconds and microseconds");
    assert!(seconds.starts_with("+1") && us.len() == 6, "{line}");
    rest.to_owned()
}

fn shows_what_others_do(workers: u32) {
    let server = under_test(workers).start();
    let mut monitor = server.client();
    check(&mut monitor, "MONITOR -> OK");
    let mut client = server.client();
    check(
        &mut client,
        "SELECT 5 -> OK
         SET k \"a \\\"b\\\"\\x00\" -> OK
         CONFIG GET port
         AUTH default secret
         GET k",
    );
    let lines: Vec<String> = (0..4).map(|_| line(&mut monitor)).collect();
    let texts: Vec<&str> =
        lines.iter().filter_map(|line| line.split_once("] ").map(|(_, text)| text)).collect();
    let expected = [
        r#""SELECT" "5""#,
        r#""SET" "k" "a \"b\"\x00""#,
        r#""AUTH" "(redacted)" "(redacted)""#,
        r#""GET" "k""#,
    ];
    assert_eq!(texts, expected);
    assert!(lines.iter().all(|line| line.starts_with("[5 127.0.0.1:")), "{lines:?}");
    check(&mut monitor, "RESET -> RESET\nGET k -> nil");
    check(&mut client, "SET k w -> OK");
    check(&mut monitor, "GET k -> nil");
}

fn sees_the_unix_socket(workers: u32) {
    let folder = TestDirectory::new();
    let path = folder.file("ochre.sock");
    let server = under_test(workers).line(&format!("unixsocket {}", path.display())).start();
    let mut monitor = server.client();
    check(&mut monitor, "MONITOR -> OK");
    let mut client = Client::connect_unix(&path);
    check(&mut client, "PING -> PONG");
    let line = line(&mut monitor);
    assert!(line.starts_with("[0 unix:") && line.ends_with("ochre.sock] \"PING\""), "{line}");
}
