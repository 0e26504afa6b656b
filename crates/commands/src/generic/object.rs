//! OBJECT: how a value is stored and when it was used.

use crate::grammar::help;
use crate::prelude::*;
use datatypes::string::encoding_of;
use engine::command::only_subcommands;
use keyspace::KeyUse;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: only_subcommands,
    subcommands: SUBCOMMANDS,
    spec: Spec {
        name: "OBJECT",
        summary: "Contains the subcommands that look at how values are stored.",
        since: "2.2.3",
        complexity: "That of the subcommand.",
        group: Group::Generic,
        arity: Arity::AtLeast(2),
        ..Spec::NEW
    },
}];

const SUBCOMMANDS: &[Command] = &[
    Command {
        run: encoding,
        subcommands: &[],
        spec: Spec { name: "ENCODING", summary: "Returns the name of a value's encoding.", ..OBJECT },
    },
    Command {
        run: freq,
        subcommands: &[],
        spec: Spec {
            name: "FREQ",
            summary: "Returns how often a key is used, on a logarithmic scale.",
            since: "4.0.0",
            ..OBJECT
        },
    },
    Command {
        run: object_help,
        subcommands: &[],
        spec: Spec {
            name: "HELP",
            summary: "Lists the subcommands.",
            since: "6.2.0",
            complexity: "O(1)",
            group: Group::Generic,
            arity: Arity::Exactly(2),
            flags: LOADING.and(STALE),
            ..Spec::NEW
        },
    },
    Command {
        run: idletime,
        subcommands: &[],
        spec: Spec {
            name: "IDLETIME",
            summary: "Returns for how many seconds a key was not used.",
            ..OBJECT
        },
    },
    Command {
        run: refcount,
        subcommands: &[],
        spec: Spec { name: "REFCOUNT", summary: "Returns how many references a value has.", ..OBJECT },
    },
];

const OBJECT: Spec = Spec {
    since: "2.2.3",
    complexity: "O(1)",
    group: Group::Generic,
    arity: Arity::Exactly(3),
    flags: READONLY,
    keys: &[KeySpec::at(2).ro()],
    args: &[Arg::key("key")],
    tips: &["nondeterministic_output"],
    ..Spec::NEW
};

/// What Redis says of integers that it shares between keys: those from 0 to 9999.
const SHARED_REFERENCES: i64 = i32::MAX as i64;

fn encoding(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let encoding = ctx.keys.peek(args.next()?).map(|entry| match entry.string() {
        Some(value) => encoding_of(value, entry.grown(), entry.is_text()).name(),
        None => entry.value().encoding(),
    });
    ctx.reply.bulk_or_null(encoding.map(str::as_bytes));
    Ok(())
}

/// Uses are counted only under an LFU eviction policy.
fn freq(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    match ctx.keys.key_use(args.next()?) {
        None => ctx.reply.null(),
        Some(KeyUse::Frequency(count)) => ctx.reply.integer(i64::from(count)),
        Some(KeyUse::Idle(_)) => {
            return Err(Stop::error(
                "ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when \
                 switching between policies at runtime LRU and LFU data will take some time to adjust.",
            ));
        }
    }
    Ok(())
}

/// Under an LFU eviction policy the time of the last use is not noted.
fn idletime(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    match ctx.keys.key_use(args.next()?) {
        None => ctx.reply.null(),
        Some(KeyUse::Idle(seconds)) => ctx.reply.integer(seconds.cast_signed()),
        Some(KeyUse::Frequency(_)) => {
            return Err(Stop::error(
                "ERR An LFU maxmemory policy is selected, idle time not tracked. Please note that when switching between \
                 policies at runtime LRU and LFU data will take some time to adjust.",
            ));
        }
    }
    Ok(())
}

fn refcount(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let Some(entry) = ctx.keys.peek(args.next()?) else {
        ctx.reply.null();
        return Ok(());
    };
    let number =
        entry.string().filter(|_| !entry.grown() && !entry.is_text()).and_then(stdx::number::parse_i64);
    let is_shared = number.is_some_and(|number| (0..10_000).contains(&number));
    ctx.reply.integer(if is_shared { SHARED_REFERENCES } else { 1 });
    Ok(())
}

