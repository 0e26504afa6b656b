//! SMOVE: move a member from one set to another.

use crate::prelude::*;
use datatypes::set::Set;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: smove,
    subcommands: &[],
    spec: Spec {
        name: "SMOVE",
        summary: "Moves a member from one set to another.",
        since: "1.0.0",
        complexity: "O(1)",
        group: Group::Set,
        arity: Arity::Exactly(4),
        flags: WRITE.and(FAST),
        keys: &[KeySpec::at(1).rw().access().delete(), KeySpec::at(2).rw().insert()],
        args: &[Arg::key("source"), Arg::key("destination").of_key_spec(1), Arg::string("member")],
        ..Spec::NEW
    },
}];

fn smove(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let (source, destination, member) = (args.next()?, args.next()?, args.next()?);
    let moved = if ctx.keys.look_up(source, Lookup::Write).is_none() {
        false
    } else if source == destination {
        ctx.keys.collection::<Set>(source, Lookup::Write)?.is_some_and(|set| set.contains(member))
    } else {
        move_member(ctx, source, destination, member)?
    };
    ctx.reply.integer(i64::from(moved));
    Ok(())
}

fn move_member(
    ctx: &mut Context<'_>,
    source: &[u8],
    destination: &[u8],
    member: &[u8],
) -> Result<bool, Stop> {
    let limits = ctx.keys.limits().set;
    ctx.keys.collection::<Set>(source, Lookup::Write)?;
    ctx.keys.collection::<Set>(destination, Lookup::Write)?;
    let Some(mut set) = ctx.keys.set_mut(source)? else { return Ok(false) };
    if !set.remove(member) {
        return Ok(false);
    }
    set.modified(Event::SREM);
    drop(set);
    let mut set = ctx.keys.set_or_create(destination)?;
    if set.add(member, limits) {
        set.modified(Event::SADD);
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use crate::testing::{changes, check, notifies, propagates};

    #[test]
    fn moves_what_is_there() {
        check(
            "SADD s a b | SMOVE s t a -> 1 | SMOVE s t x -> 0 | SMEMBERS t -> [\"a\"] | SMOVE s s b -> 1 | SMOVE s s x -> 0
            SMOVE s t b -> 1 | EXISTS s -> 0 | SMOVE s t b -> 0 | SMOVE x x a -> 0 | SET k v | SMOVE x k a -> 0
            SMOVE k t a -> WRONGTYPE Operation against a key holding the wrong kind of value
            SMOVE t k a -> WRONGTYPE Operation against a key holding the wrong kind of value | SCARD t -> 2",
        );
    }

    #[test]
    fn is_passed_on_as_sent() {
        propagates(
            "SADD s a b -> SADD s a b | SMOVE s t a -> SMOVE s t a | SMOVE s t a -> nothing | SMOVE s s b -> nothing",
        );
        notifies("SADD s a -> new s, sadd s | SMOVE s t a -> srem s, del s, new t, sadd t");
        changes("SADD s a b -> 2 | SADD t a -> 1 | SMOVE s t a -> 1 | SMOVE s t b -> 2");
    }
}
