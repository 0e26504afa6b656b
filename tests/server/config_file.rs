//! The configuration file's grammar, the command line, and what stops the start.

use testkit::{Program, Server, TestDirectory, check, skip};

use crate::workers::{under_test, with_one_and_two_workers};

with_one_and_two_workers!(
    reads_quotes_and_escapes,
    takes_the_last_of_repeated_lines,
    reads_included_files,
    reads_standard_input,
    takes_options_from_the_command_line,
    takes_units_and_old_names,
    stops_at_an_unknown_option,
    stops_at_a_bad_value,
    stops_at_unbalanced_quotes,
    stops_without_its_files,
    starts_from_the_packaged_file,
);

fn reads_quotes_and_escapes(workers: u32) {
    let server = under_test(workers)
        .lines(
            r#"# a comment
               LogLevel "verbose"
               maxmemory    '50mb'
               pidfile "/tmp/a \"quoted\" \x41\t.pid"
               dbfilename 'it\'s "here".dump'"#,
        )
        .start();
    check(
        &mut server.client(),
        r#"CONFIG GET loglevel -> ["loglevel", "verbose"]
           CONFIG GET maxmemory -> ["maxmemory", "52428800"]
           CONFIG GET pidfile -> ["pidfile", "/tmp/a \"quoted\" A\t.pid"]
           CONFIG GET dbfilename -> ["dbfilename", "it's \"here\".dump"]"#,
    );
}

fn takes_the_last_of_repeated_lines(workers: u32) {
    let server = under_test(workers)
        .lines(
            "timeout 10
             timeout 20
             client-output-buffer-limit normal 1mb 2mb 3
             client-output-buffer-limit pubsub 4mb 5mb 6
             save 100 1
             save 200 2 300 3",
        )
        .start();
    check(
        &mut server.client(),
        r#"CONFIG GET timeout -> ["timeout", "20"]
           CONFIG GET save -> ["save", "100 1 200 2 300 3"]
           CONFIG GET client-output-buffer-limit -> ["client-output-buffer-limit", "normal 1048576 2097152 3 slave 268435456 67108864 60 pubsub 4194304 5242880 6"]"#,
    );
}

fn reads_included_files(workers: u32) {
    let directory = TestDirectory::new();
    directory.write("one.conf", "timeout 11\nmaxmemory 1mb\n");
    directory.write("two.conf", "maxmemory 2mb\n");
    let server = under_test(workers)
        .directory(&directory)
        .line(&format!("include \"{}\"", directory.file("one.conf").display()))
        .line(&format!("include {}/t*o.conf", directory.path().display()))
        .start();
    check(
        &mut server.client(),
        r#"CONFIG GET timeout -> ["timeout", "11"]
           CONFIG GET maxmemory -> ["maxmemory", "2097152"]"#,
    );
}

fn reads_standard_input(workers: u32) {
    let port = testkit::free_port();
    let server = under_test(workers)
        .port(port)
        .standard_input(&format!("port {port}\nsave \"\"\nmaxmemory 7mb\nio-threads {workers}\n"))
        .first_argument("-")
        .option("timeout", &["77"])
        .start();
    check(
        &mut server.client(),
        r#"CONFIG GET maxmemory -> ["maxmemory", "7340032"]
           CONFIG GET timeout -> ["timeout", "77"]"#,
    );
}

/// Options follow the file and override it.
fn takes_options_from_the_command_line(workers: u32) {
    let server = under_test(workers)
        .line("timeout 10")
        .option("timeout", &["30"])
        .option("save", &["60", "1"])
        .option("client-output-buffer-limit", &["normal", "1mb", "1mb", "1"])
        .option("maxmemory", &["3mb"])
        .start();
    check(
        &mut server.client(),
        r#"CONFIG GET timeout -> ["timeout", "30"]
           CONFIG GET save -> ["save", "60 1"]
           CONFIG GET maxmemory -> ["maxmemory", "3145728"]"#,
    );
    let failure = under_test(workers).option("no-such-option", &["bar"]).refuses_to_start();
    failure.must_say(&[
        "*** FATAL CONFIG FILE ERROR",
        "no-such-option",
        "Bad directive or wrong number of arguments",
    ]);
}

fn takes_units_and_old_names(workers: u32) {
    let server = under_test(workers)
        .lines(
            "maxmemory 1GB
             client-query-buffer-limit 2m
             repl-backlog-size 3000k
             proto-max-bulk-len 4000000
             slave-priority 5",
        )
        .start();
    check(
        &mut server.client(),
        r#"CONFIG GET maxmemory -> ["maxmemory", "1073741824"]
           CONFIG GET client-query-buffer-limit -> ["client-query-buffer-limit", "2000000"]
           CONFIG GET repl-backlog-size -> ["repl-backlog-size", "3000000"]
           CONFIG GET proto-max-bulk-len -> ["proto-max-bulk-len", "4000000"]
           CONFIG GET replica-priority -> ["replica-priority", "5"]"#,
    );
}

