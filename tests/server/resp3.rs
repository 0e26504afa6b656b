//! The third version of the protocol.

use testkit::{Client, Reply, check};

use crate::workers::{under_test, with_one_and_two_workers};

with_one_and_two_workers!(hello_describes_the_server, hello_logs_in, has_types_of_its_own, ends_with_reset);

fn keys(reply: &Reply) -> Vec<String> {
    match reply {
        Reply::Map(pairs) => pairs.iter().map(|(key, _)| key.text()).collect(),
        other => panic!("expected a map, got {other}"),
    }
}

fn hello_describes_the_server(workers: u32) {
    let server = under_test(workers).start();
    let mut client = server.client();
    let flat = client.run("HELLO").array();
    assert_eq!(flat.len() % 2, 0);
    let reply = client.run("HELLO 3");
    let expected = ["server", "version", "proto", "id", "mode", "role", "modules"];
    assert_eq!(keys(&reply)[..7], expected);
    let shown = reply.to_string();
    for part in ["\"proto\": 3", "\"mode\": \"standalone\"", "\"role\": \"master\""] {
        assert!(shown.contains(part), "{part} in {shown}");
    }
    check(
        &mut client,
        "HELLO 4 -> NOPROTO unsupported protocol version
         HELLO 1 -> NOPROTO unsupported protocol version
         HELLO x -> ERR Protocol version is not an integer or out of range
         HELLO 3 NOSUCH -> ERR Syntax error in HELLO option 'NOSUCH'
         HELLO 3 AUTH default -> ERR Syntax error in HELLO option 'AUTH'",
    );
    assert!(matches!(client.run("HELLO 2"), Reply::Array(_)));
}

fn hello_logs_in(workers: u32) {
    let server = under_test(workers).line("requirepass secret").start();
    let mut client = Client::connect(&server.address());
    check(
        &mut client,
        "HELLO 3 AUTH default wrong -> WRONGPASS invalid username-password pair or user is disabled.
         PING -> NOAUTH Authentication required.",
    );
    assert_eq!(keys(&client.run("HELLO 3 AUTH default secret SETNAME me"))[2], "proto");
    check(&mut client, "CLIENT GETNAME -> \"me\"\nGET missing -> nil");
    assert_eq!(client.raw_reply(), b"_\r\n");
}

fn has_types_of_its_own(workers: u32) {
    let server = under_test(workers).start();
    let mut client = server.client();
    client.run("HELLO 3");
    for (command, bytes) in [
        ("GET missing", "_\r\n"),
        ("MGET missing k", "*2\r\n_\r\n_\r\n"),
        ("CONFIG GET timeout", "%1\r\n$7\r\ntimeout\r\n$1\r\n0\r\n"),
        ("SET k 1", "+OK\r\n"),
        ("INCRBYFLOAT k 0.5", "$3\r\n1.5\r\n"),
        ("DEBUG PROTOCOL true", "#t\r\n"),
        ("DEBUG PROTOCOL double", ",3.141\r\n"),
        ("DEBUG PROTOCOL bignum", "(1234567999999999999999999999999999999\r\n"),
        ("DEBUG PROTOCOL null", "_\r\n"),
        ("DEBUG PROTOCOL set", "~3\r\n:0\r\n:1\r\n:2\r\n"),
        ("DEBUG PROTOCOL map", "%3\r\n:0\r\n#f\r\n:1\r\n#t\r\n:2\r\n#f\r\n"),
        ("DEBUG PROTOCOL verbatim", "=29\r\ntxt:This is a verbatim\nstring\r\n"),
    ] {
        client.run(command);
        assert_eq!(String::from_utf8_lossy(client.raw_reply()), bytes, "{command}");
    }
    client.run("INFO server");
    assert!(client.raw_reply().starts_with(b"="), "INFO is verbatim");
    assert!(matches!(client.run("COMMAND DOCS GET"), Reply::Map(_)));
}

fn ends_with_reset(workers: u32) {
    let server = under_test(workers).start();
    let mut client = server.client();
    client.run("HELLO 3 SETNAME me");
    check(&mut client, "SELECT 5 -> OK\nSET k v -> OK\nCLIENT REPLY ON -> OK\nRESET -> RESET\nGET k -> nil");
    assert_eq!(client.raw_reply(), b"$-1\r\n");
    check(
        &mut client,
        "CLIENT GETNAME -> nil\nSELECT 5 -> OK\nGET k -> \"v\"\nSELECT 16 -> ERR DB index is out of range\nSELECT x -> ERR value is not an integer or out of range",
    );
}
