//! DEBUG: looking inside and breaking things on purpose, for tests of servers and of clients.

mod data_set;
mod digest;
mod faults;
mod help;
mod inspect;
mod protocol;
mod switches;

use crate::prelude::*;

pub(super) const COMMANDS: &[Command] = &[Command {
    run: debug,
    spec: Spec {
        name: "DEBUG",
        summary: "Looks inside the server, or breaks it on purpose.",
        since: "1.0.0",
        complexity: "Depends on the subcommand.",
        group: Group::Server,
        arity: Arity::AtLeast(2),
        flags: ADMIN.and(NOSCRIPT).and(LOADING).and(STALE).and(PROTECTED),
        is_internal: true,
        ..Spec::NEW
    },
    subcommands: &[],
}];

/// A subcommand: its name, how many arguments it takes at least and at most, and who runs it. DEBUG is no container on
/// the wire: COMMAND knows it without subcommands.
struct Subcommand {
    name: &'static str,
    least: usize,
    most: usize,
    run: fn(&mut Context<'_>, Args<'_>) -> Result<(), Stop>,
}

const fn takes(
    name: &'static str,
    least: usize,
    most: usize,
    run: fn(&mut Context<'_>, Args<'_>) -> Result<(), Stop>,
) -> Subcommand {
    Subcommand { name, least, most, run }
}

/// As many arguments as there are.
const ANY: usize = usize::MAX;

const SUBCOMMANDS: &[Subcommand] = &[
    takes("AOF-FLUSH-SLEEP", 1, 1, switches::delay_writes),
    takes("CHANGE-REPL-ID", 0, 0, switches::change_replication_id),
    takes("CRASH-AND-RECOVER", 0, 1, faults::crash_and_recover),
    takes("DICT-RESIZING", 1, 1, switches::resizing),
    takes("DIGEST", 0, 0, digest::all),
    takes("DIGEST-VALUE", 1, ANY, digest::values),
    takes("HELP", 0, 0, help::help),
    takes("HTSTATS", 1, 2, inspect::tables),
    takes("LOADAOF", 0, 0, data_set::load_append_only),
    takes("LOG", 1, 1, switches::log_line),
    takes("OBJECT", 1, 2, inspect::entry),
    takes("OOM", 0, ANY, faults::out_of_memory),
    takes("PANIC", 0, ANY, faults::panic),
    takes("PAUSE-CRON", 1, 1, switches::pause_cron),
    takes("POPULATE", 1, 3, data_set::populate),
    takes("PROTOCOL", 1, 1, protocol::example),
    takes("RELOAD", 0, ANY, data_set::reload),
    takes("REPLYBUFFER", 2, 2, switches::reply_buffer),
    takes("RESTART", 0, 1, faults::restart),
    takes("SEGFAULT", 0, ANY, faults::segfault),
    takes("SET-ACTIVE-EXPIRE", 1, 1, switches::active_expire),
    takes("SET-SKIP-CHECKSUM-VALIDATION", 1, 1, switches::skip_checksums),
    takes("SLEEP", 1, 1, switches::sleep),
];

fn debug(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let name = args.next()?;
    let fits = |one: &&Subcommand| {
        one.name.as_bytes().eq_ignore_ascii_case(name) && (one.least..=one.most).contains(&args.len())
    };
    match SUBCOMMANDS.iter().find(fits) {
        Some(subcommand) => (subcommand.run)(ctx, args),
        None => Err(wrong_subcommand(name)),
    }
}

fn wrong_subcommand(name: &[u8]) -> Stop {
    let name = &name[..name.len().min(128)];
    Stop::quoting("ERR unknown subcommand or wrong number of arguments for '", name, "'. Try DEBUG HELP.")
}

#[cfg(test)]
mod tests {
    use super::SUBCOMMANDS;
    use crate::testing::{Bench, check};
    use engine::config::options::Permission;

    /// An engine on which DEBUG is allowed.
    pub(super) fn open_bench() -> Bench {
        let mut bench = Bench::new();
        bench.node.engine.config.security.enable_debug_command = Permission::Everybody;
        bench
    }

    #[test]
    fn needs_the_permission_of_the_configuration() {
        check(
            "DEBUG SLEEP 0 -> ERR DEBUG command not allowed. If the enable-debug-command option is set to \"local\", you \
             can run it from a local connection, otherwise you need to set this option in the configuration file, and \
             then restart the server.",
        );
    }

    #[test]
    fn unknown_and_incomplete_subcommands_look_alike() {
        let mut bench = open_bench();
        for request in ["foo", "LOG", "OBJECT", "SET-ACTIVE-EXPIRE"] {
            let expected = format!(
                "ERR unknown subcommand or wrong number of arguments for '{request}'. Try DEBUG HELP."
            );
            assert_eq!(bench.run(&format!("DEBUG {request}")), expected);
        }
    }

    #[test]
    fn help_tells_of_every_subcommand() {
        let help = open_bench().run("DEBUG HELP");
        for subcommand in SUBCOMMANDS {
            assert!(
                help.contains(&format!("\"{}", subcommand.name))
                    || help.contains(&format!(" {}", subcommand.name)),
                "{}",
                subcommand.name
            );
        }
    }
}
