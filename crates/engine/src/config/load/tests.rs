//! Tests of `load.rs`: the grammar of files and of the command line, and what stops the start.
#![expect(clippy::disallowed_methods, reason = "tests look at real files")]

use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;

/// A directory of its own for a test, removed at its end.
pub(in crate::config) struct Scratch(PathBuf);

impl Scratch {
    pub fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("ochre-config-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().canonicalize().expect("there is one").join(name);
        fs::create_dir_all(&path).expect("a directory can be made");
        Self(path)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::write(self.path(name), text).expect("a file can be written");
    }

    pub fn load(&self, arguments: &[&str]) -> Result<Config, StartError> {
        let arguments: Vec<Vec<u8>> = arguments.iter().map(|argument| argument.as_bytes().to_vec()).collect();
        load_from(&arguments, &mut io::empty(), &self.0)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).expect("the directory can be removed");
    }
}

fn read(text: impl AsRef<[u8]>) -> Result<Config, StartError> {
    load_from(&[b"-".to_vec()], &mut text.as_ref(), Path::new("/"))
}

/// The options named in `patterns` after reading a text, as "name value; name value".
fn shown(config: &Config, patterns: &[&str]) -> String {
    let found = config.get(patterns);
    let pairs = found.iter().map(|(name, value)| format!("{name} {}", String::from_utf8_lossy(value)));
    pairs.collect::<Vec<_>>().join("; ")
}

fn check(text: &str, expected: &str) {
    let name = expected.split(' ').next().unwrap_or_default();
    let config = read(text).unwrap_or_else(|error| panic!("{text:?}: {error}"));
    assert_eq!(shown(&config, &[name]), expected, "{text:?}");
}

/// The text is refused at line 1, which is shown as it is, for this reason.
fn check_refused(line: &str, reason: &str) {
    let error = read(line).expect_err(line);
    let header =
        format!("*** FATAL CONFIG FILE ERROR (Ochre {VERSION}) ***\nReading the configuration file, at line");
    assert_eq!(error.to_string(), format!("{header} 1\n>>> '{line}'\n{reason}"));
}

#[test]
fn lines() {
    check("port 7000", "port 7000");
    check("  PORT\t\"7000\"  \r\n", "port 7000");
    check("port \"\\x37\"", "port 7");
    check("# port 1\n\n  # port 2\nport 3\n#port 4", "port 3");
    check("port 1\nport 2", "port 2");
    check("bind 1.1.1.1\nbind 127.0.0.1 -::1", "bind 127.0.0.1 -::1");
    check("bind", "bind ");
    check("maxmemory 1gb", "maxmemory 1073741824");
    check("slave-read-only no", "replica-read-only no");
    check("unixsocketperm 0777", "unixsocketperm 777");
    check("requirepass 'it\\'s'", "requirepass it's");
    check("shutdown-on-sigint save now", "shutdown-on-sigint save now");
    check("appendfilename \"redis-staging-ao.aof\"", "appendfilename redis-staging-ao.aof");
}

#[test]
fn save_lines_add_up_and_replace_the_defaults() {
    check("port 1", "save 3600 1 300 100 60 10000");
    check("save 900 1\nsave 300 10", "save 900 1 300 10");
    check("save 900 1 300 10\nsave \"60 5\"", "save 900 1 300 10 60 5");
    check("save 900 1\nsave \"\"", "save ");
    check("save \"\"\nsave 60 1", "save 60 1");
}

#[test]
fn buffer_limits_go_by_class() {
    check(
        "client-output-buffer-limit normal 1kb 0 0\nclient-output-buffer-limit replica 256mb 64mb 61",
        "client-output-buffer-limit normal 1024 0 0 slave 268435456 67108864 61 pubsub 33554432 8388608 60",
    );
}

#[test]
fn replicas() {
    check("slaveof 127.0.0.1 6380", "replicaof 127.0.0.1 6380");
    check("replicaof \"127.0.0.1 6380\"", "slaveof 127.0.0.1 6380");
    check("replicaof 1.1.1.1 1\nreplicaof no one", "replicaof ");
    check_refused("slaveof 127.0.0.1", "wrong number of arguments");
    check_refused("slaveof a b c", "wrong number of arguments");
    for port in ["abc", "99999", "-1", "one"] {
        check_refused(&format!("slaveof 127.0.0.1 {port}"), "Invalid master port");
    }
}

