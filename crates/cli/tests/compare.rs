//! Runs the same input through ochre-cli and redis-cli and compares what they print. Where redis-cli or redis-server is
//! not installed there is nothing to compare with, and the tests pass.
#![expect(clippy::disallowed_methods, reason = "tests look at real files")]

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};

/// The forms of output, by their options.
const FORMS: [&[&str]; 6] =
    [&["--no-raw"], &["--raw"], &["--csv"], &["--json"], &["-2", "--json"], &["--raw", "-d", ";", "-D", "|"]];

fn is_installed(program: &str) -> bool {
    Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
}

/// What a client leaves behind: its output, its complaints and its exit status.
/// What a client printed, what it said on standard error, and how it ended.
type Outcome = (String, String, Option<i32>);

fn outcome(program: &str, arguments: &[&str], input: &[u8]) -> Outcome {
    let mut child = Command::new(program)
        .args(arguments)
        .env_remove("REDISCLI_AUTH")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("started");
    let mut stdin = child.stdin.take().expect("piped");
    let input = input.to_owned();
    // A client that does not read its input ends before all is written.
    let writer = std::thread::spawn(move || stdin.write_all(&input).unwrap_or_default());
    let output = child.wait_with_output().expect("ended");
    writer.join().expect("written");
    let text = |bytes: &[u8]| {
        bytes.escape_ascii().to_string().replace("redis-cli", "ochre-cli").replace("\\n", "\n")
    };
    (text(&output.stdout), text(&output.stderr), output.status.code())
}

fn check_equal(arguments: &[&str], input: &str) {
    let ours = outcome(env!("CARGO_BIN_EXE_ochre-cli"), arguments, input.as_bytes());
    let theirs = outcome("redis-cli", arguments, input.as_bytes());
    assert_eq!(ours, theirs, "{arguments:?} with input {input:?}");
}

/// A server that answers `X reply` with the bytes of its argument, and all else with OK.
fn serve_echoes() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("bound");
    let port = listener.local_addr().expect("bound").port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || answer(stream));
        }
    });
    port
}

fn answer(mut stream: TcpStream) {
    let mut requests = BufReader::new(stream.try_clone().expect("cloned"));
    while let Some(words) = read_request(&mut requests) {
        let reply = match words.first().map(Vec::as_slice) {
            Some(b"X") => words.get(1).cloned().unwrap_or_default(),
            Some(b"HELLO") => b"%1\r\n$5\r\nproto\r\n:3\r\n".to_vec(),
            _ => b"+OK\r\n".to_vec(),
        };
        if stream.write_all(&reply).is_err() {
            return;
        }
    }
}

fn read_request(requests: &mut impl BufRead) -> Option<Vec<Vec<u8>>> {
    let number = |requests: &mut dyn BufRead| {
        let mut line = String::new();
        requests.read_line(&mut line).ok()?;
        line.trim_end().get(1..)?.parse::<usize>().ok()
    };
    let count = number(requests)?;
    let mut words = Vec::new();
    for _ in 0..count {
        let mut word = vec![0; number(requests)? + 2];
        requests.read_exact(&mut word).ok()?;
        word.truncate(word.len() - 2);
        words.push(word);
    }
    Some(words)
}

/// A random reply, nested to some depth.
fn random_reply(random: &mut impl FnMut(usize) -> usize, depth: usize) -> String {
    const TEXTS: [&str; 7] = ["", "a", "a\"b", "two words", "\\", "tab\tend", "line\nline"];
    let line = TEXTS[random(6)];
    let text = TEXTS[random(7)];
    match random(if depth > 0 { 16 } else { 11 }) {
        0 => format!("+{line}\r\n"),
        1 => format!("-ERR {line}\r\n"),
        2 => format!(":{}\r\n", random(1000)),
        3..=5 => format!("${}\r\n{text}\r\n", text.len()),
        6 => "$-1\r\n".into(),
        7 => "*-1\r\n".into(),
        8 => format!(",{}.5\r\n", random(100)),
        9 => format!("#{}\r\n", if random(2) == 0 { "t" } else { "f" }),
        10 => format!("={}\r\ntxt:{text}\r\n", text.len() + 4),
        kind => {
            let (mark, per_element) = [("*", 1), ("*", 1), ("%", 2), ("%", 2), ("~", 1)][kind - 11];
            let count = [0, 1, 2, 3, 11][random(5)];
            let elements: String =
                (0..count * per_element).map(|_| random_reply(random, depth - 1)).collect();
            format!("{mark}{count}\r\n{elements}")
        }
    }
}

