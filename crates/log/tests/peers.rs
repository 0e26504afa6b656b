//! Real servers load what we write, and we read what they write. Runs with the servers found on PATH.
#![expect(clippy::disallowed_methods, reason = "tests look at real files")]

use log::annotation::Annotation;
use log::history::{Branch, Chain};
use log::manifest::{self, BaseFormat};
use log::policy::{FsyncPolicy, Moment};
use log::scan::{End, Options, Record, verify};
use log::vfs::{RealVfs, Vfs};
use log::writer::{LogWriter, Resume, Start, WriterOptions};
use log::{Offset, ReplicationId};
use std::convert::Infallible;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

const STEM: &str = "appendonly.aof";

fn on_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|directory| directory.join(program).is_file())
}

/// A running server, killed when dropped.
struct Server {
    process: Child,
    port: u16,
}

impl Server {
    fn start(program: &str, directory: &Path) -> Self {
        let port =
            TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a port").port();
        let options =
            ["--save", "", "--appendonly", "yes", "--aof-load-truncated", "no", "--bind", "127.0.0.1"];
        let process = Command::new(program)
            .args(["--port", &port.to_string(), "--dir"])
            .arg(directory)
            .args(options)
            .stdout(Stdio::null())
            .spawn()
            .expect("the server starts");
        let mut server = Self { process, port };
        while server.ask("PING").as_deref() != Some("+PONG") {
            assert_eq!(server.process.try_wait().expect("waitable"), None, "{program} ended while loading");
            std::thread::yield_now();
        }
        server
    }

