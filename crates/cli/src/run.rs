//! Runs one command: sends it, prints what comes back, follows a stream of messages until it ends.

use std::io::{self, Write};

use resp::value::Value;

use crate::args::Options;
use crate::connect::LinkError;
use crate::docs;
use crate::help;
use crate::session::Session;

/// Why a command did not run to its end.
#[derive(Debug)]
pub enum RunError {
    /// There is no connection.
    NotConnected,
    /// The connection failed amid the command.
    Link(LinkError),
    /// With `-e`: the error reply, which is printed as an error.
    Refused(String),
    /// Standard output is gone.
    Output(io::Error),
}

impl From<LinkError> for RunError {
    fn from(error: LinkError) -> Self {
        RunError::Link(error)
    }
}

impl From<io::Error> for RunError {
    fn from(error: io::Error) -> Self {
        RunError::Output(error)
    }
}

/// Runs `command` and prints its reply.
pub fn run(session: &mut Session, options: &Options, command: &[Vec<u8>]) -> Result<(), RunError> {
    let Some(name) = command.first().map(|name| name.to_ascii_lowercase()) else { return Ok(()) };
    if matches!(name.as_slice(), b"help" | b"?") {
        let docs = docs::load(session);
        return Ok(print(&help::answer(&docs, command.get(1..).unwrap_or_default()))?);
    }
    let is_text = replies_with_text(command);
    let interrupted = session.interrupted.clone();
    let connection = session.connection().ok_or(RunError::NotConnected)?;
    connection.send(command)?;
    let is_stream = matches!(name.as_slice(), b"monitor" | b"subscribe" | b"psubscribe" | b"ssubscribe");
    if is_stream && name != b"monitor" && options.formatter.form != crate::format::Form::Raw {
        print(b"Reading messages... (press Ctrl-C to quit)\n")?;
    }
    loop {
        let reply = session.connection().ok_or(RunError::NotConnected)?.receive(&interrupted)?;
        if !is_stream && matches!(reply, Value::Push(_)) && !is_unsubscription(&name, &reply) {
            if options.shows_pushes {
                print(&options.formatter.format_push(&reply))?;
            }
            continue;
        }
        show_reply(options, &reply, is_text)?;
        if !is_stream || reply.is_error() {
            session.note(command, &reply);
            return Ok(());
        }
    }
}

/// True of the push message that answers UNSUBSCRIBE or one of its kin: with RESP3 no other reply comes.
fn is_unsubscription(name: &[u8], reply: &Value) -> bool {
    let first = reply.as_elements().and_then(<[Value]>::first).and_then(Value::as_bytes);
    matches!(name, b"unsubscribe" | b"punsubscribe" | b"sunsubscribe") && first == Some(name)
}

fn show_reply(options: &Options, reply: &Value, is_text: bool) -> Result<(), RunError> {
    match reply {
        Value::Error(text) if options.exits_on_error => {
            Err(RunError::Refused(String::from_utf8_lossy(text).into_owned()))
        }
        _ => Ok(print(&options.formatter.format(reply, is_text))?),
    }
}

/// Writes to standard output at once.
pub fn print(bytes: &[u8]) -> io::Result<()> {
    let mut output = io::stdout().lock();
    output.write_all(bytes)?;
    output.flush()
}

/// Writes a line to standard error.
pub fn complain(text: &str) {
    // Standard error may be closed; there is nobody left to tell then.
    let _ = writeln!(io::stderr(), "{text}");
}

/// True of the commands whose reply is text for people, to be shown as it is even on a terminal.
fn replies_with_text(command: &[Vec<u8>]) -> bool {
    let word = |index: usize| command.get(index).map(|word| word.to_ascii_lowercase()).unwrap_or_default();
    match (word(0).as_slice(), word(1).as_slice()) {
        (b"info" | b"lolwut", _) => true,
        (b"debug", b"htstats" | b"htstats-key" | b"client-eviction") => true,
        (b"memory", b"malloc-stats" | b"doctor") => true,
        (b"cluster", b"nodes" | b"info") => command.len() == 2,
        (b"client", b"list" | b"info") => true,
        (b"latency", b"graph") => command.len() == 3,
        (b"latency", b"doctor") => command.len() == 2,
        (b"proxy", b"info") => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_which_replies_are_text() {
        let is_text = |line: &str| {
            let words: Vec<Vec<u8>> = line.split(' ').map(|word| word.as_bytes().to_vec()).collect();
            replies_with_text(&words)
        };
        assert!(is_text("INFO") && is_text("client LIST type normal") && is_text("latency doctor"));
        assert!(!is_text("get info") && !is_text("client id") && !is_text("latency doctor x"));
    }
}
