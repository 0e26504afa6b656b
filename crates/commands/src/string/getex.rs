//! GETEX: read a string and change when it expires.

use crate::grammar::expiry::{self, ExpiryOption};
use crate::prelude::*;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: getex,
    subcommands: &[],
    spec: Spec {
        name: "GETEX",
        summary: "Returns the string that a key holds and sets or removes the key's expiry.",
        since: "6.2.0",
        complexity: "O(1)",
        group: Group::String,
        arity: Arity::AtLeast(2),
        flags: WRITE.and(FAST),
        keys: &[KeySpec::at(1).rw().access().update().noting("Written when the expiry changes")],
        args: &[
            Arg::key("key"),
            Arg::one_of(
                "expiration",
                &[
                    Arg::integer("seconds").after("EX"),
                    Arg::integer("milliseconds").after("PX"),
                    Arg::unix_time("unix-time-seconds").after("EXAT"),
                    Arg::unix_time("unix-time-milliseconds").after("PXAT"),
                    Arg::token("persist", "PERSIST"),
                ],
            )
            .optional(),
        ],
        ..Spec::NEW
    },
}];

fn getex(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let key = args.next()?;
    let mut option = ExpiryOption::Absent;
    while !args.is_empty() {
        let taken =
            option.take_time(&mut args)? || option.take_word(&mut args, "PERSIST", ExpiryOption::Persist)?;
        if !taken {
            return Err(Stop::SYNTAX);
        }
    }
    let Some(value) = ctx.keys.string(key)? else {
        // The number is not looked at: Redis answers so even when it could not be one.
        ctx.reply.null();
        return Ok(());
    };
    ctx.reply.bulk(value);
    match option {
        ExpiryOption::Given(unit, number) => {
            let at_ms = expiry::time_to_live("getex", unit, number, ctx.now_ms())?;
            set_expiry(ctx, key, at_ms, unit.absolute);
        }
        ExpiryOption::Persist => persist(ctx, key),
        ExpiryOption::Absent | ExpiryOption::Keep => {}
    }
    Ok(())
}

fn set_expiry(ctx: &mut Context<'_>, key: &[u8], at_ms: i64, is_absolute: bool) {
    if is_absolute && expiry::is_past(ctx, at_ms) {
        ctx.keys.remove(key);
        ctx.keys.modified(key, Event::DEL);
        ctx.propagate_as(&[expiry::deletion(ctx), key]);
        return;
    }
    ctx.keys.set_expiry(key, Some(at_ms));
    ctx.keys.modified(key, Event::EXPIRE);
    ctx.propagate_as(&[b"PEXPIREAT", key, itoa::Buffer::new().format(at_ms).as_bytes()]);
}

fn persist(ctx: &mut Context<'_>, key: &[u8]) {
    if ctx.keys.peek(key).is_some_and(|entry| entry.expire_at_ms().is_some()) {
        ctx.keys.set_expiry(key, None);
        ctx.keys.modified(key, Event::PERSIST);
        ctx.propagate_as(&[b"PERSIST", key]);
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, notifies, propagates};

    #[test]
    fn sets_and_removes_the_expiry() {
        check(
            "SET k v | GETEX k -> \"v\" | TTL k -> -1 | GETEX k EX 10 -> \"v\" | TTL k -> 10
            GETEX k px 5000 -> \"v\" | TTL k -> 5 | GETEX k EXAT {s+20} -> \"v\" | TTL k -> 20
            GETEX k PXAT {ms+30000} -> \"v\" | TTL k -> 30 | GETEX k PERSIST -> \"v\" | TTL k -> -1
            GETEX k EXAT 1 -> \"v\" | GETEX k -> nil",
        );
    }

    #[test]
    fn refuses_bad_options() {
        check(
            "SET k v
            GETEX k EX 0 -> ERR invalid expire time in 'getex' command
            GETEX k EX x -> ERR value is not an integer or out of range
            GETEX k PX 9223372036854775807 -> ERR invalid expire time in 'getex' command
            GETEX k EX -> ERR syntax error | GETEX k NX -> ERR syntax error | GETEX k KEEPTTL -> ERR syntax error
            GETEX k EX 10 PX 10 -> ERR syntax error | GETEX k PERSIST EX 10 -> ERR syntax error
            GETEX missing EX -> ERR syntax error | TTL k -> -1",
        );
    }

    #[test]
    fn the_number_is_read_only_when_needed() {
        check("GETEX missing EX 0 -> nil");
    }

    #[test]
    fn is_passed_on_as_what_it_does() {
        propagates(
            "SET k v | GETEX k -> nothing | GETEX k EX 10 -> PEXPIREAT k {ms+10000}
            GETEX k PXAT {ms+30000} -> PEXPIREAT k {ms+30000} | GETEX k PERSIST -> PERSIST k
            GETEX k PERSIST -> nothing | GETEX k EX 0 -> nothing | GETEX k PXAT 1 -> DEL k",
        );
        notifies(
            "SET k v | GETEX k EX 10 -> expire k | GETEX k PERSIST -> persist k | GETEX k EXAT 1 -> del k",
        );
    }
}