    fn keys_in(&self, database: u32) -> Option<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        stream.write_all(format!("SELECT {database}\r\nDBSIZE\r\n").as_bytes()).ok()?;
        BufReader::new(stream).lines().nth(1)?.ok()
    }

    fn ask(&self, command: &str) -> Option<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        stream.write_all(format!("{command}\r\n").as_bytes()).ok()?;
        let mut lines = BufReader::new(stream).lines();
        let first = lines.next()?.ok()?;
        if first.starts_with('$') && first != "$-1" { lines.next()?.ok() } else { Some(first) }
    }

    fn shut_down(mut self) {
        self.ask("SHUTDOWN");
        self.process.wait().expect("it ends");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn command(words: &[&str]) -> Vec<u8> {
    let mut text = format!("*{}\r\n", words.len());
    words.iter().for_each(|word| text.push_str(&format!("${}\r\n{word}\r\n", word.len())));
    text.into_bytes()
}

fn content(path: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    RealVfs.open_read(path).and_then(|mut file| file.read_to_end(&mut bytes)).expect("readable");
    bytes
}

fn write(writer: &mut LogWriter, words: &[&str]) {
    let bytes = command(words);
    let end = writer.end().plus(bytes.len());
    writer.write(&bytes, end, Moment { monotonic_ms: 0, unix_s: 1_800_000_000 }).expect("a working disk");
}

/// Goes on in the increment that the server left, with annotations, and into another one.
fn go_on_with_ours(directory: &Path) {
    let manifest = manifest::load(&RealVfs, directory, STEM).expect("valid").expect("there");
    let last = directory.join(&manifest.increments.last().expect("an increment").name);
    let report = verify(content(&last).as_slice(), &Options::default()).expect("readable");
    assert_eq!((report.end, report.position), (End::Clean, None));
    assert!(report.commands >= 3, "{report:?}");
    let id = ReplicationId::from_random([0xc3; 20]);
    let mut chain = Chain::new();
    chain.push(Branch { id, parent: Some(id), at: Offset::MAX, keys: u64::MAX });
    let resume = Resume { file_bytes: report.good_bytes, annotator: report.annotator() };
    let start = Start { id, chain, offset: Offset(u64::MAX >> 2), resume: Some(resume), held: Vec::new() };
    let options = WriterOptions {
        directory: directory.to_owned(),
        stem: STEM.to_owned(),
        policy: FsyncPolicy::EverySecond,
        timestamps: true,
        retention: log::held_files::Retention { bytes: 1 << 30, seconds: 0 },
    };
    let now = Moment::default();
    let mut writer = LogWriter::open(Arc::new(RealVfs), options, manifest, start, now).expect("opens");
    write(&mut writer, &["SELECT", "0"]);
    write(&mut writer, &["SET", "ours", "#LOG: in a value\r\n#SUM:"]);
    writer.sync(now).expect("syncs");
    write(&mut writer, &["PING"]);
    write(&mut writer, &["REPLCONF", "GETACK", "*"]);
    write(&mut writer, &["SELECT", "3"]);
    writer.rotate(&command(&["SELECT", "3"]), now).expect("rotates");
    for number in 0..500 {
        let key = number.to_string();
        writer.sync(now).expect("syncs");
        let set = [command(&["MULTI"]), command(&["SET", &key, "1"]), command(&["EXEC"])].concat();
        writer.write(&set, writer.end().plus(set.len()), now).expect("a working disk");
    }
    writer.close(now).expect("closes");
}

fn there_and_back(program: &str) {
    let directory = std::env::temp_dir().join(format!("ochre-{program}-{}", std::process::id()));
    fs::create_dir_all(&directory).expect("a directory");
    let server = Server::start(program, &directory);
    server.ask("SET theirs 1");
    let base = server.ask("BGREWRITEAOF");
    assert!(base.is_some_and(|reply| reply.starts_with('+')));
    server.ask("SET theirs:after 2");
    server.ask("INCR theirs:counter");
    server.shut_down();
    let files = directory.join("appendonlydir");
    go_on_with_ours(&files);

    let server = Server::start(program, &directory);
    assert_eq!(server.ask("GET theirs").as_deref(), Some("1"));
    assert_eq!(server.ask("GET theirs:after").as_deref(), Some("2"));
    assert_eq!(server.ask("STRLEN ours").as_deref(), Some(":23"));
    assert_eq!((server.keys_in(0).as_deref(), server.keys_in(3).as_deref()), (Some(":4"), Some(":500")));
    server.ask("SET foreign 1");
    server.shut_down();
    foreign_end_is_noticed(&files);
    fs::remove_dir_all(&directory).expect("removable");
}

/// The server appended to our closed increment: our history does not hold for that.
fn foreign_end_is_noticed(directory: &Path) {
    let manifest = manifest::load(&RealVfs, directory, STEM).expect("valid").expect("there");
    let last = directory.join(&manifest.increments.last().expect("an increment").name);
    let mut positions = 0;
    let mut last_words = Vec::new();
    let report = log::scan::scan(content(&last).as_slice(), &Options::default(), |record| {
        match record {
            Record::Annotation { annotation: Annotation::Position { .. }, .. } => positions += 1,
            Record::Annotation { .. } => {}
            Record::Command { arguments, .. } => {
                last_words = arguments.iter().map(<[u8]>::to_vec).collect();
            }
        }
        Ok::<(), Infallible>(())
    });
    let report = report.expect("readable");
    assert_eq!((report.end, report.has_foreign_end, report.position), (End::Clean, true, None));
    assert!(positions >= 2 && report.commands > 1500);
    assert_eq!(last_words, [b"SET".to_vec(), b"foreign".to_vec(), b"1".to_vec()]);
}

#[test]
fn servers_load_our_files_and_we_read_theirs() {
    for program in ["redis-server", "valkey-server"] {
        if on_path(program) {
            there_and_back(program);
        }
    }
}

/// A base made as commands, and the manifest after a rewrite of ours.
fn rewritten(directory: &Path) {
    let id = ReplicationId::from_random([1; 20]);
    let start = Start { id, chain: Chain::new(), offset: Offset(7), resume: None, held: Vec::new() };
    let options = WriterOptions {
        directory: directory.join("appendonlydir"),
        stem: STEM.to_owned(),
        policy: FsyncPolicy::Always,
        timestamps: false,
        retention: log::held_files::Retention { bytes: 1 << 30, seconds: 0 },
    };
    let files: PathBuf = options.directory.clone();
    let now = Moment::default();
    let manifest = manifest::Manifest::new();
    let mut writer = LogWriter::open(Arc::new(RealVfs), options, manifest, start, now).expect("opens");
    write(&mut writer, &["SET", "replaced", "1"]);
    writer.rotate(b"", now).expect("rotates");
    write(&mut writer, &["SET", "later", "1"]);
    fs::write(files.join("temp-base"), command(&["SET", "base", "1"])).expect("written");
    writer.finish_rewrite("temp-base", BaseFormat::Commands).expect("finishes");
    writer.close(now).expect("closes");
    assert_eq!(
        fs::read_dir(&files).expect("listable").count(),
        5,
        "base, increment, manifest, kept file, list"
    );
}

#[test]
fn servers_load_what_a_rewrite_of_ours_leaves() {
    for program in ["redis-server", "valkey-server"] {
        if on_path(program) {
            let directory = std::env::temp_dir().join(format!("ochre-rw-{program}-{}", std::process::id()));
            fs::create_dir_all(&directory).expect("a directory");
            rewritten(&directory);
            let server = Server::start(program, &directory);
            assert_eq!(server.ask("EXISTS base later replaced").as_deref(), Some(":2"));
            drop(server);
            fs::remove_dir_all(&directory).expect("removable");
        }
    }
}
