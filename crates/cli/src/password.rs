//! Asks for a password without showing it.

use std::borrow::Cow;
use std::io::{self, BufRead, IsTerminal};

use rustyline::completion::Completer;
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::Hinter;
use rustyline::history::MemHistory;
use rustyline::validate::Validator;
use rustyline::{ColorMode, Config, Editor, Helper};

use crate::Failure;

/// Shows a star for every character.
struct Mask;

impl Helper for Mask {}
impl Validator for Mask {}
impl Hinter for Mask {
    type Hint = String;
}
impl Completer for Mask {
    type Candidate = String;
}

impl Highlighter for Mask {
    fn highlight<'l>(&self, line: &'l str, _: usize) -> Cow<'l, str> {
        Cow::Owned("*".repeat(line.chars().count()))
    }

    fn highlight_char(&self, _: &str, _: usize, _: CmdKind) -> bool {
        true
    }
}

/// The password: from the terminal, or the first line of an input that is none.
pub fn ask() -> Result<Vec<u8>, Failure> {
    if !io::stdin().is_terminal() {
        let mut line = Vec::new();
        io::stdin()
            .lock()
            .read_until(b'\n', &mut line)
            .map_err(|error| Failure::Message(error.to_string()))?;
        return Ok(line.strip_suffix(b"\n").unwrap_or(&line).to_vec());
    }
    let read = || {
        let config = Config::builder().color_mode(ColorMode::Forced).build();
        let mut editor = Editor::<Mask, MemHistory>::with_history(config, MemHistory::new())?;
        editor.set_helper(Some(Mask));
        editor.readline("Please input password: ")
    };
    read().map(String::into_bytes).map_err(|error| Failure::Message(error.to_string()))
}