#[test]
fn any_reply_looks_as_in_redis_cli() {
    if !is_installed("redis-cli") {
        return;
    }
    let port = serve_echoes().to_string();
    let mut seed = 88_172_645_463_325_252_u64;
    let mut random = move |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed as usize % below
    };
    let script: String = (0..300)
        .map(|_| {
            let reply = random_reply(&mut random, 3);
            format!("X \"{}\"\n", reply.escape_default().to_string().replace("\\'", "'"))
        })
        .collect();
    for form in FORMS {
        check_equal(&[&["-p", &port], form].concat(), &script);
    }
}

#[test]
fn pushes_are_shown_as_in_redis_cli() {
    if !is_installed("redis-cli") {
        return;
    }
    let port = serve_echoes().to_string();
    let script = "X \">2\\r\\n$10\\r\\ninvalidate\\r\\n*2\\r\\n$1\\r\\na\\r\\n$1\\r\\nb\\r\\n+OK\\r\\n\"\n\
                  X \">2\\r\\n$10\\r\\ninvalidate\\r\\n_\\r\\n+OK\\r\\n\"\nX \">0\\r\\n:1\\r\\n\"\n";
    for form in FORMS {
        for shown in ["yes", "no"] {
            check_equal(&[&["-p", &port, "--show-pushes", shown], form].concat(), script);
        }
    }
}

/// A redis-server that ends with the test.
struct Server {
    process: Child,
    port: String,
    folder: std::path::PathBuf,
}

impl Server {
    fn start() -> Server {
        let free = TcpListener::bind("127.0.0.1:0").expect("bound");
        let port = free.local_addr().expect("bound").port().to_string();
        drop(free);
        let folder = std::env::temp_dir().join(format!("ochre-cli-compare-{port}"));
        std::fs::create_dir_all(&folder).expect("created");
        let process = Command::new("redis-server")
            .args([
                "--port",
                &port,
                "--save",
                "",
                "--bind",
                "127.0.0.1",
                "--enable-debug-command",
                "yes",
                "--dir",
            ])
            .arg(&folder)
            .stdout(Stdio::null())
            .spawn()
            .expect("started");
        while TcpStream::connect(format!("127.0.0.1:{port}")).is_err() {
            std::thread::yield_now();
        }
        Server { process, port, folder }
    }

    /// The same keys for both clients.
    fn reset(&self) {
        let script =
            "config set requirepass \"\"\nflushall\nrpush l a b c\nhset h f v g \"w \\\"x\"\nset s 1\n";
        outcome("redis-cli", &["-p", &self.port], script.as_bytes());
    }

    fn check(&self, arguments: &[&str], input: impl AsRef<[u8]>) {
        let input = input.as_ref();
        let arguments = [&["-p", &self.port], arguments].concat();
        self.reset();
        let ours = outcome(env!("CARGO_BIN_EXE_ochre-cli"), &arguments, input);
        self.reset();
        let theirs = outcome("redis-cli", &arguments, input);
        assert_eq!(same_end(ours), same_end(theirs), "{arguments:?} with input {}", input.escape_ascii());
    }
}

/// A connection that the server ended is found closed or reset, as chance has it.
fn same_end((output, errors, code): Outcome) -> Outcome {
    (output, errors.replace("Connection reset by peer", "Server closed the connection"), code)
}

impl Drop for Server {
    fn drop(&mut self) {
        self.process.kill().expect("killed");
        self.process.wait().expect("ended");
        std::fs::remove_dir_all(&self.folder).expect("removed");
    }
}

