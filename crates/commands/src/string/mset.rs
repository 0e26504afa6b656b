//! MSET and MSETNX: set several strings.

use crate::prelude::*;

pub(crate) const COMMANDS: &[Command] = &[
    Command {
        run: mset,
        subcommands: &[],
        spec: Spec {
            name: "MSET",
            summary: "Sets the strings of several keys in one step.",
            keys: &[KeySpec::range(1, -1, 2).ow().update()],
            tips: &["request_policy:multi_shard", "response_policy:all_succeeded"],
            ..MSET
        },
    },
    Command {
        run: msetnx,
        subcommands: &[],
        spec: Spec {
            name: "MSETNX",
            summary: "Sets the strings of several keys in one step if none of the keys exists.",
            keys: &[KeySpec::range(1, -1, 2).ow().insert()],
            ..MSET
        },
    },
];

const MSET: Spec = Spec {
    since: "1.0.1",
    complexity: "O(N) with N the number of keys.",
    group: Group::String,
    arity: Arity::AtLeast(3),
    flags: WRITE.and(DENYOOM),
    args: &[Arg::block("data", &[Arg::key("key"), Arg::string("value")]).multiple()],
    ..Spec::NEW
};

fn mset(ctx: &mut Context<'_>, args: Args<'_>) -> Result<(), Stop> {
    whole_pairs(args, "mset")?;
    set_pairs(ctx, args);
    ctx.reply.ok();
    Ok(())
}

fn msetnx(ctx: &mut Context<'_>, args: Args<'_>) -> Result<(), Stop> {
    whole_pairs(args, "msetnx")?;
    let is_free = args.rest().step_by(2).all(|key| ctx.keys.look_up(key, Lookup::Write).is_none());
    if is_free {
        set_pairs(ctx, args);
    }
    ctx.reply.integer(i64::from(is_free));
    Ok(())
}

fn whole_pairs(args: Args<'_>, command: &str) -> Result<(), Stop> {
    if args.len().is_multiple_of(2) {
        return Ok(());
    }
    Err(Stop::from(format!("ERR wrong number of arguments for '{command}' command")))
}

fn set_pairs(ctx: &mut Context<'_>, args: Args<'_>) {
    let pairs = args.rest().step_by(2).zip(args.rest().skip(1).step_by(2));
    ctx.keys.set_strings(pairs, |keys, key| keys.modified(key, Event::SET));
}

#[cfg(test)]
mod tests {
    use crate::testing::{changes, check, notifies, propagates};

    #[test]
    fn sets_all_pairs() {
        check("SET b x EX 100 | MSET a 1 b 2 a 3 -> OK | MGET a b -> [\"3\", \"2\"] | TTL b -> -1");
    }

    #[test]
    fn all_or_none_with_nx() {
        check(
            "SET b x | MSETNX a 1 b 2 -> 0 | EXISTS a -> 0 | MSETNX a 1 c 2 a 3 -> 1 | MGET a c -> [\"3\", \"2\"]",
        );
    }

    #[test]
    fn refuses_a_key_without_value() {
        check(
            "MSET a 1 b -> ERR wrong number of arguments for 'mset' command | EXISTS a -> 0
            MSETNX a 1 b -> ERR wrong number of arguments for 'msetnx' command",
        );
    }

    #[test]
    fn is_passed_on_as_sent() {
        propagates(
            "MSET a 1 b 2 -> MSET a 1 b 2 | MSETNX a 1 c 2 -> nothing | MSETNX c 1 d 2 -> MSETNX c 1 d 2",
        );
        notifies("MSET a 1 b 2 -> new a, set a, new b, set b");
        changes("MSET a 1 b 2 -> 2 | MSETNX a 1 -> 0");
    }
}
