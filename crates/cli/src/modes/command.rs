//! Runs the command of the command line, as often as asked.

use std::io::{self, Read};

use crate::Failure;
use crate::args::{Options, StandardInput};
use crate::connect::LinkError;
use crate::repl::is_shutdown;
use crate::run::{RunError, complain, run as run_command};
use crate::session::Session;

/// Runs it.
pub fn run(options: &Options) -> Result<(), Failure> {
    let command = with_standard_input(options)?;
    let mut session = Session::new(options);
    match session.connect() {
        Ok(refusal) => refusal.iter().for_each(|text| complain(text)),
        Err(unreachable) => return Err(Failure::Message(unreachable.0)),
    }
    let mut rounds = 0;
    while options.repeat < 0 || rounds < options.repeat {
        if rounds > 0 {
            std::thread::sleep(options.interval);
        }
        match run_command(&mut session, options, &command) {
            Ok(()) => {}
            Err(RunError::Refused(text)) => return Err(Failure::Message(text)),
            Err(RunError::Output(error)) => return Err(error.into()),
            Err(RunError::Link(LinkError::Closed)) if is_shutdown(&command) => return Ok(()),
            Err(RunError::Link(error)) => return Err(error.into()),
            Err(RunError::NotConnected) => return Err(Failure::Told),
        }
        rounds += 1;
    }
    Ok(())
}

/// The command with the argument that standard input holds.
fn with_standard_input(options: &Options) -> Result<Vec<Vec<u8>>, Failure> {
    let mut command = options.command.clone();
    match &options.standard_input {
        StandardInput::Unused => {}
        StandardInput::Last => command.push(read_all()?),
        StandardInput::Tagged(tag) => {
            let Some(place) = command.iter_mut().find(|argument| *argument == tag) else {
                return Err(Failure::Message("Using -X option but stdin tag not match.".into()));
            };
            *place = read_all()?;
        }
    }
    Ok(command)
}

fn read_all() -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    io::stdin().lock().read_to_end(&mut bytes).map_err(|error| Failure::Message(error.to_string()))?;
    Ok(bytes)
}
