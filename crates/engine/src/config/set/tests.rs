//! Tests of `set.rs`: texts and order of refusals as Redis 7.0, 8.0 and Valkey 9.1 give them.

use super::*;

fn set(config: &mut Config, words: &[&str]) -> String {
    let (pairs, _) = words.as_chunks::<2>();
    let pairs: Vec<(&str, &str)> = pairs.iter().map(|&[name, value]| (name, value)).collect();
    match config.set(&pairs, Caller::Remote) {
        Ok(changed) => changed.iter().collect::<Vec<_>>().join(" "),
        Err(error) => error.to_string(),
    }
}

fn check(words: &[&str], expected: &str) {
    assert_eq!(set(&mut Config::default(), words), expected, "{words:?}");
}

/// Setting an option to a value is refused for this reason.
fn check_refused(name: &str, value: &str, reason: &str) {
    let mut config = Config::default();
    let expected = format!("ERR CONFIG SET failed (possibly related to argument '{name}') - {reason}");
    assert_eq!(set(&mut config, &[name, value]), expected, "{value:?}");
    assert_eq!(config, Config::default());
}

/// Setting an option to a value makes CONFIG GET show this.
fn check_shown(name: &str, value: &str, shown: &str) {
    let mut config = Config::default();
    config.set(&[(name, value)], Caller::Local).unwrap_or_else(|error| panic!("{name} {value}: {error}"));
    assert_eq!(config.get(&[name]), [(name.to_owned(), shown.as_bytes().to_vec())], "{value:?}");
}

#[test]
fn refused_names() {
    check(&["foo", "1"], "ERR Unknown option or number of arguments for CONFIG SET - 'foo'");
    check(&["FOO\r\n", "1"], "ERR Unknown option or number of arguments for CONFIG SET - 'FOO  '");
    check(&["aclfile", "x"], "ERR Unknown option or number of arguments for CONFIG SET - 'aclfile'");
    check_refused("databases", "2", "can't set immutable config");
    check_refused("SLAVEOF", "127.0.0.1 6379", "can't set immutable config");
    check_refused("dir", "/", "can't set protected config");
    check_refused("DBFILENAME", "x", "can't set protected config");
}

#[test]
fn percentiles() {
    const NAME: &str = "latency-tracking-info-percentiles";
    for (value, shown) in
        [("", ""), ("1e1", "10"), ("0 50.5 99.999999", "0 50.5 99.999999"), ("0.1 0.1", "0.1 0.1")]
    {
        check_shown(NAME, value, shown);
    }
    let invalid = format!("Invalid {NAME} parameters");
    ["x", "50 x", " 50", "50 ", "nan"].iter().for_each(|value| check_refused(NAME, value, &invalid));
    let outside = format!("{NAME} parameters should sit between [0.0,100.0]");
    ["101", "-1", "50 100.1"].iter().for_each(|value| check_refused(NAME, value, &outside));
}

#[test]
fn the_first_refused_name_comes_before_any_value() {
    let unknown = "ERR Unknown option or number of arguments for CONFIG SET - 'foo'";
    check(&["hz", "abc", "foo", "x"], unknown);
    check(&["foo", "x", "databases", "3"], unknown);
    let immutable =
        "ERR CONFIG SET failed (possibly related to argument 'databases') - can't set immutable config";
    check(&["databases", "2", "foo", "x"], immutable);
    check(&["hz", "abc", "databases", "2"], immutable);
}

#[test]
fn duplicates() {
    let expected = "ERR CONFIG SET failed (possibly related to argument 'MAXMEMORY') - duplicate parameter";
    check(&["maxmemory", "1", "MAXMEMORY", "2"], expected);
    check(&["slave-read-only", "yes", "replica-read-only", "no"], "replica-read-only");
}

#[test]
fn a_refused_value_is_named_in_the_spelling_of_the_table() {
    check(
        &["SLAVE-read-only", "zz"],
        "ERR CONFIG SET failed (possibly related to argument 'slave-read-only') - argument must be 'yes' or 'no'",
    );
}

#[test]
fn all_or_nothing() {
    let mut config = Config::default();
    let answer = set(&mut config, &["maxmemory", "5mb", "hz", "abc"]);
    assert_eq!(
        answer,
        "ERR CONFIG SET failed (possibly related to argument 'hz') - argument couldn't be parsed into an integer"
    );
    assert_eq!(config, Config::default());
    assert_eq!(set(&mut config, &["maxmemory", "5mb", "hz", "10", "port", "7"]), "port maxmemory");
    assert_eq!((config.memory.maxmemory, config.general.hz, config.network.port), (5 << 20, 10, 7));
}

