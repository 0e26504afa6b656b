//! TTL, PTTL, EXPIRETIME, PEXPIRETIME: when a key expires.

use crate::grammar::expiry::Unit;
use crate::prelude::*;
use keyspace::EntryRef;

pub(crate) const COMMANDS: &[Command] = &[
    Command {
        run: |ctx, args| expiry_of(ctx, args, Unit::SECONDS),
        subcommands: &[],
        spec: Spec {
            name: "TTL",
            summary: "Returns how many seconds a key has left to live.",
            since: "1.0.0",
            history: &[("2.8.0", "-2 for a missing key.")],
            tips: &["nondeterministic_output"],
            ..TTL
        },
    },
    Command {
        run: |ctx, args| expiry_of(ctx, args, Unit::MILLISECONDS),
        subcommands: &[],
        spec: Spec {
            name: "PTTL",
            summary: "Returns how many milliseconds a key has left to live.",
            since: "2.6.0",
            history: &[("2.8.0", "-2 for a missing key.")],
            tips: &["nondeterministic_output"],
            ..TTL
        },
    },
    Command {
        run: |ctx, args| expiry_of(ctx, args, Unit::UNIX_SECONDS),
        subcommands: &[],
        spec: Spec {
            name: "EXPIRETIME",
            summary: "Returns when a key expires, in seconds since 1970.",
            since: "7.0.0",
            ..TTL
        },
    },
    Command {
        run: |ctx, args| expiry_of(ctx, args, Unit::UNIX_MILLISECONDS),
        subcommands: &[],
        spec: Spec {
            name: "PEXPIRETIME",
            summary: "Returns when a key expires, in milliseconds since 1970.",
            since: "7.0.0",
            ..TTL
        },
    },
];

const TTL: Spec = Spec {
    complexity: "O(1)",
    group: Group::Generic,
    arity: Arity::Exactly(2),
    flags: READONLY.and(FAST),
    keys: &[KeySpec::at(1).ro().access()],
    args: &[Arg::key("key")],
    ..Spec::NEW
};

/// The reply for a missing key.
const MISSING: i64 = -2;
/// The reply for a key that does not expire.
const LASTING: i64 = -1;

fn expiry_of(ctx: &mut Context<'_>, mut args: Args<'_>, unit: Unit) -> Result<(), Stop> {
    let now_ms = ctx.now_ms();
    let number = match ctx.keys.look_up(args.next()?, Lookup::Quiet).map(EntryRef::expire_at_ms) {
        None => MISSING,
        Some(None) => LASTING,
        Some(Some(at_ms)) => {
            let ms = if unit.absolute { at_ms } else { at_ms.saturating_sub(now_ms).max(0) };
            if unit.seconds { ms.saturating_add(500) / 1000 } else { ms }
        }
    };
    ctx.reply.integer(number);
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn seconds_are_rounded() {
        check(
            "SET k v PX 5500 | TTL k -> 6 | PTTL k -> 5500 | @1 | TTL k -> 5 | @5499 | TTL k -> 0 | PTTL k -> 0
            @1 | TTL k -> -2",
        );
        check("SET k v PXAT {ms+5600} | PEXPIRETIME k -> {ms+5600} | EXPIRETIME k -> {s+6}");
    }

    #[test]
    fn missing_and_lasting_keys() {
        check("TTL k -> -2 | PTTL k -> -2 | EXPIRETIME k -> -2 | PEXPIRETIME k -> -2");
        check("SET k v | TTL k -> -1 | PTTL k -> -1 | EXPIRETIME k -> -1 | PEXPIRETIME k -> -1");
    }
}
