//! PFADD: add elements to a HyperLogLog.

use super::{corrupted, read, sparse_max_bytes, write};
use crate::prelude::*;
use datatypes::hyperloglog;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: pfadd,
    subcommands: &[],
    spec: Spec {
        name: "PFADD",
        summary: "Adds elements to a HyperLogLog, which is created when absent.",
        since: "2.8.9",
        complexity: "O(1) for each element.",
        group: Group::HyperLogLog,
        arity: Arity::AtLeast(2),
        flags: WRITE.and(DENYOOM).and(FAST),
        keys: &[KeySpec::at(1).rw().insert()],
        args: &[Arg::key("key"), Arg::string("element").multiple().optional()],
        ..Spec::NEW
    },
}];

fn pfadd(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let key = args.next()?;
    let sparse_max_bytes = sparse_max_bytes(ctx);
    let old = match ctx.keys.string_for(key, Lookup::Write)? {
        None => None,
        Some(_) => read(ctx, key)?,
    };
    if old.is_some_and(hyperloglog::is_dense) {
        return add_to_dense(ctx, key, args);
    }
    let is_new = old.is_none();
    let mut bytes = old.map_or_else(hyperloglog::new, <[u8]>::to_vec);
    let mut changes = u64::from(is_new);
    for element in args.rest() {
        changes += u64::from(hyperloglog::add(&mut bytes, element, sparse_max_bytes).map_err(corrupted)?);
    }
    if changes > 0 {
        write(ctx, key, &mut bytes);
        ctx.keys.add_dirty(changes - 1);
    }
    ctx.reply.integer(i64::from(changes > 0));
    Ok(())
}

/// A dense one is changed where it lies.
fn add_to_dense(ctx: &mut Context<'_>, key: &[u8], args: Args<'_>) -> Result<(), Stop> {
    let bytes = ctx.keys.string_mut(key)?.expect("it was just read");
    let changes = args.rest().filter(|element| hyperloglog::add_to_dense(bytes, element)).count() as u64;
    if changes > 0 {
        hyperloglog::mark_stale(bytes);
        ctx.keys.modified(key, Event::PFADD);
        ctx.keys.add_dirty(changes - 1);
    }
    ctx.reply.integer(i64::from(changes > 0));
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{changes, check, notifies, propagates};

    #[test]
    fn adds_what_is_new() {
        check(
            r#"PFADD k a b c -> 1 | PFADD k a -> 0 | PFCOUNT k -> 3 | PFADD e -> 1 | PFADD e -> 0 | PFCOUNT e -> 0
            OBJECT ENCODING k -> "raw" | EXPIRE k 100 | PFADD k d -> 1 | TTL k -> 100
            PFDEBUG TODENSE k -> 1 | PFADD k d -> 0 | PFADD k e f -> 1 | PFCOUNT k -> 6"#,
        );
    }

    #[test]
    fn refuses_other_strings() {
        check("SET k abc | PFADD k a -> WRONGTYPE Key is not a valid HyperLogLog string value.");
        check(
            r#"PFADD k a | SETRANGE k 16 "\xff\xff\xff" | PFCOUNT k -> INVALIDOBJ Corrupted HLL object detected
            PFADD k b c d e -> INVALIDOBJ Corrupted HLL object detected"#,
        );
    }

    #[test]
    fn is_passed_on_as_sent() {
        propagates("PFADD k a b -> PFADD k a b | PFADD k a -> nothing | PFADD k -> nothing");
        notifies("PFADD k a -> new k, pfadd k | PFADD k a -> nothing");
        changes("PFADD k a b -> 3 | PFADD k a -> 0 | PFADD k c -> 1");
    }
}