#[test]
fn refused_lines() {
    check_refused("foo bar", "Bad directive or wrong number of arguments");
    check_refused("\"\" foo", "Bad directive or wrong number of arguments");
    check_refused("include", "Bad directive or wrong number of arguments");
    check_refused("include a b", "Bad directive or wrong number of arguments");
    check_refused("port \"abc", "Unbalanced quotes in configuration line");
    check_refused("port \"12\"x", "Unbalanced quotes in configuration line");
    check_refused("port", "wrong number of arguments");
    check_refused("port 1 2", "wrong number of arguments");
    check_refused("port 1 #x", "wrong number of arguments");
    check_refused("loglevel notice debug", "wrong number of arguments");
    check_refused("port abc", "argument couldn't be parsed into an integer");
    check_refused("databases 0", "argument must be between 1 and 2147483647 inclusive");
    check_refused("io-threads 129", "argument must be between 1 and 128 inclusive");
    check_refused("unixsocketperm 999", "argument couldn't be parsed as an octal number");
    check_refused("unixsocketperm 1777", "argument must be between 0 and 777 inclusive");
    check_refused("appendfilename a/b", "appendfilename can't be a path, just a filename");
    check_refused("appendfilename \"\"", "appendfilename can't be empty");
    check_refused("appenddirname a/b", "appenddirname can't be a path, just a dirname");
    check_refused("dbfilename a/b", "dbfilename can't be a path, just a filename");
    check_refused("dir /nonexistent", "No such file or directory");
    check_refused("supervised x", "argument(s) must be one of the following: upstart, systemd, auto, no");
    check_refused("save \"\" \"\"", "Invalid save parameters");
    check_refused("user a", "'user' is not there yet: it comes with access control lists");
}

#[test]
fn later_lines_keep_their_numbers() {
    let error = read("\n# a comment\nport 1\n  foo bar ").expect_err("foo is no option");
    assert!(error.to_string().contains("at line 4\n>>> 'foo bar'\n"), "{error}");
}

#[test]
fn passwords_are_left_out_of_errors() {
    let error = read("requirepass hunter2 zz").expect_err("two words").to_string();
    assert!(error.ends_with(">>> 'requirepass (redacted)'\nwrong number of arguments"), "{error}");
    let error = read("'primaryAUTH' \"hunter2").expect_err("a quote is open").to_string();
    assert!(!error.contains("hunter2"), "{error}");
}

#[test]
fn files_and_command_lines() {
    let scratch = Scratch::new();
    scratch.write("a.conf", "port 1\nsave 900 1");
    let config =
        scratch.load(&["a.conf", "--save", "60", "1", "--slaveof", "127.0.0.1", "8888"]).expect("loads");
    assert_eq!(
        shown(&config, &["port", "save", "slaveof"]),
        "port 1; save 900 1 60 1; slaveof 127.0.0.1 8888"
    );
    assert_eq!(config.file_path, Some(scratch.path("a.conf")));
    assert_eq!(config.snapshotting.dir, scratch.0);
    let config = scratch.load(&["--port", "2", "--save", "--loglevel", "verbose"]).expect("loads");
    assert_eq!(shown(&config, &["port", "save", "loglevel"]), "port 2; save ; loglevel verbose");
    assert_eq!(config.file_path, None);
    assert_eq!(scratch.load(&[]).expect("loads").network.port, 6379);
}

#[test]
fn options_of_the_command_line_are_numbered_after_the_file() {
    let scratch = Scratch::new();
    scratch.write("ended.conf", "port 1\n");
    scratch.write("open.conf", "port 1");
    for (arguments, number, line) in [
        (vec!["--port", "abc"], 2, "port \"abc\""),
        (vec!["--hz", "1", "--loglevel"], 3, "loglevel"),
        (vec!["ended.conf", "--foo", "bar"], 3, "foo \"bar\""),
        (vec!["open.conf", "other.conf"], 2, "\"other.conf\""),
    ] {
        let error = scratch.load(&arguments).expect_err("it is refused");
        assert!(error.to_string().contains(&format!("at line {number}\n>>> '{line}'\n")), "{error}");
    }
}

#[test]
fn unreadable_files() {
    let scratch = Scratch::new();
    let missing = scratch.path("missing.conf");
    let expected =
        format!("Fatal error, can't open config file '{}': No such file or directory", missing.display());
    assert_eq!(scratch.load(&["missing.conf"]).expect_err("no file").to_string(), expected);
    scratch.write("a.conf", "include missing.conf");
    assert_eq!(scratch.load(&["a.conf"]).expect_err("no file").to_string(), expected);
    assert!(scratch.load(&["."]).expect_err("a directory").to_string().ends_with("Is a directory"));
    let error = scratch.load(&["--logfile", "no/where.log"]).expect_err("no directory").to_string();
    assert!(error.ends_with("***\nCan't open the log file: No such file or directory"), "{error}");
}

#[test]
fn includes() {
    let scratch = Scratch::new();
    scratch.write("a.conf", "include b*.conf\ninclude none*.conf\nhz 20");
    scratch.write("b2.conf", "port 2");
    scratch.write("b1.conf", "port 1\nhz 30");
    scratch.write(".b3.conf", "port 3");
    let config = scratch.load(&["a.conf"]).expect("loads");
    assert_eq!(shown(&config, &["port", "hz"]), "port 2; hz 20");
    scratch.write("b2.conf", "#\nport");
    let error = scratch.load(&["a.conf"]).expect_err("a line of the included file").to_string();
    assert!(error.contains("at line 2\n>>> 'port'\nwrong number"), "{error}");
}

