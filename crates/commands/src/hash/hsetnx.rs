//! HSETNX: give a field a value unless it has one.

use crate::prelude::*;
use datatypes::hash::Expiry;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: hsetnx,
    subcommands: &[],
    spec: Spec {
        name: "HSETNX",
        summary: "Gives a field of a hash a value if the field is not there.",
        since: "2.0.0",
        complexity: "O(1)",
        group: Group::Hash,
        arity: Arity::Exactly(4),
        flags: WRITE.and(DENYOOM).and(FAST),
        keys: &[KeySpec::at(1).rw().insert()],
        args: &[Arg::key("key"), Arg::string("field"), Arg::string("value")],
        ..Spec::NEW
    },
}];

fn hsetnx(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let (key, name, value) = (args.next()?, args.next()?, args.next()?);
    let limits = ctx.keys.limits().hash;
    let mut hash = ctx.keys.hash_or_create(key)?;
    hash.meet(name);
    let is_new = hash.get(name).is_none();
    if is_new {
        hash.set(name, value, Expiry::Clear, limits);
        hash.modified(Event::HSET);
    }
    drop(hash);
    ctx.reply.integer(i64::from(is_new));
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, notifies, propagates};

    #[test]
    fn sets_once() {
        check(
            r#"HSETNX h a 1 -> 1 | HSETNX h a 2 -> 0 | HGET h a -> "1" | HSETNX h b 2 -> 1
            SET s x | HSETNX s a 1 -> WRONGTYPE Operation against a key holding the wrong kind of value"#,
        );
        notifies("HSETNX h a 1 -> new h, hset h | HSETNX h a 1 -> nothing");
    }

    #[test]
    fn replicas_hear_first_that_the_field_had_expired() {
        propagates(
            "HSET h a 1 b 2 | HPEXPIRE h 10 FIELDS 1 a -> HPEXPIREAT h {ms+10} FIELDS 1 a | @11
            HSETNX h a 3 -> MULTI; HDEL h a; HSETNX h a 3; EXEC | HSETNX h a 3 -> nothing",
        );
    }
}
