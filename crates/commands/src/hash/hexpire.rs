//! HEXPIRE, HPEXPIRE, HEXPIREAT, HPEXPIREAT: let fields expire.

use crate::grammar::expiry::{self, Unit};
use crate::grammar::fields;
use crate::prelude::*;
use datatypes::hash::Hash;

pub(crate) const COMMANDS: &[Command] = &[
    Command {
        run: |ctx, args| hexpire(ctx, args, "hexpire", Unit::SECONDS),
        subcommands: &[],
        spec: Spec {
            name: "HEXPIRE",
            summary: "Lets fields of a hash expire after so many seconds.",
            args: &[Arg::key("key"), Arg::integer("seconds"), CONDITION, fields::ARG],
            ..EXPIRE
        },
    },
    Command {
        run: |ctx, args| hexpire(ctx, args, "hpexpire", Unit::MILLISECONDS),
        subcommands: &[],
        spec: Spec {
            name: "HPEXPIRE",
            summary: "Lets fields of a hash expire after so many milliseconds.",
            args: &[Arg::key("key"), Arg::integer("milliseconds"), CONDITION, fields::ARG],
            ..EXPIRE
        },
    },
    Command {
        run: |ctx, args| hexpire(ctx, args, "hexpireat", Unit::UNIX_SECONDS),
        subcommands: &[],
        spec: Spec {
            name: "HEXPIREAT",
            summary: "Lets fields of a hash expire at a time in seconds since 1970.",
            args: &[Arg::key("key"), Arg::unix_time("unix-time-seconds"), CONDITION, fields::ARG],
            ..EXPIRE
        },
    },
    Command {
        run: |ctx, args| hexpire(ctx, args, "hpexpireat", Unit::UNIX_MILLISECONDS),
        subcommands: &[],
        spec: Spec {
            name: "HPEXPIREAT",
            summary: "Lets fields of a hash expire at a time in milliseconds since 1970.",
            args: &[Arg::key("key"), Arg::unix_time("unix-time-milliseconds"), CONDITION, fields::ARG],
            ..EXPIRE
        },
    },
];

const EXPIRE: Spec = Spec {
    since: "7.4.0",
    complexity: "O(N) with N the number of fields.",
    group: Group::Hash,
    arity: Arity::AtLeast(6),
    flags: WRITE.and(FAST),
    keys: &[KeySpec::at(1).rw().update()],
    ..Spec::NEW
};

const CONDITION: Arg = Arg::one_of(
    "condition",
    &[Arg::token("nx", "NX"), Arg::token("xx", "XX"), Arg::token("gt", "GT"), Arg::token("lt", "LT")],
)
.optional();

/// Reply for a field that is not there.
const NO_FIELD: i64 = -2;
/// Reply for a field whose expiry the condition leaves as it is.
const LEFT: i64 = 0;
/// Reply for a field that expires from now on.
const SET: i64 = 1;
/// Reply for a field whose time had come already, and which is removed.
const DELETED: i64 = 2;

/// When a new expiry takes the place of what there is.
#[derive(Clone, Copy)]
enum Condition {
    Always,
    IfNone,
    IfAny,
    IfLater,
    IfEarlier,
}

impl Condition {
    fn parse(args: &mut Args<'_>) -> Condition {
        let conditions = [
            ("NX", Condition::IfNone),
            ("XX", Condition::IfAny),
            ("GT", Condition::IfLater),
            ("LT", Condition::IfEarlier),
        ];
        let found = conditions.into_iter().find(|(word, _)| args.keyword(word));
        found.map_or(Condition::Always, |(_, condition)| condition)
    }

    /// A field without an expiry counts as one that expires after all others.
    fn allows(self, before_ms: Option<i64>, at_ms: i64) -> bool {
        match self {
            Condition::Always => true,
            Condition::IfNone => before_ms.is_none(),
            Condition::IfAny => before_ms.is_some(),
            Condition::IfLater => before_ms.is_some_and(|before_ms| at_ms > before_ms),
            Condition::IfEarlier => before_ms.is_none_or(|before_ms| at_ms < before_ms),
        }
    }
}

fn hexpire(ctx: &mut Context<'_>, mut args: Args<'_>, command: &str, unit: Unit) -> Result<(), Stop> {
    let key = args.next()?;
    // A key of another type is complained about before the other arguments.
    ctx.keys.hash_for(key, Lookup::Peek)?;
    let at_ms = fields::expiry_ms(command, unit, args.next()?, ctx.now_ms())?;
    let condition = Condition::parse(&mut args);
    let names = fields::parse(args, Stop::error("ERR Parameter `numFields` should be greater than 0"))?;
    let is_past = expiry::is_past(ctx, at_ms);
    let mut outcomes = Vec::with_capacity(names.len());
    let mut changed = Vec::new();
    if let Some(mut hash) = ctx.keys.hash_mut(key)? {
        for name in names.rest() {
            hash.meet(name);
            let outcome = expire(&mut hash, name, at_ms, (condition, is_past));
            outcomes.push(outcome);
            if outcome > LEFT {
                changed.push(name);
            }
        }
        if !changed.is_empty() {
            hash.modified(if is_past { Event::HDEL } else { Event::HEXPIRE });
            hash.add_dirty(changed.len() as u64 - 1);
        }
    }
    ctx.reply.array(names.len());
    for outcome in outcomes.into_iter().chain(std::iter::repeat(NO_FIELD)).take(names.len()) {
        ctx.reply.integer(outcome);
    }
    if !changed.is_empty() {
        fields::propagate_expiry(ctx, key, (!is_past).then_some(at_ms), &changed);
    }
    Ok(())
}

