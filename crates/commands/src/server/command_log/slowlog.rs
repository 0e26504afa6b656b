//! SLOWLOG: the requests that took long.

use super::{count, reply_entries};
use crate::grammar::help;
use crate::prelude::*;
use engine::command::only_subcommands;
use engine::observability::command_log::LogKind;

pub(super) const COMMAND: Command = Command {
    run: only_subcommands,
    subcommands: SUBCOMMANDS,
    spec: Spec {
        name: "SLOWLOG",
        summary: "Contains the subcommands for the log of slow requests.",
        since: "2.2.12",
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
            summary: "Returns the latest slow requests.",
            complexity: "O(N) with N the number of entries returned.",
            arity: Arity::AtLeast(2),
            args: &[Arg::integer("count").optional()],
            history: &[("4.0.0", "Entries tell the client's address and name.")],
            tips: &["request_policy:all_nodes", "nondeterministic_output"],
            ..SLOWLOG
        },
    },
    Command {
        run: slowlog_help,
        subcommands: &[],
        spec: Spec {
            name: "HELP",
            summary: "Lists the subcommands.",
            since: "6.2.0",
            flags: LOADING.and(STALE),
            ..SLOWLOG
        },
    },
    Command {
        run: len,
        subcommands: &[],
        spec: Spec {
            name: "LEN",
            summary: "Returns how many slow requests are kept.",
            tips: &["request_policy:all_nodes", "response_policy:agg_sum", "nondeterministic_output"],
            ..SLOWLOG
        },
    },
    Command {
        run: reset,
        subcommands: &[],
        spec: Spec {
            name: "RESET",
            summary: "Forgets the slow requests.",
            complexity: "O(N) with N the number of entries.",
            tips: &["request_policy:all_nodes", "response_policy:all_succeeded"],
            ..SLOWLOG
        },
    },
];

const SLOWLOG: Spec = Spec {
    since: "2.2.12",
    complexity: "O(1)",
    group: Group::Server,
    arity: Arity::Exactly(2),
    flags: ADMIN.and(LOADING).and(STALE),
    ..Spec::NEW
};

/// How many entries GET returns unless told otherwise.
const DEFAULT_COUNT: usize = 10;

fn get(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let wanted = match args.len() {
        0 => DEFAULT_COUNT,
        1 => count(&mut args)?,
        _ => {
            let name = ctx.request.word(1);
            let before = "ERR unknown subcommand or wrong number of arguments for '";
            return Err(Stop::quoting(before, name, "'. Try SLOWLOG HELP."));
        }
    };
    reply_entries(ctx, LogKind::Slow, wanted);
    Ok(())
}

fn len(ctx: &mut Context<'_>, _: Args<'_>) -> Result<(), Stop> {
    ctx.reply.integer(ctx.engine.command_logs.of(LogKind::Slow).len() as i64);
    Ok(())
}

fn reset(ctx: &mut Context<'_>, _: Args<'_>) -> Result<(), Stop> {
    ctx.engine.command_logs.of_mut(LogKind::Slow).clear();
    ctx.reply.ok();
    Ok(())
}

fn slowlog_help(ctx: &mut Context<'_>, _: Args<'_>) -> Result<(), Stop> {
    let get = [
        "The latest <count> slow requests: 10 unless told otherwise, -1 for all of them.",
        "Of each: its number, when it ran, microseconds it took, its words, the client's address and name.",
    ];
    help::reply(
        &mut ctx.reply,
        "SLOWLOG",
        &[
            ("GET [<count>]", &get),
            ("LEN", &["How many slow requests are kept."]),
            ("RESET", &["Forget them."]),
        ],
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{Bench, check, check_on};

    /// A bench that keeps every request.
    fn bench() -> Bench {
        let mut bench = Bench::new();
        bench.node.engine.config.statistics.slowlog_log_slower_than = 0;
        bench
    }

    /// The reply without the time that each request took.
    fn kept(bench: &mut Bench, request: &str) -> String {
        let entries = bench.node.engine.command_logs.clone();
        let text = bench.run(request);
        let mut shown = text;
        for kind in engine::observability::command_log::LogKind::ALL {
            for entry in entries.of(kind).entries() {
                let (id, time_s, us) = (entry.id, entry.time_s, entry.measure);
                shown = shown.replace(&format!("[{id}, {time_s}, {us}, "), &format!("[{id}, {time_s}, "));
            }
        }
        shown
    }

    #[test]
    fn keeps_the_latest_first() {
        let mut bench = bench();
        check_on(&mut bench, "CLIENT SETNAME me | SET k v | @3000 | GET k | SLOWLOG LEN -> 3");
        assert_eq!(
            kept(&mut bench, "SLOWLOG GET 3"),
            r#"[[3, 1700000003, ["SLOWLOG", "LEN"], "", "me"], [2, 1700000003, ["GET", "k"], "", "me"], [1, 1700000000, ["SET", "k", "v"], "", "me"]]"#
        );
        check_on(&mut bench, "SLOWLOG RESET -> OK | SLOWLOG LEN -> 1 | SLOWLOG GET 0 -> []");
        assert!(kept(&mut bench, "SLOWLOG GET -1").starts_with("[[7, "));
    }

    #[test]
    fn hides_secrets_and_leaves_out_what_only_runs_others() {
        let mut bench = bench();
        bench.run("AUTH default secret");
        check_on(&mut bench, "CONFIG SET masterauth secret timeout 0 -> waits | MULTI | GET k | EXEC");
        let words: Vec<String> = bench
            .node
            .engine
            .command_logs
            .of(engine::observability::command_log::LogKind::Slow)
            .entries()
            .map(|entry| {
                entry.words.iter().map(|word| String::from_utf8_lossy(word)).collect::<Vec<_>>().join(" ")
            })
            .collect();
        assert_eq!(
            words,
            ["GET k", "MULTI", "CONFIG SET masterauth (redacted) timeout 0", "AUTH (redacted) (redacted)"]
        );
    }

    #[test]
    fn a_request_that_waits_is_kept_when_it_is_answered() {
        let mut bench = bench();
        check_on(
            &mut bench,
            "BLPOP l 0 -> waits | #2 SLOWLOG LEN -> 0 | #2 RPUSH l a | #1 AWAITED -> [\"l\", \"a\"] | #2 SLOWLOG LEN -> 3",
        );
    }

    #[test]
    fn refuses_what_is_no_count() {
        check(
            "SLOWLOG GET x -> ERR count should be greater than or equal to -1
             SLOWLOG GET -2 -> ERR count should be greater than or equal to -1
             SLOWLOG get 1 2 -> ERR unknown subcommand or wrong number of arguments for 'get'. Try SLOWLOG HELP.
             SLOWLOG GET -> []",
        );
    }
}