/// The number of a line that follows those that the tests put first.
fn line_number(own: usize) -> String {
    let directory = TestDirectory::new();
    let server = Server::builder(&Program::under_test()).directory(&directory).start();
    let standard = String::from_utf8_lossy(&directory.read("server.conf")).lines().count();
    drop(server);
    format!("Reading the configuration file, at line {}", standard + own)
}

fn stops_at_an_unknown_option(workers: u32) {
    let lines = "timeout 1\n\n# a comment\nfoo bar";
    let failure = Server::builder(&Program::under_test()).lines(lines).workers(workers).refuses_to_start();
    failure.must_say(&[
        "*** FATAL CONFIG FILE ERROR",
        &line_number(4),
        ">>> 'foo bar'",
        "Bad directive or wrong number of arguments",
    ]);
    assert_eq!(failure.code, Some(1));
    assert!(failure.output.contains("*** FATAL CONFIG FILE ERROR"), "on standard error: {failure}");
}

fn stops_at_a_bad_value(workers: u32) {
    for (line, reason) in [
        ("port abc", "argument couldn't be parsed into an integer"),
        ("port 99999", "argument must be between 0 and 65535 inclusive"),
        ("appendonly maybe", "argument must be 'yes' or 'no'"),
        ("appendfsync sometimes", "argument(s) must be one of the following: everysec, always, no"),
        ("maxmemory 12xx", "argument must be a memory value"),
        ("timeout 1 2", "wrong number of arguments"),
        ("timeout", "wrong number of arguments"),
        ("dir /nonexistent/folder", "No such file or directory"),
    ] {
        let failure = under_test(workers).line(line).refuses_to_start();
        failure.must_say(&["*** FATAL CONFIG FILE ERROR", &format!(">>> '{line}'"), reason]);
    }
}

fn stops_at_unbalanced_quotes(workers: u32) {
    for line in ["maxmemory \"10mb", "dbfilename 'a", "dbfilename \"a\"b"] {
        let failure = under_test(workers).line(line).refuses_to_start();
        failure.must_say(&[
            "*** FATAL CONFIG FILE ERROR",
            &format!(">>> '{line}'"),
            "Unbalanced quotes in configuration line",
        ]);
    }
}

fn stops_without_its_files(workers: u32) {
    let failure = under_test(workers).line("include /nonexistent/ochre.conf").refuses_to_start();
    failure.must_say(&["/nonexistent/ochre.conf", "No such file or directory"]);
    let failure = under_test(workers).first_argument("/nonexistent/other.conf").refuses_to_start();
    failure.must_say(&["/nonexistent/other.conf", "No such file or directory"]);
}

/// Where Debian's package of Redis 7.0 puts its configuration.
const PACKAGED: &str = "/etc/redis/redis.conf";

/// What that file says of paths and of the way to start, which a test decides itself.
const SURROUNDINGS: [&str; 7] = ["bind", "port", "daemonize", "pidfile", "logfile", "dir", "include"];

/// Options of that file whose subject comes later: refused with the reason, each until it is there.
const LATER: [&str; 1] = ["acllog-max-len"];

/// A file that a distribution wrote for Redis starts Ochre, with other paths.
fn starts_from_the_packaged_file(workers: u32) {
    let Ok(text) = std::fs::read_to_string(PACKAGED) else {
        return skip("there is no packaged configuration of Redis at /etc/redis");
    };
    let name = |line: &str| line.split_whitespace().next().unwrap_or_default().to_owned();
    let (later, now): (Vec<&str>, Vec<&str>) = text
        .lines()
        .filter(|line| !SURROUNDINGS.contains(&name(line).as_str()))
        .partition(|line| LATER.contains(&name(line).as_str()));
    let server = under_test(workers).lines(&now.join("\n")).start();
    check(
        &mut server.client(),
        r#"CONFIG GET repl-diskless-load -> ["repl-diskless-load", "disabled"]
           CONFIG GET oom-score-adj-values -> ["oom-score-adj-values", "0 200 800"]
           CONFIG GET jemalloc-bg-thread -> ["jemalloc-bg-thread", "yes"]
           SET k v -> OK"#,
    );
    if server.program().is_ochre() {
        for line in later {
            let failure = under_test(workers).line(line).refuses_to_start();
            failure.must_say(&["*** FATAL CONFIG FILE ERROR", &format!("'{}' is not there yet", name(line))]);
        }
    }
}