#[test]
fn includes_are_taken_from_the_directory_that_dir_names() {
    let scratch = Scratch::new();
    fs::create_dir(scratch.path("inner")).expect("a directory can be made");
    scratch.write("inner/b.conf", "port 4");
    scratch.write("a.conf", "dir inner\ninclude b.conf\ninclude ../*/b.conf");
    let config = scratch.load(&["a.conf"]).expect("loads");
    assert_eq!((config.network.port, config.snapshotting.dir), (4, scratch.path("inner")));
}

#[test]
fn everything_is_bounded() {
    let scratch = Scratch::new();
    scratch.write("loop.conf", "include loop.conf");
    let error = scratch.load(&["loop.conf"]).expect_err("it includes itself").to_string();
    assert!(error.ends_with("files include each other more than 16 deep"), "{error}");
    scratch.write("wide.conf", "include leaf.conf\n".repeat(MAX_FILES + 1));
    scratch.write("leaf.conf", "");
    let error = scratch.load(&["wide.conf"]).expect_err("too many").to_string();
    assert!(error.ends_with("more than 1000 files are included"), "{error}");
    let endless = load_from(&[b"-".to_vec()], &mut io::repeat(b'\n'), Path::new("/"));
    let error = endless.expect_err("it never ends").to_string();
    assert!(error.ends_with("larger than 8388608 bytes"), "{error}");
    assert!(read("#".repeat(MAX_BYTES as usize)).is_ok());
}

/// Whole-table checks.
#[test]
fn every_row_is_complete() {
    let defaults = Config::default();
    let mut names: Vec<&str> = table::rows().flat_map(super::super::Row::names).collect();
    for row in table::rows() {
        let words = row.documentation.concat();
        assert!(words.ends_with('.') && !(row.accepts)().is_empty(), "{} is not documented", row.name);
        assert!(row.name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{}", row.name);
        assert!(
            (row.lines)(&defaults).iter().all(|line| row.name == "dir" || !line.is_needed),
            "{}",
            row.name
        );
    }
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert!(count > 90 && names.len() == count);
}

#[test]
fn defaults_print_and_parse_back() {
    let start = read("").expect("nothing is fine");
    for row in table::rows().filter(|row| row.name != "replicaof") {
        let mut config = start.clone();
        let text = (row.print)(&config);
        row.assign_text(&mut config, &text, Source::Command)
            .unwrap_or_else(|error| panic!("{}: {error}", row.name));
        assert_eq!(config, start, "{}", row.name);
        let lines = (row.lines)(&config);
        let text: Vec<u8> = lines.iter().flat_map(|line| [line.text.as_slice(), b"\n"].concat()).collect();
        assert_eq!(read(&text).expect("the written line loads"), start, "{}", row.name);
    }
}

/// Pieces that make lines which get past the first checks.
const PIECES: &[&str] = &[
    "port ",
    "save ",
    "bind ",
    "slaveof ",
    "dir ",
    "\"",
    "'",
    "\\x4",
    "\\",
    " ",
    "\t",
    "\n",
    "\r\n",
    "0",
    "1",
    "-1",
    "99999999999999999999",
    "gb",
    "k",
    "normal ",
    "client-output-buffer-limit ",
    "yes",
    "#",
    "/",
    "*",
    "[",
    "\0",
    "maxmemory ",
    "unixsocketperm ",
    "oom-score-adj-values ",
    "{",
    "}",
    "e9",
    "proc-title-template ",
    "requirepass ",
    "user ",
    ".",
    "shutdown-on-sigint ",
    "now ",
    "é",
];

#[test]
fn garbage_is_refused_or_rewritten_faithfully() {
    let mut random = random_numbers(7);
    let mut accepted = 0;
    for _ in 0..20_000 {
        let mut text = Vec::new();
        for _ in 0..random() % 14 {
            match random() % 8 {
                0 => text.push((random() % 256) as u8),
                _ => text.extend(PIECES[random() % PIECES.len()].as_bytes()),
            }
        }
        let Ok(config) = read(&text) else { continue };
        accepted += 1;
        let again = read(config.rewritten(&text)).unwrap_or_else(|error| panic!("{text:?}: {error}"));
        assert_eq!(again, config, "{:?}", String::from_utf8_lossy(&text));
    }
    assert!(accepted > 1_000, "{accepted}");
}

/// A small generator with a seed (xorshift), so that a failure can be repeated.
fn random_numbers(seed: u64) -> impl FnMut() -> usize {
    let mut state = seed;
    move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 16) as usize
    }
}
