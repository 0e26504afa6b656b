//! CONFIG GET, SET, REWRITE and RESETSTAT.

use testkit::{Client, check, wait_until};

use crate::workers::{under_test, with_one_and_two_workers};

with_one_and_two_workers!(
    gets_by_pattern,
    sets_several_at_once,
    sets_all_or_nothing,
    refuses_with_the_reason,
    rewrites_the_file,
    cannot_rewrite_without_a_file,
    resets_statistics,
    changes_the_port,
    changes_the_password,
);

fn gets_by_pattern(workers: u32) {
    let server = under_test(workers).start();
    check(
        &mut server.client(),
        r#"CONFIG GET tcp-keep* -> ["tcp-keepalive", "300"]
           CONFIG GET TCP-KEEPALIVE -> ["TCP-KEEPALIVE", "300"]
           CONFIG GET no-such-option -> []"#,
    );
    let mut both = pairs(&mut server.client(), &["CONFIG", "GET", "databases", "tcp-keepalive", "database?"]);
    both.sort();
    assert_eq!(
        both,
        [("databases".to_owned(), "16".to_owned()), ("tcp-keepalive".to_owned(), "300".to_owned())]
    );
    let all = pairs(&mut server.client(), &["CONFIG", "GET", "*"]);
    for name in
        ["port", "bind", "appendonly", "appendfsync", "save", "maxmemory-policy", "replica-read-only", "dir"]
    {
        assert!(all.iter().any(|(found, _)| found == name), "CONFIG GET * has {name}");
    }
}

