//! HTTL, HPTTL, HEXPIRETIME, HPEXPIRETIME: when fields expire.

use crate::grammar::expiry::Unit;
use crate::grammar::fields;
use crate::prelude::*;
use datatypes::hash::Field;

pub(crate) const COMMANDS: &[Command] = &[
    Command {
        run: |ctx, args| httl(ctx, args, Unit::SECONDS),
        subcommands: &[],
        spec: Spec {
            name: "HTTL",
            summary: "Returns how many seconds fields of a hash have left to live.",
            tips: &["nondeterministic_output"],
            ..TTL
        },
    },
    Command {
        run: |ctx, args| httl(ctx, args, Unit::MILLISECONDS),
        subcommands: &[],
        spec: Spec {
            name: "HPTTL",
            summary: "Returns how many milliseconds fields of a hash have left to live.",
            tips: &["nondeterministic_output"],
            ..TTL
        },
    },
    Command {
        run: |ctx, args| httl(ctx, args, Unit::UNIX_SECONDS),
        subcommands: &[],
        spec: Spec {
            name: "HEXPIRETIME",
            summary: "Returns when fields of a hash expire, in seconds since 1970.",
            ..TTL
        },
    },
    Command {
        run: |ctx, args| httl(ctx, args, Unit::UNIX_MILLISECONDS),
        subcommands: &[],
        spec: Spec {
            name: "HPEXPIRETIME",
            summary: "Returns when fields of a hash expire, in milliseconds since 1970.",
            ..TTL
        },
    },
];

const TTL: Spec = Spec {
    since: "7.4.0",
    complexity: "O(N) with N the number of fields.",
    group: Group::Hash,
    arity: Arity::AtLeast(5),
    flags: READONLY.and(FAST),
    keys: &[KeySpec::at(1).ro().access()],
    args: &[Arg::key("key"), fields::ARG],
    ..Spec::NEW
};

/// The reply for a missing field.
const MISSING: i64 = -2;
/// The reply for a field that does not expire.
const LASTING: i64 = -1;

fn httl(ctx: &mut Context<'_>, mut args: Args<'_>, unit: Unit) -> Result<(), Stop> {
    let key = args.next()?;
    let now_ms = ctx.now_ms();
    let found = ctx.keys.hash(key)?;
    let names = fields::parse(args, fields::NOT_POSITIVE)?;
    ctx.reply.array(names.len());
    for name in names.rest() {
        let field = found.and_then(|fields| fields.get(name));
        ctx.reply.integer(field.map_or(MISSING, |field| shown(field, unit, now_ms)));
    }
    Ok(())
}

/// Seconds are rounded up: a field is not to look expired while it is there.
fn shown(field: Field<'_>, unit: Unit, now_ms: i64) -> i64 {
    let Some(at_ms) = field.expire_at_ms else { return LASTING };
    let ms = if unit.absolute { at_ms } else { at_ms.saturating_sub(now_ms).max(0) };
    if unit.seconds { ms.saturating_add(999) / 1000 } else { ms }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn tells_times() {
        check(
            "HSET h a 1 b 2 | HPEXPIREAT h {ms+5500} FIELDS 1 a | HPTTL h FIELDS 3 a b x -> [5500, -1, -2]
            HTTL h FIELDS 1 a -> [6] | HPEXPIRETIME h FIELDS 1 a -> [{ms+5500}] | HEXPIRETIME h FIELDS 1 a -> [{s+6}]
            HTTL x FIELDS 2 a b -> [-2, -2] | @5501 | HTTL h FIELDS 1 a -> [-2]",
        );
    }

    #[test]
    fn refuses_bad_arguments() {
        check(
            "HSET h a 1 | SET s x | HTTL h FOO 1 a -> ERR Mandatory argument FIELDS is missing or not at the right position
            HTTL h FIELDS 0 a -> ERR Number of fields must be a positive integer
            HTTL x FIELDS x a -> ERR Number of fields must be a positive integer
            HTTL h FIELDS 2 a -> ERR The `numfields` parameter must match the number of arguments
            HTTL s FOO 2 a -> WRONGTYPE Operation against a key holding the wrong kind of value",
        );
    }
}
