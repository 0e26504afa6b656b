//! INCR, DECR, INCRBY, DECRBY: strings as 64-bit counters.

use crate::prelude::*;

pub(crate) const COMMANDS: &[Command] = &[
    Command {
        run: |ctx, mut args| add(ctx, args.next()?, 1),
        subcommands: &[],
        spec: Spec {
            name: "INCR",
            summary: "Adds one to the integer that a key holds; a missing key counts as 0.",
            args: &[Arg::key("key")],
            ..COUNTER
        },
    },
    Command {
        run: |ctx, mut args| add(ctx, args.next()?, -1),
        subcommands: &[],
        spec: Spec {
            name: "DECR",
            summary: "Takes one from the integer that a key holds; a missing key counts as 0.",
            args: &[Arg::key("key")],
            ..COUNTER
        },
    },
    Command {
        run: incrby,
        subcommands: &[],
        spec: Spec {
            name: "INCRBY",
            summary: "Adds an integer to the one that a key holds; a missing key counts as 0.",
            arity: Arity::Exactly(3),
            args: &[Arg::key("key"), Arg::integer("increment")],
            ..COUNTER
        },
    },
    Command {
        run: decrby,
        subcommands: &[],
        spec: Spec {
            name: "DECRBY",
            summary: "Takes an integer from the one that a key holds; a missing key counts as 0.",
            arity: Arity::Exactly(3),
            args: &[Arg::key("key"), Arg::integer("decrement")],
            ..COUNTER
        },
    },
];

/// What the four have in common.
const COUNTER: Spec = Spec {
    since: "1.0.0",
    complexity: "O(1)",
    group: Group::String,
    arity: Arity::Exactly(2),
    flags: WRITE.and(DENYOOM).and(FAST),
    keys: &[KeySpec::at(1).rw().access().update()],
    ..Spec::NEW
};

fn incrby(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let (key, increment) = (args.next()?, args.integer()?);
    add(ctx, key, increment)
}

fn decrby(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let (key, decrement) = (args.next()?, args.integer()?);
    let increment = decrement.checked_neg().ok_or(Stop::error("ERR decrement would overflow"))?;
    add(ctx, key, increment)
}

fn add(ctx: &mut Context<'_>, key: &[u8], increment: i64) -> Result<(), Stop> {
    let (mut new, mut text) = (0, itoa::Buffer::new());
    ctx.keys.update_string(key, |old| {
        let old = old.map_or(Some(0), stdx::number::parse_i64).ok_or(Stop::NOT_AN_INTEGER)?;
        new = old.checked_add(increment).ok_or(Stop::error("ERR increment or decrement would overflow"))?;
        Ok::<_, Stop>(text.format(new))
    })?;
    ctx.keys.modified(key, Event::INCRBY);
    ctx.reply.integer(new);
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{changes, check, notifies, propagates};

    #[test]
    fn counts_from_zero() {
        check(
            "INCR k -> 1 | INCRBY k 5 -> 6 | DECR k -> 5 | DECRBY k 7 -> -2 | DECRBY k -2 -> 0 | GET k -> \"0\"",
        );
    }

    #[test]
    fn keeps_the_expiry() {
        check("SET k 9 EX 100 | INCR k -> 10 | TTL k -> 100");
    }

    #[test]
    fn refuses_what_does_not_fit() {
        check(
            "SET k 9223372036854775807
            INCR k -> ERR increment or decrement would overflow
            DECRBY k -1 -> ERR increment or decrement would overflow
            DECRBY k -9223372036854775808 -> ERR decrement would overflow
            SET k -9223372036854775808 | DECR k -> ERR increment or decrement would overflow
            INCRBY k x -> ERR value is not an integer or out of range
            INCRBY k 9223372036854775808 -> ERR value is not an integer or out of range",
        );
    }

    #[test]
    fn refuses_text() {
        for value in ["abc", "\" 1\"", "\"\"", "1.0", "+1", "01", "-0"] {
            check(&format!("SET k {value} | INCR k -> ERR value is not an integer or out of range"));
        }
    }

    #[test]
    fn is_passed_on_as_sent() {
        propagates(
            "INCR k -> INCR k | DECRBY k 2 -> DECRBY k 2 | incrby k 0 -> incrby k 0
            SET k x -> SET k x | INCR k -> nothing",
        );
        notifies("INCR k -> new k, incrby k | DECR k -> incrby k");
        changes("INCR k -> 1 | INCRBY k x -> 0");
    }
}
