//! ZREM: take members out.

use crate::prelude::*;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: zrem,
    subcommands: &[],
    spec: Spec {
        name: "ZREM",
        summary: "Removes members from a sorted set; the key goes with its last member.",
        since: "1.2.0",
        complexity: "O(M*log(N)), N being the size of the set and M the number of members.",
        group: Group::SortedSet,
        arity: Arity::AtLeast(3),
        flags: WRITE.and(FAST),
        keys: &[KeySpec::at(1).rw().delete()],
        args: &[Arg::key("key"), Arg::string("member").multiple()],
        history: &[("2.4.0", "Takes several members.")],
        ..Spec::NEW
    },
}];

fn zrem(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let key = args.next()?;
    let mut removed = 0;
    if let Some(mut set) = ctx.keys.sorted_set_mut(key)? {
        removed = args.rest().filter(|member| set.remove(member).is_some()).count();
        if removed > 0 {
            set.modified(Event::ZREM);
            set.add_dirty(removed as u64 - 1);
        }
    }
    ctx.reply.integer(removed as i64);
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, notifies, propagates};

    #[test]
    fn removes_and_counts() {
        check(
            "ZADD z 1 a 2 b 3 c | ZREM z a x a b -> 2 | ZREM z c -> 1 | EXISTS z -> 0 | ZREM z c -> 0
            SET s v | ZREM s a -> WRONGTYPE Operation against a key holding the wrong kind of value",
        );
    }

    #[test]
    fn tells_of_the_last_one() {
        notifies("ZADD z 1 a 2 b | ZREM z a -> zrem z | ZREM z x -> nothing | ZREM z b -> zrem z, del z");
        propagates("ZADD z 1 a | ZREM z x -> nothing | ZREM z x a -> ZREM z x a");
    }
}
