//! SREM: take members out of a set.

use crate::prelude::*;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: srem,
    subcommands: &[],
    spec: Spec {
        name: "SREM",
        summary: "Removes members from a set; without members the key is gone.",
        since: "1.0.0",
        complexity: "O(N) with N the number of members to be removed.",
        group: Group::Set,
        arity: Arity::AtLeast(3),
        flags: WRITE.and(FAST),
        keys: &[KeySpec::at(1).rw().delete()],
        args: &[Arg::key("key"), Arg::string("member").multiple()],
        history: &[("2.4.0", "Several members at once.")],
        ..Spec::NEW
    },
}];

fn srem(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let key = args.next()?;
    let mut removed = 0;
    if let Some(mut set) = ctx.keys.set_mut(key)? {
        {
            let set = &mut *set;
            removed = args.rest().filter(|member| set.remove(member)).count() as u64;
        }
        if removed > 0 {
            set.modified(Event::SREM);
            set.add_dirty(removed - 1);
        }
    }
    ctx.reply.integer(removed as i64);
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{changes, check, notifies, propagates};

    #[test]
    fn counts_what_was_there() {
        check(
            "SADD s a b 1 | SREM s a x a -> 1 | SREM s b 1 -> 2 | EXISTS s -> 0 | SREM s a -> 0 | SET k v
            SREM k a -> WRONGTYPE Operation against a key holding the wrong kind of value",
        );
    }

    #[test]
    fn is_passed_on_as_sent() {
        propagates(
            "SADD s a b -> SADD s a b | SREM s a x -> SREM s a x | SREM s x -> nothing | SREM s b -> SREM s b",
        );
        notifies("SADD s a b -> new s, sadd s | SREM s a -> srem s | SREM s b -> srem s, del s");
        changes("SADD s a b c -> 3 | SREM s a b x -> 2");
    }
}
