//! The loop that reads commands and runs them: with a line editor on a terminal, else a line at a time.

use std::io::{self, BufRead, IsTerminal};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use net::stream::Address;
use rustyline::error::ReadlineError;
use rustyline::history::{History, MemHistory};
use rustyline::{CompletionType, Config, Editor};

use crate::Failure;
use crate::args::{Options, leading_integer};
use crate::complete::Assistant;
use crate::connect::LinkError;
use crate::docs;
use crate::format::Form;
use crate::history::{HistoryFile, home, is_secret};
use crate::quote::split_line;
use crate::refusal;
use crate::run::{RunError, complain, print, run};
use crate::session::Session;

/// A command that took this long is followed by its time.
const SLOW: Duration = Duration::from_millis(500);

/// Where lines come from.
enum Input {
    Terminal(Box<Editor<Assistant, MemHistory>>, HistoryFile),
    Lines(io::StdinLock<'static>),
}

/// What to do after a line.
#[derive(Debug, PartialEq, Eq)]
enum Next {
    Continue,
    Quit,
}

/// Reads and runs commands until the input ends.
pub fn repl(options: &Options) -> Result<(), Failure> {
    let mut session = Session::new(options);
    reconnect(&mut session);
    let mut input = open_input(&mut session)?;
    // Ending at the first error is for scripts that run one command.
    let options = Options { exits_on_error: false, ..options.clone() };
    while let Some(line) = read_line(&mut input, &session)? {
        if handle(&mut session, &options, &mut input, &line)? == Next::Quit {
            break;
        }
    }
    Ok(())
}

/// Connects, and shows what went wrong.
fn reconnect(session: &mut Session) {
    match session.connect() {
        Ok(refusal) => refusal.iter().for_each(|text| complain(text)),
        Err(unreachable) => complain(&unreachable.0),
    }
}

fn open_input(session: &mut Session) -> Result<Input, Failure> {
    if !io::stdin().is_terminal() {
        return Ok(Input::Lines(io::stdin().lock()));
    }
    signal_hook::flag::register(signal_hook::consts::SIGINT, session.interrupted.clone())
        .map_err(|error| Failure::Message(error.to_string()))?;
    refusal::tell(session);
    let config = Config::builder().completion_type(CompletionType::Circular).build();
    let mut editor = Editor::with_history(config, MemHistory::new())?;
    let mut assistant = Assistant { docs: docs::load(session), shows_hints: true };
    for line in preferences() {
        set_preference(&mut assistant, &line);
    }
    editor.set_helper(Some(assistant));
    let history = HistoryFile::locate();
    for line in history.load() {
        editor.history_mut().add(&line)?;
    }
    Ok(Input::Terminal(Box::new(editor), history))
}

impl From<ReadlineError> for Failure {
    fn from(error: ReadlineError) -> Self {
        Failure::Message(error.to_string())
    }
}

/// The lines of the preferences file.
fn preferences() -> Vec<String> {
    let named = ["OCHRECLI_RCFILE", "REDISCLI_RCFILE"].into_iter().find_map(std::env::var_os);
    let path = named.map(Into::into).or_else(|| Some(home()?.join(".ochreclirc")));
    let text = path.and_then(|path| std::fs::read_to_string(path).ok()).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

fn read_line(input: &mut Input, session: &Session) -> Result<Option<Vec<u8>>, Failure> {
    match input {
        Input::Terminal(editor, _) => match editor.readline(&session.prompt()) {
            Ok(line) => Ok(Some(line.into_bytes())),
            Err(ReadlineError::Eof | ReadlineError::Interrupted) => Ok(None),
            Err(error) => Err(error.into()),
        },
        Input::Lines(lines) => {
            let mut line = Vec::new();
            match lines.read_until(b'\n', &mut line) {
                Ok(0) => Ok(None),
                Ok(_) => Ok(Some(line.strip_suffix(b"\n").unwrap_or(&line).to_vec())),
                Err(error) => Err(Failure::Message(error.to_string())),
            }
        }
    }
}

fn handle(session: &mut Session, options: &Options, input: &mut Input, line: &[u8]) -> Result<Next, Failure> {
    let words = split_line(line);
    keep(input, line, words.as_deref().unwrap_or_default());
    let Ok(words) = words else {
        print(b"Invalid argument(s)\n")?;
        return Ok(Next::Continue);
    };
    let (repeat, words) = match words.split_first() {
        Some((count, command)) if !command.is_empty() && is_integer(count) => {
            (leading_integer(&String::from_utf8_lossy(count)), command)
        }
        _ => (1, words.as_slice()),
    };
    if repeat <= 0 {
        print(b"Invalid ochre-cli repeat command option value.\n")?;
        return Ok(Next::Continue);
    }
    let text: Vec<String> = words.iter().map(|word| String::from_utf8_lossy(word).to_lowercase()).collect();
    match text.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => {}
        ["quit" | "exit", ..] => return Ok(Next::Quit),
        ["clear"] => clear_screen(input)?,
        ["connect", host, port] => {
            let port = u16::try_from(leading_integer(port)).unwrap_or_default();
            session.address = Address::Tcp { host: (*host).into(), port };
            reconnect(session);
            if matches!(input, Input::Terminal(..)) {
                refusal::tell(session);
            }
        }
        [word, ..] if word.starts_with(':') => change_preference(input, line)?,
        _ => repeat_command(session, options, words, repeat)?,
    }
    Ok(Next::Continue)
}

fn is_integer(word: &[u8]) -> bool {
    std::str::from_utf8(word).is_ok_and(|word| word.parse::<i64>().is_ok())
}

/// Remembers a line unless it holds a secret.
fn keep(input: &mut Input, line: &[u8], words: &[Vec<u8>]) {
    let Input::Terminal(editor, file) = input else { return };
    let line = &*String::from_utf8_lossy(line);
    if line.trim().is_empty() || is_secret(words) {
        return;
    }
    // Adding fails only for a line that repeats the one before, which needs no second place.
    if editor.add_history_entry(line).unwrap_or(false) {
        file.append(line);
    }
}

fn clear_screen(input: &mut Input) -> Result<(), Failure> {
    match input {
        Input::Terminal(editor, _) => Ok(editor.clear_screen()?),
        Input::Lines(_) => Ok(print(b"\x1b[H\x1b[2J")?),
    }
}

fn change_preference(input: &mut Input, line: &[u8]) -> Result<(), Failure> {
    let line = &*String::from_utf8_lossy(line);
    let known = match input {
        Input::Terminal(editor, _) => {
            editor.helper_mut().is_some_and(|assistant| set_preference(assistant, line))
        }
        Input::Lines(_) => matches!(line.trim(), ":set hints" | ":set nohints"),
    };
    if !known {
        print(format!("unknown ochre-cli internal command '{}'\n", line.trim()).as_bytes())?;
    }
    Ok(())
}

fn set_preference(assistant: &mut Assistant, line: &str) -> bool {
    match line.split_whitespace().collect::<Vec<_>>().as_slice() {
        [":set", "hints"] => assistant.shows_hints = true,
        [":set", "nohints"] => assistant.shows_hints = false,
        _ => return false,
    }
    true
}

fn repeat_command(
    session: &mut Session,
    options: &Options,
    command: &[Vec<u8>],
    repeat: i64,
) -> Result<(), Failure> {
    let started = Instant::now();
    session.interrupted.store(false, Ordering::Relaxed);
    for round in 0..repeat {
        if round > 0 {
            std::thread::sleep(options.interval);
        }
        if !run_once(session, options, command)? {
            break;
        }
    }
    let elapsed = started.elapsed();
    if elapsed >= SLOW && options.formatter.form == Form::Tty {
        print(format!("({:.2}s)\n", elapsed.as_secs_f64()).as_bytes())?;
    }
    Ok(())
}

/// Runs a command, connecting first where there is no connection. False when repeating it makes no sense.
fn run_once(session: &mut Session, options: &Options, command: &[Vec<u8>]) -> Result<bool, Failure> {
    let is_help = command.first().is_some_and(|name| name.eq_ignore_ascii_case(b"help") || name == b"?");
    if !session.is_connected() {
        reconnect(session);
        if !session.is_connected() && !is_help {
            return Ok(false);
        }
    }
    match run(session, options, command) {
        Ok(()) => return Ok(true),
        Err(RunError::Refused(text)) => return Err(Failure::Message(text)),
        Err(RunError::Output(error)) => return Err(error.into()),
        Err(RunError::Link(LinkError::Interrupted)) => reconnect(session),
        Err(RunError::Link(LinkError::Closed)) if is_shutdown(command) => session.disconnect(),
        Err(RunError::Link(error)) => {
            session.disconnect();
            complain(&error.to_string());
        }
        Err(RunError::NotConnected) => {}
    }
    Ok(false)
}

/// True of the command that the server answers by hanging up.
pub fn is_shutdown(command: &[Vec<u8>]) -> bool {
    command.first().is_some_and(|name| name.eq_ignore_ascii_case(b"shutdown"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn preferences_are_few() {
        let mut assistant = Assistant { docs: Vec::new(), shows_hints: true };
        assert!(set_preference(&mut assistant, " :set nohints ") && !assistant.shows_hints);
        assert!(!set_preference(&mut assistant, ":set colours"));
    }
}
