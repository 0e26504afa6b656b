//! BLMOVE and its old form BRPOPLPUSH: move an element from one list to another, or wait for it.

use super::lmove::{Move, move_replying};
use crate::grammar::{list_end, timeout};
use crate::prelude::*;
use datatypes::list::End;
use engine::blocking::Wanted;
use keyspace::Type;

pub(crate) const COMMANDS: &[Command] = &[
    Command {
        run: blmove,
        subcommands: &[],
        spec: Spec {
            name: "BLMOVE",
            summary: "Moves an element from one list to another and returns it, or waits until there is one.",
            since: "6.2.0",
            arity: Arity::Exactly(6),
            args: &[
                Arg::key("source"),
                Arg::key("destination").of_key_spec(1),
                Arg::one_of("wherefrom", list_end::WORDS),
                Arg::one_of("whereto", list_end::WORDS),
                Arg::double("timeout"),
            ],
            ..MOVE
        },
    },
    Command {
        run: brpoplpush,
        subcommands: &[],
        spec: Spec {
            name: "BRPOPLPUSH",
            summary: "Moves the last element of a list to the front of another and returns it, or waits until there is one.",
            since: "2.2.0",
            arity: Arity::Exactly(4),
            args: &[Arg::key("source"), Arg::key("destination").of_key_spec(1), Arg::double("timeout")],
            history: timeout::DOUBLE_SINCE_6,
            deprecated: Some(("6.2.0", "`BLMOVE` with the `RIGHT` and `LEFT` arguments")),
            ..MOVE
        },
    },
];

const MOVE: Spec = Spec {
    group: Group::List,
    flags: WRITE.and(DENYOOM).and(BLOCKING),
    keys: &[KeySpec::at(1).rw().access().delete(), KeySpec::at(2).rw().insert()],
    ..Spec::NEW
};

fn blmove(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let (source, destination) = (args.next()?, args.next()?);
    let words = args;
    let (from, to) = (list_end::parse(&mut args)?, list_end::parse(&mut args)?);
    let deadline_ms = timeout::deadline_of_seconds(args.next()?, ctx.engine.clock)?;
    if !move_or_wait(ctx, &Move { source, destination, from, to }, deadline_ms)? {
        return Ok(());
    }
    let mut words = words.rest();
    let (from, to) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    ctx.propagate_as(&[b"LMOVE", source, destination, from, to]);
    Ok(())
}

fn brpoplpush(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let (source, destination) = (args.next()?, args.next()?);
    let deadline_ms = timeout::deadline_of_seconds(args.next()?, ctx.engine.clock)?;
    let wanted = Move { source, destination, from: End::Back, to: End::Front };
    if move_or_wait(ctx, &wanted, deadline_ms)? {
        ctx.propagate_as(&[b"RPOPLPUSH", source, destination]);
    }
    Ok(())
}

/// Whether an element was moved; if not and the client cannot wait, the reply is null.
fn move_or_wait(ctx: &mut Context<'_>, wanted: &Move<'_>, deadline_ms: u64) -> Result<bool, Stop> {
    if move_replying(ctx, wanted)? {
        return Ok(true);
    }
    if ctx.may_wait() {
        let keys = std::iter::once(wanted.source);
        return Err(ctx.wait_for_keys(keys, Wanted::kind(Type::List), deadline_ms));
    }
    ctx.reply.null();
    Ok(false)
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, propagates};

    #[test]
    fn moves_at_once_what_is_there() {
        check(
            r#"RPUSH a 1 2 3 | BLMOVE a b LEFT RIGHT 0 -> "1" | BRPOPLPUSH a b 0 -> "3" | LRANGE b 0 -1 -> ["3", "1"]
            BLMOVE a b UP LEFT x -> ERR syntax error | BLMOVE a b LEFT LEFT x -> ERR timeout is not a float or out of range"#,
        );
        propagates(
            "RPUSH a 1 2 3 | BLMOVE a b left RIGHT 0 -> LMOVE a b left RIGHT | BRPOPLPUSH a b 0 -> RPOPLPUSH a b",
        );
    }

    #[test]
    fn waits_and_may_serve_the_next() {
        check(
            r#"#2 BLMOVE a b LEFT RIGHT 0 -> waits | #3 BLPOP b 0 -> waits | RPUSH a x -> 1
            #2 AWAITED -> "x" | #3 AWAITED -> ["b", "x"] | EXISTS a b -> 0"#,
        );
        propagates("#2 BRPOPLPUSH a b 0 | #3 BRPOP b 0 | RPUSH a x -> RPUSH a x; RPOPLPUSH a b; RPOP b");
    }

    #[test]
    fn a_destination_of_another_type_ends_the_waiting() {
        check(
            "#2 BLMOVE a b LEFT RIGHT 0 | SET b x | RPUSH a 1
            #2 AWAITED -> WRONGTYPE Operation against a key holding the wrong kind of value | LLEN a -> 1",
        );
    }

    #[test]
    fn a_transaction_does_not_wait() {
        check("MULTI | BLMOVE a b LEFT LEFT 0 | BRPOPLPUSH a b 0 | EXEC -> [nil, nil]");
    }
}
