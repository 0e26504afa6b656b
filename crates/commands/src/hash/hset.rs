//! HSET and HMSET: give fields values.

use crate::prelude::*;
use datatypes::hash::Expiry;

pub(crate) const COMMANDS: &[Command] = &[
    Command {
        run: hset,
        subcommands: &[],
        spec: Spec {
            name: "HSET",
            summary: "Gives fields of a hash values and returns how many fields are new.",
            complexity: "O(N) with N the number of fields.",
            history: &[("4.0.0", "Several fields at once.")],
            ..SET
        },
    },
    Command {
        run: hmset,
        subcommands: &[],
        spec: Spec {
            name: "HMSET",
            summary: "Gives fields of a hash values.",
            complexity: "O(N) with N the number of fields.",
            deprecated: Some(("4.0.0", "`HSET` with several fields")),
            ..SET
        },
    },
];

const SET: Spec = Spec {
    since: "2.0.0",
    group: Group::Hash,
    arity: Arity::AtLeast(4),
    flags: WRITE.and(DENYOOM).and(FAST),
    keys: &[KeySpec::at(1).rw().update()],
    args: &[Arg::key("key"), Arg::block("data", &[Arg::string("field"), Arg::string("value")]).multiple()],
    ..Spec::NEW
};

fn hset(ctx: &mut Context<'_>, args: Args<'_>) -> Result<(), Stop> {
    let new = set_all(ctx, args, "hset")?;
    ctx.reply.integer(new);
    Ok(())
}

fn hmset(ctx: &mut Context<'_>, args: Args<'_>) -> Result<(), Stop> {
    set_all(ctx, args, "hmset")?;
    ctx.reply.ok();
    Ok(())
}

/// Sets all fields; returns how many are new.
fn set_all(ctx: &mut Context<'_>, mut args: Args<'_>, command: &str) -> Result<i64, Stop> {
    let key = args.next()?;
    if !args.len().is_multiple_of(2) {
        return Err(Stop::from(format!("ERR wrong number of arguments for '{command}' command")));
    }
    let limits = ctx.keys.limits().hash;
    let mut hash = ctx.keys.hash_or_create(key)?;
    let (mut new, mut pairs) = (0, 0);
    while !args.is_empty() {
        let (name, value) = (args.next()?, args.next()?);
        hash.meet(name);
        new += i64::from(hash.set(name, value, Expiry::Clear, limits));
        pairs += 1;
    }
    hash.modified(Event::HSET);
    hash.add_dirty(pairs - 1);
    Ok(new)
}

#[cfg(test)]
mod tests {
    use crate::testing::{changes, check, notifies, propagates};

    #[test]
    fn counts_new_fields() {
        check(
            r#"HSET h a 1 b 2 -> 2 | HSET h b 3 c 4 -> 1 | HGETALL h -> ["a", "1", "b", "3", "c", "4"]
            HMSET h a x -> OK | HSET h a 1 b -> ERR wrong number of arguments for 'hset' command
            HMSET h a 1 b -> ERR wrong number of arguments for 'hmset' command
            HSET h a -> ERR wrong number of arguments for 'hset' command | HSET d a 1 a 2 -> 1 | HGET d a -> "2"
            SET s x | HSET s a 1 -> WRONGTYPE Operation against a key holding the wrong kind of value"#,
        );
    }

    #[test]
    fn ends_the_expiry_of_a_field() {
        check(
            "HSET h a 1 b 2 | HEXPIRE h 10 FIELDS 1 a -> [1] | HSET h a 3 -> 0 | HTTL h FIELDS 1 a -> [-1]",
        );
    }

    #[test]
    fn grows_into_a_table() {
        check(
            r#"HSET h a 1 | OBJECT ENCODING h -> "listpack"
            HSET h b 0123456789012345678901234567890123456789012345678901234567890123 | OBJECT ENCODING h -> "listpack"
            HSET h b 01234567890123456789012345678901234567890123456789012345678901234 | OBJECT ENCODING h -> "hashtable"
            HSET h b 0 | OBJECT ENCODING h -> "hashtable""#,
        );
    }

    #[test]
    fn is_passed_on_as_sent() {
        propagates("HSET h a 1 -> HSET h a 1 | HMSET h a 1 b 2 -> HMSET h a 1 b 2");
        notifies("HSET h a 1 b 2 -> new h, hset h | HMSET h a 1 -> hset h");
        changes("HSET h a 1 b 2 -> 2 | HSET h a 1 -> 1");
    }

    #[test]
    fn a_field_whose_time_has_come_is_new() {
        propagates(
            "HSET h a 1 b 2 -> HSET h a 1 b 2 | HPEXPIRE h 10 FIELDS 1 a -> HPEXPIREAT h {ms+10} FIELDS 1 a | @11
            HSET h a 3 -> MULTI; HDEL h a; HSET h a 3; EXEC",
        );
        check(
            "HSET h a 1 b 2 | HPEXPIRE h 10 FIELDS 1 a | @10 | HSET h a 2 -> 0 | HPEXPIRE h 10 FIELDS 1 a | @11 | HSET h a 3 -> 1",
        );
    }
}
