//! Which of the programs in this one binary is wanted: the name that it was started under says so, or an option.

use crate::check::{self, Console};
use crate::startup;
use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::process::ExitCode;

/// What the binary can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Program {
    Server,
    CheckRdb,
    CheckAof,
    Sentinel,
}

/// Words in the program's name, and options, that ask for something else than the server.
const OTHERS: [(&str, &str, Program); 3] = [
    ("check-rdb", "--check-rdb", Program::CheckRdb),
    ("check-aof", "--check-aof", Program::CheckAof),
    ("sentinel", "--sentinel", Program::Sentinel),
];

/// Runs the program that `arguments` name, the first of which is the program's own name.
pub fn run(mut arguments: Vec<OsString>) -> ExitCode {
    let (program, is_option) = choose(&arguments);
    if is_option {
        arguments.remove(1);
    }
    match program {
        Program::Server => startup::run(arguments),
        Program::CheckRdb => check_files(&arguments, check::snapshot::run),
        Program::CheckAof => check_files(&arguments, check::append_only::run),
        Program::Sentinel => refuse_sentinel(),
    }
}

/// The program, and whether the first argument had to say so.
fn choose(arguments: &[OsString]) -> (Program, bool) {
    let path = arguments.first().map(Path::new).unwrap_or(Path::new(""));
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let named = OTHERS.iter().find(|(word, ..)| name.contains(word));
    let option = arguments.get(1).and_then(|first| OTHERS.iter().find(|(_, option, _)| first == option));
    match (named, option) {
        (Some((.., program)), _) => (*program, false),
        (None, Some((.., program))) => (*program, true),
        (None, None) if arguments.iter().any(|word| word == "--sentinel") => (Program::Sentinel, false),
        (None, None) => (Program::Server, false),
    }
}

fn check_files(
    arguments: &[OsString],
    run: fn(&[OsString], &mut Console<'_>) -> io::Result<ExitCode>,
) -> ExitCode {
    let (mut input, mut out) = (io::stdin().lock(), io::stdout().lock());
    let mut console = Console { input: &mut input, out: &mut out };
    // Nobody reads on: there is nobody to tell.
    run(arguments.get(1..).unwrap_or_default(), &mut console).unwrap_or(ExitCode::FAILURE)
}

#[expect(clippy::print_stderr, reason = "there is no log to tell it to")]
fn refuse_sentinel() -> ExitCode {
    eprintln!(
        "Ochre has no Sentinel mode: this process watches no servers and ends. Redis's and Valkey's sentinels watch Ochre."
    );
    ExitCode::FAILURE
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(line: &str) -> (Program, bool) {
        choose(&line.split(' ').map(OsString::from).collect::<Vec<_>>())
    }

    #[test]
    fn name_or_option_choose() {
        assert_eq!(chosen("/usr/bin/ochre-server --port 1"), (Program::Server, false));
        assert_eq!(chosen("/check-rdb/ochre-server"), (Program::Server, false));
        assert_eq!(chosen("./ochre-check-rdb --check-aof"), (Program::CheckRdb, false));
        assert_eq!(chosen("valkey-check-aof --fix a"), (Program::CheckAof, false));
        assert_eq!(chosen("ochre-server --check-aof a"), (Program::CheckAof, true));
        assert_eq!(chosen("ochre-server a.conf --check-aof"), (Program::Server, false));
        assert_eq!(chosen("redis-sentinel a.conf"), (Program::Sentinel, false));
        assert_eq!(chosen("ochre-server a.conf --sentinel"), (Program::Sentinel, false));
        assert_eq!(choose(&[]), (Program::Server, false));
    }
}