#[test]
fn commands_and_options_do_what_redis_cli_does() {
    if !is_installed("redis-cli") || !is_installed("redis-server") {
        return;
    }
    let server = Server::start();
    let lines = [
        "ping",
        "-3 hgetall h",
        "--no-raw -3 hgetall h",
        "--csv lrange l 0 -1",
        "--json hgetall h",
        "-r 3 incr s",
        "-n 3 set a b",
        "-n 99 ping",
        "-e get",
        "get",
        "--user u --pass p ping",
        "--no-auth-warning -a p ping",
        "-x set k",
        "-X tag set tag v",
        "-X tag get k",
        "--quoted-input echo \"a\\x00\\n\"",
        "--bogus",
        "-2 -3",
        "-D | ping",
        "--scan --pattern s*",
        "-u redis://x ping -n",
    ];
    for line in lines {
        server.check(&line.split(' ').collect::<Vec<_>>(), "from input");
    }
    server.check(&["-s", "/nonexistent.sock", "ping"], "");
}

#[test]
fn scripts_on_standard_input_do_what_redis_cli_does() {
    if !is_installed("redis-cli") || !is_installed("redis-server") {
        return;
    }
    let server = Server::start();
    let scripts = [
        "set a b\nget a\nlpush foo\n\n  ping\nget \"unbalanced\nget \"a\"b\n3 ping\n-1 ping\n0 ping\nquit\nping\n",
        "select 3\nset a b\nmulti\nget a\nselect 2\nexec\nmulti\nfoo\nexec\nselect 99\ndiscard\nget a",
        "hgetall h\ndebug protocol push\ndebug protocol verbatim\ndebug protocol double\nreset\nhgetall h\n",
        "client kill type normal skipme no\nget s\nget s\nshutdown bogus\nconnect 127.0.0.1 1\n",
        "config set requirepass p\nclient list foo\nauth q\nauth p\nget s\nconfig set requirepass \"\"\n",
    ];
    for script in scripts {
        for form in [&["--no-raw"][..], &["--raw"], &["--csv"], &["--json"], &["-3", "--no-raw"]] {
            server.check(form, script);
        }
    }
}

#[test]
fn bytes_that_are_no_text_arrive_as_they_are() {
    if !is_installed("redis-cli") || !is_installed("redis-server") {
        return;
    }
    let server = Server::start();
    for line in
        [&b"echo \xe9\xff\n"[..], b"\xff\n", b" set \x80 '\xc3'\nget \x80\nget \"\\x80\"", b"echo \xff\r\n"]
    {
        server.check(&["--no-raw"], line);
        server.check(&["--raw"], line);
    }
}

#[test]
fn a_copy_is_fetched_as_by_redis_cli() {
    if !is_installed("redis-cli") || !is_installed("redis-server") {
        return;
    }
    let server = Server::start();
    let file = server.folder.join("copy.rdb");
    let path = file.to_string_lossy().into_owned();
    outcome("redis-cli", &["-p", &server.port], b"config set repl-diskless-sync-delay 0\n");
    for diskless in ["yes", "no"] {
        let line = format!("config set repl-diskless-sync {diskless}\n");
        outcome("redis-cli", &["-p", &server.port], line.as_bytes());
        // Facts in the file, such as the memory in use, make it longer or shorter by a byte.
        let fetched = |program: &str| {
            let (output, errors, code) = outcome(program, &["-p", &server.port, "--rdb", &path], b"");
            let copy = std::fs::read(&file).expect("fetched");
            assert!(copy.starts_with(b"REDIS") && copy.len() > 100);
            assert!(errors.contains(&format!("{} bytes", copy.len())), "{errors}");
            (output, errors.replace(&copy.len().to_string(), "N"), code)
        };
        assert_eq!(fetched(env!("CARGO_BIN_EXE_ochre-cli")), fetched("redis-cli"));
    }
    server.check(&["--rdb", "/nonexistent/copy.rdb"], "");
}