#[test]
fn a_change_is_dropped_or_committed() {
    let mut config = Config::default();
    let change = config.prepare(&[("port", "7000")], Caller::Local).expect("the port is fine");
    assert!(change.changed().contains("port") && !change.changed().contains("bind"));
    assert_eq!((change.config().network.port, config.network.port), (7000, 6379));
    drop(change);
    assert_eq!(config, Config::default());
    let change = config.prepare(&[("port", "7000")], Caller::Local).expect("the port is fine");
    change.commit(&mut config);
    assert_eq!(config.network.port, 7000);
}

#[test]
fn protected_options_open_to_whom_the_start_allowed() {
    for (permission, caller, is_allowed) in [
        (Permission::Nobody, Caller::Local, false),
        (Permission::Local, Caller::Local, true),
        (Permission::Local, Caller::Remote, false),
        (Permission::Everybody, Caller::Remote, true),
    ] {
        let mut config = Config::default();
        config.security.enable_protected_configs = permission;
        assert_eq!(config.set(&[("dbfilename", "x.rdb")], caller).is_ok(), is_allowed);
    }
}

#[test]
fn dir_must_be_a_directory() {
    let mut config = Config::default();
    config.security.enable_protected_configs = Permission::Everybody;
    let failed = "ERR CONFIG SET failed (possibly related to argument 'dir') - ";
    assert_eq!(set(&mut config, &["dir", "/nonexistent"]), format!("{failed}No such file or directory"));
    assert_eq!(set(&mut config, &["dir", ""]), format!("{failed}dir can't be empty"));
    assert_eq!(set(&mut config, &["dir", "/proc/self/status"]), format!("{failed}Not a directory"));
    assert_eq!(set(&mut config, &["dir", "/usr/../"]), "dir");
    assert_eq!(config.get(&["dir"]), [("dir".to_owned(), b"/".to_vec())]);
}

#[test]
fn switches_and_numbers() {
    check_shown("appendonly", "YES", "yes");
    for value in ["", "zzz", "1", "yes "] {
        check_refused("appendonly", value, "argument must be 'yes' or 'no'");
    }
    for value in ["", "abc", "1gb", "+1", "007", "-0", "0x10", "1 ", "9223372036854775808"] {
        check_refused("timeout", value, "argument couldn't be parsed into an integer");
    }
    let out = "argument must be between 0 and 2147483647 inclusive";
    for value in ["-1", "2147483648", "9223372036854775807", "-9223372036854775808"] {
        check_refused("timeout", value, out);
        check_refused("hz", value, out);
    }
    check_refused("maxclients", "0", "argument must be between 1 and 4294967295 inclusive");
    check_refused("port", "65536", "argument must be between 0 and 65535 inclusive");
    check_refused("repl-timeout", "0", "argument must be between 1 and 2147483647 inclusive");
    check_refused("repl-backlog-ttl", "-1", "argument must be between 0 and 9223372036854775807 inclusive");
    check_shown("hz", "0", "1");
    check_shown("hz", "1000", "500");
}

#[test]
fn sizes() {
    for (value, shown) in [
        ("1k", "1000"),
        ("1KB", "1024"),
        ("1Gb", "1073741824"),
        ("", "0"),
        ("18446744073709551615", "18446744073709551615"),
    ] {
        check_shown("maxmemory", value, shown);
    }
    for value in ["-1", "1.5gb", " 1gb", "1zz", "1kk", "10%", "0x10"] {
        check_refused("maxmemory", value, "argument must be a memory value");
    }
    let out = "argument must be between 1 and 9223372036854775807 inclusive";
    check_shown("repl-backlog-size", "1", "16384");
    check_refused("repl-backlog-size", "0", out);
    check_refused("repl-backlog-size", "9223372036854775808", out);
    let out = "argument must be between 1048576 and 9223372036854775807 inclusive";
    check_refused("client-query-buffer-limit", "", out);
    check_refused("proto-max-bulk-len", "1mb1", "argument must be a memory value");
}

