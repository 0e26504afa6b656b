//! `--pipe`: sends standard input as it is, and counts the replies.

use std::io::{self, ErrorKind, Read, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use net::stream::Stream;
use resp::value::{ReplyParser, Value, append_command};

use crate::Failure;
use crate::args::Options;
use crate::connect::{is_wait, system_text};
use crate::modes::open;
use crate::run::{complain, print};

/// How long a read waits before it looks whether time is up.
const TIMEOUT_CHECK: Duration = Duration::from_millis(100);

/// Read and sent at once, in bytes.
const CHUNK_BYTES: usize = 64 << 10;

/// What was counted.
#[derive(Default)]
struct Tally {
    replies: u64,
    errors: u64,
}

impl Tally {
    /// Counts a reply; says what is wrong if it is an error.
    fn count(&mut self, reply: &Value) {
        self.replies += 1;
        if let Value::Error(text) = reply {
            complain(&String::from_utf8_lossy(text));
            self.errors += 1;
        }
    }
}

/// Sends all, waits for the last reply, tells how many were errors.
pub fn run(options: &Options) -> Result<(), Failure> {
    let mut session = open(options)?;
    let Some(connection) = session.take_connection() else { return Err(Failure::Told) };
    let mut stream = connection.into_stream();
    let mut sender = stream.try_clone().map_err(|error| Failure::Message(error.to_string()))?;
    stream.set_read_timeout(Some(TIMEOUT_CHECK)).map_err(|error| Failure::Message(error.to_string()))?;
    // The last request echoes this; its reply is the last one.
    let mark: Vec<u8> = std::iter::repeat_with(|| fastrand::u8(..)).take(20).collect();
    let all_sent = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let (mark, all_sent) = (&mark, &all_sent);
        let copying = scope.spawn(move || {
            let result = send_all(&mut sender, mark);
            all_sent.store(true, Ordering::Release);
            result
        });
        let tally = count_replies(&mut stream, mark, all_sent, options.pipe_timeout);
        let tally = match tally {
            Ok(tally) => tally,
            // The sender may wait for input that never ends: leave it behind.
            Err(failure) => leave(failure),
        };
        if let Ok(Err(error)) = copying.join() {
            complain(&format!("Error writing to the server: {}", system_text(&error)));
        }
        print(format!("errors: {}, replies: {}\n", tally.errors, tally.replies).as_bytes())?;
        if tally.errors > 0 { Err(Failure::Told) } else { Ok(()) }
    })
}

fn leave(failure: Failure) -> ! {
    if let Failure::Message(text) = failure {
        complain(&text);
    }
    std::process::exit(1)
}

fn send_all(sender: &mut Stream, mark: &[u8]) -> io::Result<()> {
    let mut input = io::stdin().lock();
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        let length = match input.read(&mut chunk) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            other => other?,
        };
        if length == 0 {
            break;
        }
        sender.write_all(chunk.get(..length).unwrap_or_default())?;
    }
    // A newline ends a plain command that lacks one, and the server skips an empty line.
    let mut last = b"\r\n".to_vec();
    append_command(&mut last, &[b"ECHO", mark]);
    sender.write_all(&last)
}

fn count_replies(
    stream: &mut Stream,
    mark: &[u8],
    all_sent: &AtomicBool,
    timeout: Option<Duration>,
) -> Result<Tally, Failure> {
    let (mut parser, mut tally) = (ReplyParser::new(), Tally::default());
    let mut chunk = vec![0; CHUNK_BYTES];
    let (mut has_told, mut heard) = (false, Instant::now());
    loop {
        while let Some(reply) = parser.next_reply().map_err(|error| Failure::Message(error.to_string()))? {
            heard = Instant::now();
            if reply.as_bytes() == Some(mark) {
                tell_sent(&mut has_told)?;
                print(b"Last reply received from server.\n")?;
                return Ok(tally);
            }
            tally.count(&reply);
        }
        if all_sent.load(Ordering::Acquire) {
            tell_sent(&mut has_told)?;
            if let Some(timeout) = timeout.filter(|timeout| heard.elapsed() > *timeout) {
                complain(&format!("No replies for {} seconds: exiting.", timeout.as_secs()));
                tally.errors += 1;
                return Ok(tally);
            }
        } else {
            heard = Instant::now();
        }
        let length = read_some(stream, &mut chunk, &tally)?;
        parser.feed(chunk.get(..length).unwrap_or_default());
    }
}

/// Reads what has come; 0 when that is nothing yet.
fn read_some(stream: &mut Stream, chunk: &mut [u8], tally: &Tally) -> Result<usize, Failure> {
    match stream.read(chunk) {
        Ok(0) => Err(closed(tally)),
        Ok(length) => Ok(length),
        Err(error) if is_wait(&error) => Ok(0),
        Err(error) if error.kind() == ErrorKind::ConnectionReset => Err(closed(tally)),
        Err(error) => {
            Err(Failure::Message(format!("Error reading from the server: {}", system_text(&error))))
        }
    }
}

/// The server has hung up: an error reply before has said why.
fn closed(tally: &Tally) -> Failure {
    match tally.errors {
        0 => Failure::Message("Server closed the connection".into()),
        _ => Failure::Told,
    }
}

fn tell_sent(has_told: &mut bool) -> Result<(), Failure> {
    if !*has_told {
        print(b"All data transferred. Waiting for the last reply...\n")?;
        *has_told = true;
    }
    Ok(())
}
