//! The guide's session on a terminal: prompts and answers look the same in both clients.

use std::env;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use testkit::{Program, Server, find_on_path, skip, target_program};

/// Runs a client on a terminal of its own and types lines into it; returns what the terminal shows. The terminal is a
/// dumb one without echo: what line editors draw while a person types differs by design.
fn on_a_terminal(client: &Path, arguments: &str, lines: &[&str]) -> String {
    let command = format!("stty -echo; exec {} {arguments}", client.display());
    let mut script = Command::new("script")
        .args(["-qec", &command, "/dev/null"])
        .env("TERM", "dumb")
        .env("HOME", "/nonexistent")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("`script` of bsdutils can be run");
    let mut input = script.stdin.take().expect("a pipe was asked for");
    let typed: String = lines.iter().flat_map(|line| [*line, "\n"]).collect();
    input.write_all(typed.as_bytes()).expect("the terminal takes input");
    drop(input);
    let output = script.wait_with_output().expect("the client ends with `quit`");
    let shown = String::from_utf8_lossy(&output.stdout).replace('\r', "");
    // What was typed before the terminal stopped echoing shows, or not, as chance has it.
    shown.split_inclusive('\n').filter(|line| !lines.contains(&line.trim_end())).collect()
}

/// What a client shows for the guide's steps at a fresh server, with its port masked.
fn shown_by(client: &Path) -> Vec<String> {
    let server =
        Server::builder(&Program::under_test()).line("requirepass your_redis_master_password").start();
    let port = server.port();
    let session = on_a_terminal(
        client,
        &format!("-p {port}"),
        &[
            "get test",
            "auth your_redis_master_password",
            "set test 'this key was defined on the master server'",
            "get test",
            "get \"missing\"",
            "select 3",
            "incr counter",
            "slaveof no one",
            "mget counter missing",
            "client getname",
            "no-such-command a b",
            "quit",
        ],
    );
    let with_password = format!("-p {port} -a your_redis_master_password");
    let mut shown = vec![session];
    for arguments in ["get test", "-n 3 get counter", "--raw get test", "--no-auth-warning get missing"] {
        shown.push(on_a_terminal(client, &format!("{with_password} {arguments}"), &[]));
    }
    let address = format!(":{port}");
    shown.iter().map(|text| without_times(&text.replace(&address, ":PORT"))).collect()
}

/// Both clients tell how long a reply took if it was half a second or more: `(1.05s)`.
fn without_times(text: &str) -> String {
    let is_time =
        |line: &str| line.strip_prefix('(').and_then(|line| line.strip_suffix("s)")).is_some_and(is_number);
    text.split_inclusive('\n').filter(|line| !is_time(line.trim_end())).collect()
}

fn is_number(text: &str) -> bool {
    text.parse::<f64>().is_ok()
}

#[test]
fn looks_the_same_in_both_clients() {
    let Some(redis_cli) = find_on_path("redis-cli") else { return skip("there is no redis-cli on PATH") };
    if find_on_path("script").is_none() {
        return skip("there is no `script` program to make a terminal with");
    }
    let ours = env::var_os("OCHRE_TEST_CLI").map_or_else(|| target_program("ochre-cli"), PathBuf::from);
    for (own, real) in shown_by(&ours).iter().zip(shown_by(&redis_cli)) {
        assert_eq!(*own, real, "left {}, right {}", ours.display(), redis_cli.display());
    }
}