#[test]
fn names() {
    check_shown("appendfsync", "ALWAYS", "always");
    check_shown("oom-score-adj", "relative", "yes");
    for (name, choices) in [
        ("appendfsync", "everysec, always, no"),
        ("loglevel", "debug, verbose, notice, warning, nothing"),
        ("oom-score-adj", "no, yes, relative, absolute"),
        (
            "maxmemory-policy",
            "volatile-lru, volatile-lfu, volatile-random, volatile-ttl, allkeys-lru, allkeys-lfu, allkeys-random, noeviction",
        ),
        ("shutdown-on-sigint", "default, save, nosave, now, force"),
    ] {
        for value in ["zzz", "", "zzz zzz"] {
            check_refused(name, value, &format!("argument(s) must be one of the following: {choices}"));
        }
    }
    check_shown("maxmemory-policy", "allkeys-LRU", "allkeys-lru");
}

#[test]
fn shares_of_memory() {
    for (value, shown) in [("5%", "5%"), ("100%", "100%"), ("1mb", "1048576"), ("0", "0")] {
        check_shown("maxmemory-clients", value, shown);
    }
    for value in ["-1", "-5%", "x", "%"] {
        check_refused("maxmemory-clients", value, "argument must be a memory or percent value");
    }
    check_refused("maxmemory-clients", "101%", "percentage argument must be less or equal to 100");
}

#[test]
fn save_points() {
    check_shown("save", "60 1", "60 1");
    check_shown("save", "60 1 60 1", "60 1 60 1");
    check_shown("save", "", "");
    for value in ["60", "60 1 ", "60  1", "\"60\" 1", "60 abc", "0 1", "60 -1", " ", "60 1 70"] {
        check_refused("save", value, "Invalid save parameters");
    }
}

#[test]
fn buffer_limits() {
    let name = "client-output-buffer-limit";
    let others = "pubsub 33554432 8388608 60";
    check_shown(name, "", &format!("normal 0 0 0 slave 268435456 67108864 60 {others}"));
    check_shown(name, "REPLICA 1k 1kb 1 normal 2 1 0", &format!("normal 2 1 0 slave 1000 1024 1 {others}"));
    for value in ["zzz", " ", "normal 0 0", "normal  0 0 0", "normal 0 0 0 slave 1 1"] {
        check_refused(name, value, "Wrong number of arguments in buffer limit configuration.");
    }
    for value in ["foo 0 0 0", "master 0 0 0", "foo -1 0 0"] {
        check_refused(name, value, "Invalid client class specified in buffer limit configuration.");
    }
    for value in ["normal -1 0 0", "normal x 0 0", "normal 0 0 -1", "normal 0 0 1k"] {
        let reason = "Error in hard, soft or soft_seconds setting in buffer limit configuration.";
        check_refused(name, value, reason);
    }
}

#[test]
fn lists_of_other_kinds() {
    check_shown("bind", "127.0.0.1 -::1", "127.0.0.1 -::1");
    check_shown("bind", "", "");
    check_refused("bind", &"a ".repeat(17), "Too many bind addresses specified.");
    check_shown("oom-score-adj-values", "1 +2 -3", "1 2 -3");
    check_refused("oom-score-adj-values", "1 2", "wrong number of arguments");
    check_refused("oom-score-adj-values", "", "wrong number of arguments");
    for value in ["1 2 x", "1 2 2001", "1 2 0x3"] {
        let reason = "Invalid oom-score-adj-values, elements must be between -2000 and 2000.";
        check_refused("oom-score-adj-values", value, reason);
    }
    check_shown("shutdown-on-sigterm", "now SAVE force", "save now force");
    check_shown("shutdown-on-sigterm", "default save", "save");
    let reason = "shutdown options SAVE and NOSAVE can't be used simultaneously";
    check_refused("shutdown-on-sigterm", "save nosave", reason);
}

#[test]
fn text_and_templates() {
    check_shown("replica-announce-ip", "a\nb", "a\nb");
    check_shown("masteruser", "a b", "a b");
    check_shown("proc-title-template", "{port} } {{x", "{port} } {{x");
    for value in ["", "{bad}", "{title", "{Title}", "{}"] {
        let reason = "template format is invalid or contains unknown variables";
        check_refused("proc-title-template", value, reason);
    }
    let title = Config::default().process.proc_title_template.expand(str::to_uppercase);
    assert_eq!(title, "TITLE LISTEN-ADDR SERVER-MODE");
}

#[test]
fn secrets_are_not_shown_by_debugging() {
    let mut config = Config::default();
    assert_eq!(set(&mut config, &["requirepass", "hunter2"]), "requirepass");
    assert_eq!(config.security.requirepass.as_bytes(), b"hunter2");
    assert!(super::super::is_secret(b"MASTERAUTH") && !super::super::is_secret(b"port"));
    assert!(!format!("{config:?}").contains("hunter2"));
    assert!(!config.help("requirepass").expect("the option is there").contains("hunter2"));
}
