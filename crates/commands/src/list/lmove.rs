//! LMOVE and its old form RPOPLPUSH: take an element out of one list and put it into another.

use super::lpop::popped;
use super::lpush::pushed;
use crate::grammar::list_end;
use crate::prelude::*;
use datatypes::list::{End, List};

pub(crate) const COMMANDS: &[Command] = &[
    Command {
        run: lmove,
        subcommands: &[],
        spec: Spec {
            name: "LMOVE",
            summary: "Takes an element out of a list at one end, puts it into another at one end and returns it.",
            since: "6.2.0",
            arity: Arity::Exactly(5),
            args: &[
                Arg::key("source"),
                Arg::key("destination").of_key_spec(1),
                Arg::one_of("wherefrom", list_end::WORDS),
                Arg::one_of("whereto", list_end::WORDS),
            ],
            ..MOVE
        },
    },
    Command {
        run: rpoplpush,
        subcommands: &[],
        spec: Spec {
            name: "RPOPLPUSH",
            summary: "Takes the last element out of a list, puts it in front of another and returns it.",
            since: "1.2.0",
            arity: Arity::Exactly(3),
            args: &[Arg::key("source"), Arg::key("destination").of_key_spec(1)],
            deprecated: Some(("6.2.0", "`LMOVE` with the `RIGHT` and `LEFT` arguments")),
            ..MOVE
        },
    },
];

const MOVE: Spec = Spec {
    group: Group::List,
    flags: WRITE.and(DENYOOM),
    keys: &[KeySpec::at(1).rw().access().delete(), KeySpec::at(2).rw().insert()],
    ..Spec::NEW
};

/// From which end of which list to which end of which.
pub(super) struct Move<'a> {
    /// Where the element is taken out.
    pub source: &'a [u8],
    /// Where it is put.
    pub destination: &'a [u8],
    /// The end at which it is taken out.
    pub from: End,
    /// The end at which it is put.
    pub to: End,
}

fn lmove(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let (source, destination) = (args.next()?, args.next()?);
    let (from, to) = (list_end::parse(&mut args)?, list_end::parse(&mut args)?);
    run(ctx, &Move { source, destination, from, to })
}

fn rpoplpush(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let (source, destination) = (args.next()?, args.next()?);
    run(ctx, &Move { source, destination, from: End::Back, to: End::Front })
}

fn run(ctx: &mut Context<'_>, wanted: &Move<'_>) -> Result<(), Stop> {
    if !move_replying(ctx, wanted)? {
        ctx.reply.null();
    }
    Ok(())
}

/// Moves an element and replies it; false if there is none.
pub(super) fn move_replying(ctx: &mut Context<'_>, wanted: &Move<'_>) -> Result<bool, Stop> {
    let Some(source) = ctx.keys.list_mut(wanted.source)? else { return Ok(false) };
    let position = if wanted.from == End::Front { 0 } else { source.len() - 1 };
    let mut element = Vec::new();
    source.visit(position, 1, |found| found.write_to(&mut element));
    drop(source);
    if wanted.source == wanted.destination {
        rotate(ctx, wanted, &element)?;
    } else {
        carry(ctx, wanted, &element)?;
    }
    ctx.reply.bulk(&element);
    Ok(true)
}

fn rotate(ctx: &mut Context<'_>, wanted: &Move<'_>, element: &[u8]) -> Result<(), Stop> {
    let limits = ctx.keys.limits().list;
    if let Some(mut list) = ctx.keys.list_mut(wanted.source)? {
        list.pop(wanted.from, 1, limits, |_| {});
        list.push_one(wanted.to, element, limits);
        list.notify(pushed(wanted.to));
        list.modified(popped(wanted.from));
    }
    Ok(())
}

fn carry(ctx: &mut Context<'_>, wanted: &Move<'_>, element: &[u8]) -> Result<(), Stop> {
    let limits = ctx.keys.limits().list;
    let mut destination = ctx.keys.edit_or_create::<List>(wanted.destination)?;
    destination.push_one(wanted.to, element, limits);
    destination.notify(pushed(wanted.to));
    drop(destination);
    if let Some(mut source) = ctx.keys.list_mut(wanted.source)? {
        source.pop(wanted.from, 1, limits, |_| {});
        source.modified(popped(wanted.from));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{changes, check, notifies, propagates};

    #[test]
    fn between_any_ends() {
        check(
            r#"RPUSH a 1 2 3 4 | LMOVE a b LEFT RIGHT -> "1" | LMOVE a b RIGHT LEFT -> "4" | LRANGE b 0 -1 -> ["4", "1"]
            RPOPLPUSH a b -> "3" | LMOVE a b left left -> "2" | LRANGE b 0 -1 -> ["2", "3", "4", "1"] | EXISTS a -> 0
            LMOVE a b LEFT LEFT -> nil | LMOVE b b LEFT RIGHT -> "2" | RPOPLPUSH b b -> "2" | LLEN b -> 4
            RPUSH one x | LMOVE one one LEFT LEFT -> "x" | LRANGE one 0 -1 -> ["x"]"#,
        );
    }

    #[test]
    fn refuses_bad_requests() {
        let wrong = "WRONGTYPE Operation against a key holding the wrong kind of value";
        check(&format!(
            "SET s x | RPUSH l a | LMOVE l s LEFT LEFT -> {wrong} | LMOVE s l LEFT LEFT -> {wrong} | LLEN l -> 1
            LMOVE none s LEFT LEFT -> nil | LMOVE l l UP LEFT -> ERR syntax error | LMOVE l l LEFT UP -> ERR syntax error"
        ));
    }

    #[test]
    fn is_told_and_passed_on() {
        propagates(
            "RPUSH a 1 2 | LMOVE a b LEFT RIGHT -> LMOVE a b LEFT RIGHT | RPOPLPUSH a b -> RPOPLPUSH a b",
        );
        propagates("RPOPLPUSH a b -> nothing");
        notifies(
            "RPUSH a 1 2 | LMOVE a b LEFT RIGHT -> new b, rpush b, lpop a | RPOPLPUSH a b -> lpush b, rpop a, del a
            LMOVE b b LEFT RIGHT -> rpush b, lpop b",
        );
        changes("RPUSH a 1 2 -> 2 | LMOVE a b LEFT RIGHT -> 1 | LMOVE b b LEFT LEFT -> 1");
    }
}
