//! EXPIRE, PEXPIRE, EXPIREAT, PEXPIREAT: set when a key expires.

use crate::grammar::expiry::{self, Unit};
use crate::prelude::*;
use keyspace::EntryRef;

pub(crate) const COMMANDS: &[Command] = &[
    Command {
        run: |ctx, args| expire(ctx, args, "expire", Unit::SECONDS),
        subcommands: &[],
        spec: Spec {
            name: "EXPIRE",
            summary: "Gives a key a time to live in seconds.",
            since: "1.0.0",
            args: &[Arg::key("key"), Arg::integer("seconds"), CONDITION],
            ..EXPIRE
        },
    },
    Command {
        run: |ctx, args| expire(ctx, args, "pexpire", Unit::MILLISECONDS),
        subcommands: &[],
        spec: Spec {
            name: "PEXPIRE",
            summary: "Gives a key a time to live in milliseconds.",
            since: "2.6.0",
            args: &[Arg::key("key"), Arg::integer("milliseconds"), CONDITION],
            ..EXPIRE
        },
    },
    Command {
        run: |ctx, args| expire(ctx, args, "expireat", Unit::UNIX_SECONDS),
        subcommands: &[],
        spec: Spec {
            name: "EXPIREAT",
            summary: "Lets a key expire at a point in time, in seconds since 1970.",
            since: "1.2.0",
            args: &[Arg::key("key"), Arg::unix_time("unix-time-seconds"), CONDITION],
            ..EXPIRE
        },
    },
    Command {
        run: |ctx, args| expire(ctx, args, "pexpireat", Unit::UNIX_MILLISECONDS),
        subcommands: &[],
        spec: Spec {
            name: "PEXPIREAT",
            summary: "Lets a key expire at a point in time, in milliseconds since 1970.",
            since: "2.6.0",
            args: &[Arg::key("key"), Arg::unix_time("unix-time-milliseconds"), CONDITION],
            ..EXPIRE
        },
    },
];

const EXPIRE: Spec = Spec {
    complexity: "O(1)",
    group: Group::Generic,
    arity: Arity::AtLeast(3),
    flags: WRITE.and(FAST),
    keys: &[KeySpec::at(1).rw().update()],
    history: &[("7.0.0", "The conditions `NX`, `XX`, `GT` and `LT`.")],
    ..Spec::NEW
};

const CONDITION: Arg = Arg::one_of(
    "condition",
    &[Arg::token("nx", "NX"), Arg::token("xx", "XX"), Arg::token("gt", "GT"), Arg::token("lt", "LT")],
)
.since("7.0.0")
.optional();

/// When the expiry may be set, by the one before.
#[derive(Clone, Copy, Default)]
struct Conditions {
    only_new: bool,
    only_existing: bool,
    only_later: bool,
    only_earlier: bool,
}

impl Conditions {
    fn parse(args: &mut Args<'_>) -> Result<Conditions, Stop> {
        let mut conditions = Conditions::default();
        while !args.is_empty() {
            let word = if args.keyword("NX") {
                &mut conditions.only_new
            } else if args.keyword("XX") {
                &mut conditions.only_existing
            } else if args.keyword("GT") {
                &mut conditions.only_later
            } else if args.keyword("LT") {
                &mut conditions.only_earlier
            } else {
                return Err(Stop::quoting("ERR Unsupported option ", args.next()?, ""));
            };
            *word = true;
        }
        let Conditions { only_new, only_existing, only_later, only_earlier } = conditions;
        if only_new && (only_existing || only_later || only_earlier) {
            return Err(Stop::error("ERR NX and XX, GT or LT options at the same time are not compatible"));
        }
        if only_later && only_earlier {
            return Err(Stop::error("ERR GT and LT options at the same time are not compatible"));
        }
        Ok(conditions)
    }

    /// A key without expiry counts as one that expires at the end of time.
    fn allow(self, old_ms: Option<i64>, new_ms: i64) -> bool {
        !(self.only_new && old_ms.is_some()
            || self.only_existing && old_ms.is_none()
            || self.only_later && old_ms.is_none_or(|old_ms| new_ms <= old_ms)
            || self.only_earlier && old_ms.is_some_and(|old_ms| new_ms >= old_ms))
    }
}

fn expire(ctx: &mut Context<'_>, mut args: Args<'_>, command: &str, unit: Unit) -> Result<(), Stop> {
    let (key, number) = (args.next()?, args.next()?);
    let conditions = Conditions::parse(&mut args)?;
    let number = stdx::number::parse_i64(number).ok_or(Stop::NOT_AN_INTEGER)?;
    let at_ms = unit.at_ms(number, ctx.now_ms()).ok_or_else(|| expiry::invalid(command))?;
    let old_ms = ctx.keys.look_up(key, Lookup::Write).map(EntryRef::expire_at_ms);
    let allowed = old_ms.is_some_and(|old_ms| conditions.allow(old_ms, at_ms));
    if allowed {
        set_expiry(ctx, key, at_ms);
    }
    ctx.reply.integer(i64::from(allowed));
    Ok(())
}

