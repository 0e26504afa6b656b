//! SETEX and PSETEX: set a string with a time to live.

use crate::grammar::expiry::{self, Unit};
use crate::prelude::*;

pub(crate) const COMMANDS: &[Command] = &[
    Command {
        run: |ctx, args| set_for(ctx, args, "setex", Unit::SECONDS),
        subcommands: &[],
        spec: Spec {
            name: "SETEX",
            summary: "Sets the string of a key together with a time to live in seconds.",
            since: "2.0.0",
            args: &[Arg::key("key"), Arg::integer("seconds"), Arg::string("value")],
            deprecated: Some(("2.6.12", "`SET` with the `EX` argument")),
            ..SETEX
        },
    },
    Command {
        run: |ctx, args| set_for(ctx, args, "psetex", Unit::MILLISECONDS),
        subcommands: &[],
        spec: Spec {
            name: "PSETEX",
            summary: "Sets the string of a key together with a time to live in milliseconds.",
            since: "2.6.0",
            args: &[Arg::key("key"), Arg::integer("milliseconds"), Arg::string("value")],
            deprecated: Some(("2.6.12", "`SET` with the `PX` argument")),
            ..SETEX
        },
    },
];

const SETEX: Spec = Spec {
    complexity: "O(1)",
    group: Group::String,
    arity: Arity::Exactly(4),
    flags: WRITE.and(DENYOOM),
    keys: &[KeySpec::at(1).ow().update()],
    ..Spec::NEW
};

fn set_for(ctx: &mut Context<'_>, mut args: Args<'_>, command: &str, unit: Unit) -> Result<(), Stop> {
    let (key, number, value) = (args.next()?, args.next()?, args.next()?);
    let at_ms = expiry::time_to_live(command, unit, number, ctx.now_ms())?;
    ctx.keys.set_string(key, value, NewExpiry::At(at_ms));
    ctx.keys.modified(key, Event::SET);
    ctx.keys.notify(key, Event::EXPIRE);
    expiry::pass_on_set(ctx, key, value, at_ms);
    ctx.reply.ok();
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, notifies, propagates};

    #[test]
    fn sets_for_a_time() {
        check("SETEX k 10 v -> OK | TTL k -> 10 | PSETEX k 5000 w -> OK | TTL k -> 5 | GET k -> \"w\"");
    }

    #[test]
    fn refuses_bad_times() {
        check(
            "SETEX k 0 v -> ERR invalid expire time in 'setex' command
            SETEX k -1 v -> ERR invalid expire time in 'setex' command
            SETEX k 9223372036854775807 v -> ERR invalid expire time in 'setex' command
            PSETEX k 9223372036854775807 v -> ERR invalid expire time in 'psetex' command
            SETEX k x v -> ERR value is not an integer or out of range | EXISTS k -> 0",
        );
    }

    #[test]
    fn is_passed_on_as_set() {
        propagates("SETEX k 10 v -> SET k v PXAT {ms+10000} | PSETEX k 5 v -> SET k v PXAT {ms+5}");
        propagates("CONFIG SET rdb-version 9 | SETEX k 10 v -> MULTI; SET k v; PEXPIREAT k {ms+10000}; EXEC");
        notifies("SETEX k 10 v -> new k, set k, expire k");
    }
}
