//! The command-line client: runs commands at a server, one or many, and shows the replies.
#![expect(clippy::disallowed_methods, reason = "the files of a user at a terminal")]
#![forbid(unsafe_code)]

use std::io::{self, IsTerminal};
use std::process::ExitCode;

mod args;
mod complete;
mod connect;
mod docs;
mod format;
mod help;
mod history;
mod modes;
mod password;
mod quote;
mod refusal;
mod repl;
mod run;
mod session;

use args::{Mode, Options};
use run::{complain, print};

/// Why the program ends with status 1.
#[derive(Debug)]
enum Failure {
    /// To be said on standard error.
    Message(String),
    /// Has been said.
    Told,
    /// Has been said, and the mode has a status of its own for it.
    Status(u8),
    /// Standard output is gone, as when a pager ends: nobody is left to tell.
    Output,
}

impl From<io::Error> for Failure {
    fn from(_: io::Error) -> Self {
        Failure::Output
    }
}

fn main() -> ExitCode {
    let arguments: Vec<Vec<u8>> =
        std::env::args_os().skip(1).map(std::os::unix::ffi::OsStringExt::into_vec).collect();
    let outcome = match args::parse(&arguments) {
        Ok((options, warnings)) => {
            warnings.iter().for_each(|warning| complain(warning));
            start(options)
        }
        Err(refusal) => Err(Failure::Message(refusal.to_string())),
    };
    match outcome {
        Ok(()) => return ExitCode::SUCCESS,
        Err(Failure::Message(text)) => complain(&text),
        Err(Failure::Status(status)) => return ExitCode::from(status),
        Err(Failure::Told | Failure::Output) => {}
    }
    ExitCode::FAILURE
}

fn start(mut options: Options) -> Result<(), Failure> {
    const NAME: &str = concat!("ochre-cli ", env!("CARGO_PKG_VERSION"), "\n");
    if options.asks_password {
        options.password = Some(password::ask()?);
    }
    match options.mode {
        Mode::Help => Ok(print(format!("{NAME}\n{}", args::HELP).as_bytes())?),
        Mode::Version => Ok(print(NAME.as_bytes())?),
        Mode::Stat => modes::stat::run(&options),
        Mode::Replication => modes::replication::run(&options),
        Mode::Scan => modes::scan::run(&options),
        Mode::Copy(ref name) => modes::copy::run(&options, name),
        Mode::MigrateFrom(ref source) => modes::migrate_from::run(&options, source),
        Mode::Pipe => modes::pipe::run(&options),
        Mode::Latency(restarts) => modes::latency::run(&options, restarts),
        Mode::LatencyDistribution => modes::latency_distribution::run(&options),
        Mode::Commands if options.command.is_empty() => repl::repl(&options),
        Mode::Commands => modes::command::run(&options),
    }
}

/// True when someone watches.
fn is_watched() -> bool {
    io::stdout().is_terminal()
}