/// A flat array of names and values as pairs.
fn pairs(client: &mut Client, command: &[&str]) -> Vec<(String, String)> {
    let flat: Vec<String> = client.command(command).array().iter().map(testkit::Reply::text).collect();
    flat.chunks(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect()
}

fn sets_several_at_once(workers: u32) {
    let server = under_test(workers).start();
    check(
        &mut server.client(),
        r#"CONFIG SET maxmemory 10mb APPENDFSYNC always timeout 33 -> OK
           CONFIG GET maxmemory -> ["maxmemory", "10485760"]
           CONFIG GET appendfsync -> ["appendfsync", "always"]
           CONFIG GET timeout -> ["timeout", "33"]
           CONFIG SET save "900 1 300 10" -> OK
           CONFIG GET save -> ["save", "900 1 300 10"]
           CONFIG SET save "" -> OK
           CONFIG GET save -> ["save", ""]"#,
    );
}

fn sets_all_or_nothing(workers: u32) {
    let server = under_test(workers).start();
    check(
        &mut server.client(),
        r#"CONFIG SET timeout 44 maxmemory-policy bad -> ERR CONFIG SET failed (possibly related to argument 'maxmemory-policy') - argument(s) must be one of the following: volatile-lru, volatile-lfu, volatile-random, volatile-ttl, allkeys-lru, allkeys-lfu, allkeys-random, noeviction
           CONFIG GET timeout -> ["timeout", "0"]
           CONFIG SET timeout 44 no-such-option 1 -> ERR Unknown option or number of arguments for CONFIG SET - 'no-such-option'
           CONFIG SET timeout 44 timeout 45 -> ERR CONFIG SET failed (possibly related to argument 'timeout') - duplicate parameter
           CONFIG GET timeout -> ["timeout", "0"]"#,
    );
}

fn refuses_with_the_reason(workers: u32) {
    let server = under_test(workers).start();
    check(
        &mut server.client(),
        "CONFIG SET databases 4 -> ERR CONFIG SET failed (possibly related to argument 'databases') - can't set immutable config
         CONFIG SET timeout -1 -> ERR CONFIG SET failed (possibly related to argument 'timeout') - argument must be between 0 and 2147483647 inclusive
         CONFIG SET timeout x -> ERR CONFIG SET failed (possibly related to argument 'timeout') - argument couldn't be parsed into an integer
         CONFIG SET maxmemory 12xx -> ERR CONFIG SET failed (possibly related to argument 'maxmemory') - argument must be a memory value
         CONFIG SET appendonly ja -> ERR CONFIG SET failed (possibly related to argument 'appendonly') - argument must be 'yes' or 'no'
         CONFIG SET port 99999 -> ERR CONFIG SET failed (possibly related to argument 'port') - argument must be between 0 and 65535 inclusive
         CONFIG SET timeout -> ERR wrong number of arguments for 'config|set' command
         CONFIG SET timeout 1 maxmemory -> ERR syntax error
         CONFIG GET -> ERR wrong number of arguments for 'config|get' command
         CONFIG -> ERR wrong number of arguments for 'config' command
         CONFIG NOPE -> ERR unknown subcommand 'NOPE'. Try CONFIG HELP.",
    );
}

/// The file keeps its comments and lines; changed values replace theirs, new ones follow at the end.
fn rewrites_the_file(workers: u32) {
    let mut server = under_test(workers)
        .lines("# kept: a comment\ntimeout 10\n\nmaxmemory 1mb\nrequirepass old")
        .password("old")
        .start();
    check(
        &mut server.client(),
        r#"CONFIG SET timeout 20 -> OK
           CONFIG SET tcp-keepalive 123 -> OK
           CONFIG SET requirepass "new \"quoted\" \x01" -> OK
           CONFIG SET maxmemory 0 -> OK
           CONFIG REWRITE -> OK"#,
    );
    let text = String::from_utf8_lossy(&server.directory().read("server.conf")).into_owned();
    let lines: Vec<&str> = text.lines().collect();
    let position = |wanted: &str| lines.iter().position(|line| *line == wanted);
    let comment =
        position("# kept: a comment").unwrap_or_else(|| panic!("the comment is gone from:\n{text}"));
    assert_eq!(position("timeout 20"), Some(comment + 1), "{text}");
    let generated =
        position("# Generated by CONFIG REWRITE").unwrap_or_else(|| panic!("no section in:\n{text}"));
    assert!(position("tcp-keepalive 123").is_some_and(|line| line > generated), "{text}");
    assert!(!text.contains("timeout 10"), "{text}");
    server.restart();
    let mut client = Client::connect(&server.address());
    check(
        &mut client,
        r#"AUTH "new \"quoted\" \x01" -> OK
           CONFIG GET timeout -> ["timeout", "20"]
           CONFIG GET tcp-keepalive -> ["tcp-keepalive", "123"]
           CONFIG GET maxmemory -> ["maxmemory", "0"]
           CONFIG REWRITE -> OK"#,
    );
    let again = String::from_utf8_lossy(&server.directory().read("server.conf")).into_owned();
    // A user's line may be spelt anew.
    let settled = |text: &str| text.trim_end().lines().filter(|line| !line.starts_with("user ")).count();
    assert_eq!(settled(&again), settled(&text), "a second rewrite adds nothing:\n{text}\n---\n{again}");
}

fn cannot_rewrite_without_a_file(workers: u32) {
    let server = under_test(workers).without_file().option("io-threads", &[&workers.to_string()]).start();
    check(&mut server.client(), "CONFIG REWRITE -> ERR The server is running without a config file");
}

fn resets_statistics(workers: u32) {
    let server = under_test(workers).start();
    let mut client = server.client();
    check(&mut client, "SET k v -> OK\nGET k -> \"v\"\nGET missing -> nil");
    let info = client.info("stats");
    assert_eq!((info.number("keyspace_hits"), info.number("keyspace_misses")), (1, 1));
    check(&mut client, "CONFIG RESETSTAT -> OK");
    let info = client.info("stats");
    assert_eq!((info.number("keyspace_hits"), info.number("keyspace_misses")), (0, 0));
    assert!(info.number("total_commands_processed") <= 2);
}

/// The old port is closed, the new one open, and connections that are there stay.
fn changes_the_port(workers: u32) {
    let server = under_test(workers).start();
    let mut client = server.client();
    let port = testkit::free_port();
    check(&mut client, &format!("CONFIG SET port {port} -> OK\nPING -> PONG"));
    let mut other = Client::connect(&format!("127.0.0.1:{port}"));
    check(&mut other, "PING -> PONG");
    wait_until("the old port is closed", || Client::try_connect(&server.address()).is_err());
}

fn changes_the_password(workers: u32) {
    let server = under_test(workers).start();
    let mut client = server.client();
    check(
        &mut client,
        "CONFIG SET requirepass secret -> OK\nCONFIG GET requirepass -> [\"requirepass\", \"secret\"]",
    );
    let mut stranger = server.client();
    check(
        &mut stranger,
        "GET k -> NOAUTH Authentication required.
         AUTH nope -> WRONGPASS invalid username-password pair or user is disabled.
         AUTH default nope -> WRONGPASS invalid username-password pair or user is disabled.
         AUTH nobody secret -> WRONGPASS invalid username-password pair or user is disabled.
         AUTH a b c -> ERR syntax error
         AUTH default secret -> OK
         PING -> PONG
         CONFIG SET requirepass \"\" -> OK
         AUTH x -> ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?",
    );
    check(&mut server.client(), "PING -> PONG");
}