fn object_help(ctx: &mut Context<'_>, _: Args<'_>) -> Result<(), Stop> {
    help::reply(
        &mut ctx.reply,
        "OBJECT",
        &[
            ("ENCODING <key>", &["Name the encoding in which the value of the key is stored."]),
            (
                "FREQ <key>",
                &["Tell how often the key is used. The number grows with the logarithm of the uses."],
            ),
            ("IDLETIME <key>", &["Tell for about how many seconds the key was not used."]),
            ("REFCOUNT <key>", &["Tell how many references the value of the key has."]),
        ],
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{Bench, check, check_on};
    use keyspace::{FrequencyRule, UseRule};

    #[test]
    fn names_encodings() {
        check(
            r#"SET k 5 | OBJECT ENCODING k -> "int" | SET k abc | OBJECT ENCODING k -> "embstr" | OBJECT ENCODING x -> nil
            SET k 01234567890123456789012345678901234567890123 | OBJECT ENCODING k -> "embstr"
            SET k 012345678901234567890123456789012345678901234 | OBJECT ENCODING k -> "raw"
            SET k abc | SETRANGE k 0 x | OBJECT ENCODING k -> "raw" | SETRANGE n 0 x | OBJECT ENCODING n -> "raw"
            APPEND m x | OBJECT ENCODING m -> "embstr"
            COPY k l | OBJECT ENCODING l -> "raw""#,
        );
        check(
            r#"INCRBYFLOAT n 5 | OBJECT ENCODING n -> "embstr" | OBJECT REFCOUNT n -> 1 | COPY n m | EXPIRE m 100
            RENAME m o | OBJECT ENCODING o -> "embstr" | SETRANGE o 0 6 | OBJECT ENCODING o -> "raw"
            INCR n | OBJECT ENCODING n -> "int" | INCRBYFLOAT n 1 | SET n 7 | OBJECT ENCODING n -> "int""#,
        );
    }

    #[test]
    fn counts_idle_seconds() {
        check(
            "SET k v | @3999 | OBJECT IDLETIME k -> 3 | TTL k | TYPE k | OBJECT IDLETIME k -> 3 | GET k
            OBJECT IDLETIME k -> 0 | OBJECT IDLETIME x -> nil",
        );
    }

    #[test]
    fn counts_uses_under_lfu() {
        let mut bench = Bench::new();
        bench
            .node
            .keyspace
            .set_use_rule(UseRule::Frequency(FrequencyRule { log_factor: 0, decay_minutes: 1 }));
        check_on(
            &mut bench,
            "SET k v | OBJECT FREQ k -> 5 | GET k | GET k | EXISTS k | OBJECT FREQ k -> 7 | SET k w | OBJECT FREQ k -> 8
            @120000 | OBJECT FREQ k -> 6 | OBJECT FREQ x -> nil | OBJECT IDLETIME x -> nil | HSET h f v | HGET h f
            HSET h f w | OBJECT FREQ h -> 7 | COPY k l | OBJECT FREQ l -> 5
            OBJECT IDLETIME k -> ERR An LFU maxmemory policy is selected, idle time not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.",
        );
    }

    #[test]
    fn small_integers_count_as_shared() {
        check(
            "SET k 9999 | OBJECT REFCOUNT k -> 2147483647 | SET k 10000 | OBJECT REFCOUNT k -> 1
            SET k v | OBJECT REFCOUNT k -> 1 | OBJECT REFCOUNT x -> nil | OBJECT FREQ x -> nil
            OBJECT FREQ k -> ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.",
        );
    }

    #[test]
    fn is_a_container() {
        check(
            "OBJECT -> ERR wrong number of arguments for 'object' command
            OBJECT ENCODING -> ERR wrong number of arguments for 'object|encoding' command
            OBJECT FOO k -> ERR unknown subcommand 'FOO'. Try OBJECT HELP.",
        );
        let help = Bench::new().run("OBJECT HELP");
        assert!(help.starts_with(
            "[OBJECT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:, ENCODING <key>, "
        ));
        assert!(help.ends_with(", HELP,     Print this help.]"));
    }
}