/// Does to one field what the command asks for; returns what is replied.
fn expire(hash: &mut Hash, name: &[u8], at_ms: i64, (condition, is_past): (Condition, bool)) -> i64 {
    let Some(field) = hash.get(name) else { return NO_FIELD };
    if !condition.allows(field.expire_at_ms, at_ms) {
        return LEFT;
    }
    if is_past {
        hash.remove(name);
        return DELETED;
    }
    hash.set_expiry(name, Some(at_ms));
    SET
}

#[cfg(test)]
mod tests {
    use crate::testing::{changes, check, notifies, propagates};

    #[test]
    fn fields_expire() {
        check(
            r#"HEXPIRE h 10 FIELDS 2 a b -> [-2, -2] | HSET h a 1 b 2 c 3 | HEXPIRE h 10 FIELDS 2 a x -> [1, -2]
            HTTL h FIELDS 3 a b x -> [10, -1, -2] | OBJECT ENCODING h -> "listpackex"
            HPEXPIREAT h {ms+5000} FIELDS 1 b -> [1] | @5001 | HGETALL h -> ["a", "1", "c", "3"] | @5000
            HKEYS h -> ["c"] | HEXPIREAT h 1 FIELDS 1 c -> [2] | EXISTS h -> 0"#,
        );
    }

    #[test]
    fn conditions() {
        check(
            "HSET h a 1 | HEXPIRE h 10 XX FIELDS 1 a -> [0] | HEXPIRE h 10 GT FIELDS 1 a -> [0]
            HEXPIRE h 10 LT FIELDS 1 a -> [1] | HEXPIRE h 20 LT FIELDS 1 a -> [0] | HEXPIRE h 20 nx FIELDS 1 a -> [0]
            HEXPIRE h 20 GT FIELDS 1 a -> [1] | HEXPIRE h 20 GT FIELDS 1 a -> [0] | HEXPIRE h 5 XX FIELDS 1 a -> [1]
            HPERSIST h FIELDS 1 a -> [1] | HEXPIRE h 5 NX FIELDS 1 a -> [1] | HEXPIRE h 0 NX FIELDS 1 a -> [0]",
        );
    }

    #[test]
    fn refuses_bad_arguments() {
        check(
            "HSET h a 1 | SET s x
            HEXPIRE h x FOO 1 a -> ERR value is not an integer or out of range
            HEXPIRE h -1 FOO 1 a -> ERR invalid expire time, must be >= 0
            HEXPIRE h 9223372036854775807 FIELDS 1 a -> ERR invalid expire time in 'hexpire' command
            HPEXPIREAT h 70368744177664 FIELDS 1 a -> ERR invalid expire time in 'hpexpireat' command
            HPEXPIREAT h 70368744177663 FIELDS 1 a -> [1]
            HEXPIRE h 1 FOO 1 -> ERR wrong number of arguments for 'hexpire' command
            HEXPIRE h 1 FOO 1 a b -> ERR Mandatory argument FIELDS is missing or not at the right position
            HEXPIRE h 1 NX XX FIELDS 1 a -> ERR Mandatory argument FIELDS is missing or not at the right position
            HEXPIRE h 1 FIELDS 0 a -> ERR Parameter `numFields` should be greater than 0
            HEXPIRE h 1 FIELDS x a b -> ERR Parameter `numFields` should be greater than 0
            HEXPIRE h 1 FIELDS 1 a b -> ERR The `numfields` parameter must match the number of arguments
            HEXPIRE s x FIELDS 1 a b -> WRONGTYPE Operation against a key holding the wrong kind of value",
        );
    }

    #[test]
    fn is_passed_on_as_a_time() {
        propagates(
            "HSET h a 1 b 2 c 3 -> HSET h a 1 b 2 c 3
            HEXPIRE h 10 FIELDS 3 a x b -> HPEXPIREAT h {ms+10000} FIELDS 2 a b | HEXPIRE h 10 NX FIELDS 1 a -> nothing
            HEXPIRE h 0 FIELDS 2 a x -> HDEL h a | HEXPIRE x 1 FIELDS 1 a -> nothing",
        );
        notifies(
            "HSET h a 1 b 2 -> new h, hset h | HEXPIRE h 10 FIELDS 2 a b -> hexpire h | HEXPIRE h 10 NX FIELDS 1 a -> nothing
            HEXPIRE h 0 FIELDS 2 a b -> hdel h, del h",
        );
        changes("HSET h a 1 b 2 -> 2 | HEXPIRE h 10 FIELDS 2 a b -> 2 | HEXPIRE h 0 FIELDS 1 a -> 1");
    }
}