fn set_expiry(ctx: &mut Context<'_>, key: &[u8], at_ms: i64) {
    if expiry::is_past(ctx, at_ms) {
        ctx.keys.remove(key);
        ctx.keys.modified(key, Event::DEL);
        ctx.propagate_as(&[expiry::deletion(ctx), key]);
        return;
    }
    ctx.keys.set_expiry(key, Some(at_ms));
    ctx.keys.modified(key, Event::EXPIRE);
    let number = itoa::Buffer::new().format(at_ms).to_string();
    let mut words: Vec<&[u8]> = vec![b"PEXPIREAT", key, number.as_bytes()];
    words.extend(ctx.request.words().skip(3));
    ctx.propagate_as(&words);
}

#[cfg(test)]
mod tests {
    use crate::testing::{changes, check, notifies, propagates};

    #[test]
    fn sets_the_expiry() {
        check(
            "EXPIRE k 10 -> 0 | SET k v | EXPIRE k 10 -> 1 | TTL k -> 10 | PEXPIRE k 5000 -> 1 | TTL k -> 5
            EXPIREAT k {s+20} -> 1 | TTL k -> 20 | PEXPIREAT k {ms+30000} -> 1 | TTL k -> 30 | GET k -> \"v\"
            PEXPIREAT k 9223372036854775807 -> 1 | EXPIREAT k 9223372036854775 -> 1",
        );
    }

    #[test]
    fn a_time_in_the_past_deletes() {
        check(
            "SET k v | EXPIRE k 0 -> 1 | EXISTS k -> 0 | EXPIRE k -1 -> 0 | SET k v EX 10 | EXPIRE k -1 GT -> 0
            EXPIRE k -1 NX -> 0 | EXPIRE k -1 LT -> 1 | EXISTS k -> 0",
        );
    }

    #[test]
    fn obeys_conditions() {
        check(
            "SET k v | EXPIRE k 10 XX -> 0 | EXPIRE k 10 GT -> 0 | EXPIRE k 10 NX -> 1 | EXPIRE k 20 nx -> 0
            EXPIRE k 20 LT -> 0 | EXPIRE k 20 GT -> 1 | EXPIRE k 20 GT -> 0 | EXPIRE k 15 LT -> 1 | EXPIRE k 15 XX LT -> 0
            EXPIRE k 15 XX -> 1 | PERSIST k | EXPIRE k 10 LT -> 1 | TTL k -> 10",
        );
    }

    #[test]
    fn refuses_bad_requests() {
        check(
            "EXPIRE k x -> ERR value is not an integer or out of range
            EXPIRE k x FOO -> ERR Unsupported option FOO
            EXPIRE k 10 NX XX -> ERR NX and XX, GT or LT options at the same time are not compatible
            EXPIRE k 10 LT NX -> ERR NX and XX, GT or LT options at the same time are not compatible
            EXPIRE k 10 GT LT -> ERR GT and LT options at the same time are not compatible
            EXPIRE k 9223372036854775807 -> ERR invalid expire time in 'expire' command
            EXPIRE k -9223372036854775808 -> ERR invalid expire time in 'expire' command
            EXPIRE k 9223372036854775 -> ERR invalid expire time in 'expire' command
            PEXPIRE k 9223372036854775807 -> ERR invalid expire time in 'pexpire' command
            EXPIREAT k 9223372036854776 -> ERR invalid expire time in 'expireat' command",
        );
    }

    #[test]
    fn is_passed_on_as_a_point_in_time() {
        propagates(
            "SET k v | EXPIRE k 10 -> PEXPIREAT k {ms+10000} | EXPIREAT k {s+20} GT -> PEXPIREAT k {ms+20000} GT
            PEXPIRE k 5000 xx -> PEXPIREAT k {ms+5000} xx | PEXPIREAT k {ms+7} -> PEXPIREAT k {ms+7}
            EXPIRE k 9 NX -> nothing | EXPIRE k x -> nothing | EXPIRE k 0 -> DEL k | EXPIRE k 10 -> nothing",
        );
        notifies("SET k v | EXPIRE k 10 -> expire k | EXPIRE k 0 -> del k");
        changes("SET k v -> 1 | EXPIRE k 10 -> 1 | EXPIRE k 10 NX -> 0 | EXPIRE k 0 -> 1");
    }
}
