//! HDEL: remove fields.

use crate::prelude::*;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: hdel,
    subcommands: &[],
    spec: Spec {
        name: "HDEL",
        summary: "Removes fields of a hash and returns how many were there; the key goes with its last field.",
        since: "2.0.0",
        complexity: "O(N) with N the number of fields.",
        group: Group::Hash,
        arity: Arity::AtLeast(3),
        flags: WRITE.and(FAST),
        keys: &[KeySpec::at(1).rw().delete()],
        args: &[Arg::key("key"), Arg::string("field").multiple()],
        history: &[("2.4.0", "Several fields at once.")],
        ..Spec::NEW
    },
}];

fn hdel(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let mut removed = 0;
    if let Some(mut hash) = ctx.keys.hash_mut(args.next()?)? {
        for name in args.rest() {
            hash.meet(name);
            removed += u64::from(hash.remove(name));
        }
        if removed > 0 {
            hash.modified(Event::HDEL);
            hash.add_dirty(removed - 1);
        }
    }
    ctx.reply.integer(removed.cast_signed());
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{changes, check, notifies, propagates};

    #[test]
    fn removes_fields_and_the_key_with_the_last() {
        check(
            "HDEL h a -> 0 | HSET h a 1 b 2 c 3 | HDEL h a x a -> 1 | HLEN h -> 2 | HDEL h b c -> 2 | EXISTS h -> 0
            SET s x | HDEL s a -> WRONGTYPE Operation against a key holding the wrong kind of value",
        );
    }

    #[test]
    fn tells_what_it_did() {
        propagates("HSET h a 1 b 2 -> HSET h a 1 b 2 | HDEL h x -> nothing | HDEL h a x -> HDEL h a x");
        notifies(
            "HSET h a 1 b 2 -> new h, hset h | HDEL h a -> hdel h | HDEL h b -> hdel h, del h | HDEL h b -> nothing",
        );
        changes("HSET h a 1 b 2 -> 2 | HDEL h a b x -> 2");
    }
}
