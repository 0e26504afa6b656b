//! SINTERSTORE, SUNIONSTORE, SDIFFSTORE: combine sets and keep the result.

use super::sets;
use crate::prelude::*;
use datatypes::collection::Value;
use datatypes::set::{Set, difference, intersection};

pub(crate) const COMMANDS: &[Command] = &[
    Command {
        run: sinterstore,
        subcommands: &[],
        spec: Spec {
            name: "SINTERSTORE",
            summary: "Stores the members that all of some sets have.",
            complexity: "O(N*M) at worst, with N the size of the smallest set and M the number of sets.",
            ..STORE
        },
    },
    Command {
        run: sunionstore,
        subcommands: &[],
        spec: Spec { name: "SUNIONSTORE", summary: "Stores the members that any of some sets has.", ..STORE },
    },
    Command {
        run: sdiffstore,
        subcommands: &[],
        spec: Spec {
            name: "SDIFFSTORE",
            summary: "Stores the members of the first set that none of the others has.",
            ..STORE
        },
    },
];

/// What the three have in common.
const STORE: Spec = Spec {
    since: "1.0.0",
    complexity: "O(N) with N the number of members of all sets together.",
    group: Group::Set,
    arity: Arity::AtLeast(3),
    flags: WRITE.and(DENYOOM),
    keys: &[KeySpec::at(1).ow().update(), KeySpec::range(2, -1, 1).ro().access()],
    args: &[Arg::key("destination"), Arg::key("key").of_key_spec(1).multiple()],
    ..Spec::NEW
};

fn sinterstore(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let (destination, limits) = (args.next()?, ctx.keys.limits().set);
    let sets: Option<Vec<Set>> = sets(ctx, args.rest())?.into_iter().collect();
    let result = sets.map_or_else(Set::default, |sets| intersection(&sets, limits));
    store(ctx, destination, result, Event::SINTERSTORE);
    Ok(())
}

fn sunionstore(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let (destination, limits) = (args.next()?, ctx.keys.limits().set);
    let sets = sets(ctx, args.rest())?;
    let mut union = Set::default();
    sets.iter().flatten().for_each(|set| union.add_all(set, limits));
    store(ctx, destination, union, Event::SUNIONSTORE);
    Ok(())
}

fn sdiffstore(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let (destination, limits) = (args.next()?, ctx.keys.limits().set);
    let result = difference(&sets(ctx, args.rest())?, limits);
    store(ctx, destination, result, Event::SDIFFSTORE);
    Ok(())
}

/// Puts the result under the key, or removes the key if there is none; replies with the number of members.
fn store(ctx: &mut Context<'_>, destination: &[u8], result: Set, event: Event) {
    let len = result.len();
    if len > 0 {
        ctx.keys.set_value(destination, Value::Set(result), NewExpiry::Clear);
        ctx.keys.modified(destination, event);
    } else if ctx.keys.remove(destination) {
        ctx.keys.modified(destination, Event::DEL);
    }
    ctx.reply.integer(len as i64);
}

#[cfg(test)]
mod tests {
    use crate::testing::{changes, check, notifies, propagates};

    #[test]
    fn keeps_the_result() {
        check(
            r#"SADD a x y 1 2 | SADD b 1 2 y | SINTERSTORE d a b -> 3 | SMEMBERS d -> ["1", "2", "y"]
            SUNIONSTORE d a b -> 4 | SCARD d -> 4 | SDIFFSTORE d a b -> 1 | SMEMBERS d -> ["x"] | SINTERSTORE d a x -> 0
            EXISTS d -> 0 | SET d v EX 100 | SUNIONSTORE d b -> 3 | TTL d -> -1 | SDIFFSTORE a a b -> 1 | SMEMBERS a -> ["x"]
            SUNIONSTORE d k -> 0 | SET k v | SINTERSTORE d x k -> WRONGTYPE Operation against a key holding the wrong kind of value"#,
        );
    }

    #[test]
    fn chooses_the_encoding() {
        check(
            r#"SADD a 1 2 x | SADD b 1 2 y | SINTERSTORE d a b | OBJECT ENCODING d -> "intset" | SUNIONSTORE d a b
            OBJECT ENCODING d -> "listpack" | SDIFFSTORE d a b | OBJECT ENCODING d -> "listpack""#,
        );
    }

    #[test]
    fn is_passed_on_as_sent() {
        propagates(
            "SADD a 1 -> SADD a 1 | SUNIONSTORE d a -> SUNIONSTORE d a | SINTERSTORE d a x -> SINTERSTORE d a x | SDIFFSTORE d x -> nothing",
        );
        notifies(
            "SADD a 1 -> new a, sadd a | SUNIONSTORE d a -> new d, sunionstore d | SDIFFSTORE d a a -> del d",
        );
        changes("SADD a 1 2 -> 2 | SUNIONSTORE d a -> 1 | SINTERSTORE d x -> 1 | SINTERSTORE d x -> 0");
    }
}
