//! A primary that sends rubbish: the link is closed, the reason logged, the old data kept, the link tried again.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::thread;

use testkit::{Program, Server, check, wait_until};

use crate::workers::{under_test, with_one_and_two_workers};

with_one_and_two_workers!(
    instead_of_an_answer,
    instead_of_a_resync,
    instead_of_a_data_set,
    instead_of_an_end,
    without_an_end,
    in_the_stream,
);

const ID: &str = "0123456789012345678901234567890123456789";

/// Plays a primary that answers the handshake and then sends fixed bytes.
pub struct FakePrimary {
    pub port: u16,
    served: Arc<AtomicU64>,
}

/// What is sent.
#[derive(Clone)]
pub struct Lines {
    /// What PING is answered with.
    pub ping: Vec<u8>,
    /// What PSYNC is answered with, before the connection is closed.
    pub psync: Vec<u8>,
}

impl FakePrimary {
    pub fn start(lines: Lines) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let port = listener.local_addr().expect("bound").port();
        let served = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&served);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // The replica may close in the middle of it.
                let _ = serve(stream, &lines);
                counter.fetch_add(1, SeqCst);
            }
        });
        Self { port, served }
    }
}

fn serve(mut stream: TcpStream, lines: &Lines) -> std::io::Result<()> {
    for line in BufReader::new(stream.try_clone()?).lines() {
        match line?.to_ascii_uppercase().as_str() {
            "PING" => stream.write_all(&lines.ping)?,
            "AUTH" | "REPLCONF" => stream.write_all(b"+OK\r\n")?,
            "PSYNC" => return stream.write_all(&lines.psync),
            _ => {}
        }
    }
    Ok(())
}

/// Points a server with data at the fake primary, lets it be served twice, and demands that nothing was lost.
fn survives(workers: u32, name: &str, lines: Lines) {
    let fake = FakePrimary::start(lines);
    let mut settings = under_test(workers).line("repl-timeout 5");
    if !Program::under_test().is_ochre() {
        // Real servers keep the old data only in this mode.
        settings = settings.line("repl-diskless-load swapdb");
    }
    let mut server = settings.start();
    let mut client = server.client();
    check(&mut client, &format!("SET kept v -> OK\nREPLICAOF 127.0.0.1 {} -> OK", fake.port));
    wait_until(&format!("{name}: it has tried twice"), || fake.served.load(SeqCst) >= 2);
    assert!(server.is_running(), "{name}: the server has ended");
    assert_eq!(client.info("replication").text("master_link_status"), "down", "{name}");
    check(&mut client, "GET kept -> \"v\"\nDBSIZE -> 1");
    // It is refused while another copy is being read.
    wait_until(&format!("{name}: it is a primary again"), || !client.run("REPLICAOF NO ONE").is_error());
    check(&mut client, "SET kept w -> OK");
    must_stay_small(&server, name);
}

fn must_stay_small(server: &Server, name: &str) {
    let used = server.resident_bytes();
    assert!(used < 200 << 20, "{name}: the server grew to {used} bytes");
}

pub fn after_psync(bytes: impl AsRef<[u8]>) -> Lines {
    Lines { ping: b"+PONG\r\n".to_vec(), psync: bytes.as_ref().to_vec() }
}

pub fn after_fullresync(bytes: impl AsRef<[u8]>) -> Lines {
    let mut psync = format!("+FULLRESYNC {ID} 0\r\n").into_bytes();
    psync.extend_from_slice(bytes.as_ref());
    after_psync(psync)
}

fn instead_of_an_answer(workers: u32) {
    for ping in
        [&b"HTTP/1.1 400 Bad Request\r\n\r\n"[..], b"\x00\x01\x02\r\n", b"$-1\r\n", b"-ERR go away\r\n"]
    {
        survives(workers, "an odd answer to PING", Lines { ping: ping.to_vec(), psync: Vec::new() });
    }
}

fn instead_of_a_resync(workers: u32) {
    for psync in [
        "+FULLRESYNC\r\n",
        "+FULLRESYNC tooshort 0\r\n",
        "-ERR no\r\n",
        "-NOMASTERLINK Can't SYNC while not connected with my master\r\n",
        "+WHAT\r\n",
        ":1\r\n",
        "",
    ] {
        survives(workers, psync, after_psync(psync));
    }
}

fn instead_of_a_data_set(workers: u32) {
    for data in
        ["$-5\r\n", "$99999999999999999999\r\n", "$abc\r\n", "!garbage\r\n", "*3\r\n", "$9\r\nNOTREDISX"]
    {
        survives(workers, data, after_fullresync(data));
    }
    // A length far beyond what follows must not be believed.
    survives(workers, "a claimed terabyte", after_fullresync("$1099511627776\r\nREDIS0010"));
}

/// A data set that is damaged near its end, when much of it has been read.
fn instead_of_an_end(workers: u32) {
    let mut data = b"REDIS0010\xfe\x00".to_vec();
    for number in 0..2000 {
        data.extend_from_slice(format!("\x00\x09key:{number:05}\x05value").as_bytes());
    }
    let cut_short = [format!("${}\r\n", data.len() + 1).as_bytes(), &data].concat();
    survives(workers, "cut short", after_fullresync(cut_short));
    if !Program::under_test().is_ochre() {
        // Real servers end when the data set of a whole transfer is damaged.
        return;
    }
    for (name, end) in [
        ("a wrong checksum", &b"\xff\x01\x02\x03\x04\x05\x06\x07\x08"[..]),
        ("an odd type", b"\xc8\x03abc\xff"),
        ("a length beyond the end", b"\x00\x81\xff\xff\xff\xff\xff\xff\xff\xffkey"),
    ] {
        let head = format!("${}\r\n", data.len() + end.len());
        survives(workers, name, after_fullresync([head.as_bytes(), &data, end].concat()));
    }
}

/// A line that never ends must not fill the memory.
fn without_an_end(workers: u32) {
    survives(workers, "an endless line", after_psync(vec![b'x'; 64 << 20]));
    survives(
        workers,
        "an endless length",
        after_fullresync(["$".repeat(8 << 20), "\r\n".to_owned()].concat()),
    );
}

/// A data set that is right, then a stream that is not.
fn in_the_stream(workers: u32) {
    let empty = b"REDIS0010\xff\x00\x00\x00\x00\x00\x00\x00\x00";
    for stream in
        ["*1\r\n$-7\r\n", "*99999999\r\n", "*1\r\n$999999999999\r\n", "*2\r\n:1\r\n:2\r\n", "\r\n\r\n"]
    {
        let bytes = [format!("${}\r\n", empty.len()).as_bytes(), empty, stream.as_bytes()].concat();
        let fake = FakePrimary::start(after_fullresync(bytes));
        let mut server = under_test(workers).start();
        let mut client = server.client();
        check(&mut client, &format!("SET old v -> OK\nREPLICAOF 127.0.0.1 {} -> OK", fake.port));
        wait_until("it has tried twice", || fake.served.load(SeqCst) >= 2);
        assert!(server.is_running());
        // The empty data set was whole: it took the place of the old data.
        check(&mut client, "DBSIZE -> 0\nPING -> PONG");
        must_stay_small(&server, stream);
    }
}
