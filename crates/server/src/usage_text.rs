//! What the program says of itself on the command line.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this is where the program talks to its user")]

use engine::config::StartError;
use std::ffi::OsString;
use std::process::ExitCode;

const USAGE: &str = "\
Usage: ochre-server [/path/to/ochre.conf] [options] [-]
       ochre-server - (read the configuration from standard input)
       ochre-server -v or --version
       ochre-server -h or --help
       ochre-server --check-rdb FILE (as ochre-check-rdb: looks for damage in an RDB file)
       ochre-server --check-aof FILE (as ochre-check-aof: likewise in append-only files)

Every directive of the configuration file can be an option: its name after two dashes, then its words.

Examples:
       ochre-server
       echo 'port 7777' | ochre-server -
       ochre-server /etc/ochre/ochre.conf
       ochre-server --port 7777 --replicaof 127.0.0.1 8888
       ochre-server /etc/ochre/ochre.conf --loglevel verbose
";

/// Answers options that start no server.
pub fn answer(arguments: &[OsString]) -> Option<ExitCode> {
    if arguments.len() != 2 {
        return None;
    }
    match arguments[1].to_str()? {
        "-v" | "--version" => {
            println!(
                "Ochre server v={} redis={} malloc={} bits=64",
                engine::OCHRE_VERSION,
                engine::REDIS_VERSION,
                crate::allocator::name()
            );
            Some(ExitCode::SUCCESS)
        }
        "-h" | "--help" => {
            eprint!("{USAGE}");
            Some(ExitCode::FAILURE)
        }
        _ => None,
    }
}

/// Says on standard error why the configuration is refused.
pub fn refuse_configuration(error: &StartError) -> ExitCode {
    match error {
        StartError::Unreadable { .. } => stdx::logging::warning!("{error}"),
        StartError::Line { .. } | StartError::LogFile { .. } => eprintln!("\n{error}"),
    }
    ExitCode::FAILURE
}

/// The banner at the start: what runs, on which port, under which number.
pub fn banner(port: u16) -> String {
    let version = engine::OCHRE_VERSION;
    let redis = engine::REDIS_VERSION;
    let pid = std::process::id();
    format!(
        "\n     .---------.\n   .'  O C H R E '.     Ochre {version} (commands of Redis {redis}) 64 bit\n  /   .-------.    \\\n \
         |   /         \\   |    Running in standalone mode\n |  |           |  |    Port: {port}\n |   \\         /   |    \
         PID: {pid}\n  \\   '-------'    /\n   '._           _.'\n      '---------'\n\n"
    )
}
