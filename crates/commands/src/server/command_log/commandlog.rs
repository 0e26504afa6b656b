//! COMMANDLOG: the requests that took long, that were large, and whose replies were. A command of Valkey.

use super::{count, reply_entries};
use crate::grammar::help;
use crate::prelude::*;
use engine::command::only_subcommands;
use engine::observability::command_log::LogKind;

pub(super) const COMMAND: Command = Command {
    run: only_subcommands,
    subcommands: SUBCOMMANDS,
    spec: Spec {
        name: "COMMANDLOG",
        summary: "Contains the subcommands for the logs of slow and of large requests.",
        since: "8.1.0",
        complexity: "That of the subcommand.",
        group: Group::Server,
        arity: Arity::AtLeast(2),
        ..Spec::NEW
    },
};

const SUBCOMMANDS: &[Command] = &[
    Command {
        run: get,
        subcommands: &[],
        spec: Spec {
            name: "GET",
            summary: "Returns the latest requests of a log.",
            complexity: "O(N) with N the number of entries returned.",
            arity: Arity::Exactly(4),
            args: &[Arg::integer("count"), WHICH],
            tips: &["request_policy:all_nodes", "nondeterministic_output"],
            ..COMMANDLOG
        },
    },
    Command {
        run: commandlog_help,
        subcommands: &[],
        spec: Spec {
            name: "HELP",
            summary: "Lists the subcommands.",
            arity: Arity::Exactly(2),
            flags: LOADING.and(STALE),
            args: &[],
            ..COMMANDLOG
        },
    },
    Command {
        run: len,
        subcommands: &[],
        spec: Spec {
            name: "LEN",
            summary: "Returns how many requests a log holds.",
            tips: &["request_policy:all_nodes", "response_policy:agg_sum", "nondeterministic_output"],
            ..COMMANDLOG
        },
    },
    Command {
        run: reset,
        subcommands: &[],
        spec: Spec {
            name: "RESET",
            summary: "Empties a log.",
            complexity: "O(N) with N the number of entries.",
            tips: &["request_policy:all_nodes", "response_policy:all_succeeded"],
            ..COMMANDLOG
        },
    },
];

const WHICH: Arg = Arg::one_of(
    "type",
    &[
        Arg::token("slow", "SLOW"),
        Arg::token("large-request", "LARGE-REQUEST"),
        Arg::token("large-reply", "LARGE-REPLY"),
    ],
);

const COMMANDLOG: Spec = Spec {
    since: "8.1.0",
    complexity: "O(1)",
    group: Group::Server,
    arity: Arity::Exactly(3),
    flags: ADMIN.and(LOADING).and(STALE),
    args: &[WHICH],
    ..Spec::NEW
};

fn kind(args: &mut Args<'_>) -> Result<LogKind, Stop> {
    let word = args.next()?;
    let is_named = |kind: &LogKind| kind.name().as_bytes().eq_ignore_ascii_case(word);
    LogKind::ALL
        .into_iter()
        .find(is_named)
        .ok_or(Stop::error("ERR type should be one of the following: slow, large-request, large-reply"))
}

fn get(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let count = count(&mut args)?;
    let kind = kind(&mut args)?;
    reply_entries(ctx, kind, count);
    Ok(())
}

fn len(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let kind = kind(&mut args)?;
    ctx.reply.integer(ctx.engine.command_logs.of(kind).len() as i64);
    Ok(())
}

fn reset(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let kind = kind(&mut args)?;
    ctx.engine.command_logs.of_mut(kind).clear();
    ctx.reply.ok();
    Ok(())
}

fn commandlog_help(ctx: &mut Context<'_>, _: Args<'_>) -> Result<(), Stop> {
    let get = [
        "The latest <count> requests of a log, -1 for all of them.",
        "Of each: its number, when it ran, its measure, its words, the client's address and name.",
        "The log is slow (measured in microseconds), large-request or large-reply (in bytes).",
    ];
    help::reply(
        &mut ctx.reply,
        "COMMANDLOG",
        &[
            ("GET <count> <type>", &get),
            ("LEN <type>", &["How many requests the log holds."]),
            ("RESET <type>", &["Empty the log."]),
        ],
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{Bench, check, check_on};

    #[test]
    fn large_requests_and_large_replies() {
        let mut bench = Bench::new();
        let options = &mut bench.node.engine.config.statistics;
        (options.commandlog_request_larger_than, options.commandlog_reply_larger_than) = (60, 60);
        check_on(
            &mut bench,
            "SET k 123456789012345678901234567890123456789012345678901234567890 | STRLEN k | GET k
             COMMANDLOG LEN large-request -> 1 | COMMANDLOG LEN Large-Reply -> 1 | COMMANDLOG LEN slow -> 0",
        );
        let get = bench.run("COMMANDLOG GET 1 LARGE-REPLY");
        assert_eq!(get, "[[0, 1700000000, 67, [\"GET\", \"k\"], \"\", \"\"]]");
        check_on(
            &mut bench,
            "COMMANDLOG RESET large-request -> OK | COMMANDLOG LEN large-request -> 0 | COMMANDLOG GET -1 slow -> []",
        );
    }

    #[test]
    fn shares_the_slow_log() {
        let mut bench = Bench::new();
        bench.node.engine.config.statistics.slowlog_log_slower_than = 0;
        check_on(
            &mut bench,
            "PING | COMMANDLOG LEN slow -> 1 | SLOWLOG LEN -> 2 | COMMANDLOG RESET SLOW -> OK",
        );
    }

    #[test]
    fn refuses_what_is_no_log() {
        check(
            "COMMANDLOG GET a foo -> ERR count should be greater than or equal to -1
             COMMANDLOG GET 1 foo -> ERR type should be one of the following: slow, large-request, large-reply
             COMMANDLOG GET 1 -> ERR wrong number of arguments for 'commandlog|get' command",
        );
    }
}
