//! HINCRBY: add to an integer in a field.

use crate::prelude::*;
use datatypes::hash::Expiry;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: hincrby,
    subcommands: &[],
    spec: Spec {
        name: "HINCRBY",
        summary: "Adds an integer to the one in a field of a hash; a missing field counts as 0.",
        since: "2.0.0",
        complexity: "O(1)",
        group: Group::Hash,
        arity: Arity::Exactly(4),
        flags: WRITE.and(DENYOOM).and(FAST),
        keys: &[KeySpec::at(1).rw().access().update()],
        args: &[Arg::key("key"), Arg::string("field"), Arg::integer("increment")],
        ..Spec::NEW
    },
}];

fn hincrby(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let (key, name, increment) = (args.next()?, args.next()?, args.integer()?);
    let limits = ctx.keys.limits().hash;
    let mut hash = ctx.keys.hash_or_create(key)?;
    hash.meet(name);
    let old = match hash.get(name) {
        Some(field) => field.value.integer().ok_or(Stop::error("ERR hash value is not an integer"))?,
        None => 0,
    };
    let new = old.checked_add(increment).ok_or(Stop::error("ERR increment or decrement would overflow"))?;
    hash.set(name, itoa::Buffer::new().format(new).as_bytes(), Expiry::Keep, limits);
    hash.modified(Event::HINCRBY);
    drop(hash);
    ctx.reply.integer(new);
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, notifies, propagates};

    #[test]
    fn counts_from_zero() {
        check(
            r#"HINCRBY h a 5 -> 5 | HINCRBY h a -7 -> -2 | HGET h a -> "-2"
            HSET h t abc f 1.5 b " 1" m 9223372036854775807
            HINCRBY h t 1 -> ERR hash value is not an integer | HINCRBY h f 1 -> ERR hash value is not an integer
            HINCRBY h b 1 -> ERR hash value is not an integer | HINCRBY h m 1 -> ERR increment or decrement would overflow
            HINCRBY h a x -> ERR value is not an integer or out of range
            SET s x | HINCRBY s a x -> ERR value is not an integer or out of range
            HINCRBY s a 1 -> WRONGTYPE Operation against a key holding the wrong kind of value"#,
        );
    }

    #[test]
    fn keeps_the_expiry() {
        check("HSET h a 1 | HEXPIRE h 10 FIELDS 1 a | HINCRBY h a 1 -> 2 | HTTL h FIELDS 1 a -> [10]");
    }

    #[test]
    fn tells_what_it_did() {
        propagates("HINCRBY h a 5 -> HINCRBY h a 5 | HSET h t x -> HSET h t x | HINCRBY h t 1 -> nothing");
        notifies("HINCRBY h a 5 -> new h, hincrby h | HINCRBY h a 5 -> hincrby h");
    }
}
