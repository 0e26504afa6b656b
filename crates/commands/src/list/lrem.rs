//! LREM: take out elements that equal another.

use crate::prelude::*;
use datatypes::list::End;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: lrem,
    subcommands: &[],
    spec: Spec {
        name: "LREM",
        summary: "Takes out the elements of a list that equal another, all of them or some from either end.",
        complexity: "O(N+M) with N the number of elements and M the number of those removed.",
        group: Group::List,
        arity: Arity::Exactly(4),
        flags: WRITE,
        keys: &[KeySpec::at(1).rw().delete()],
        args: &[Arg::key("key"), Arg::integer("count"), Arg::string("element")],
        ..Spec::NEW
    },
}];

fn lrem(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let key = args.next()?;
    let count = args.integer_in(
        -i64::MAX,
        i64::MAX,
        "ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807",
    )?;
    let element = args.next()?;
    let limits = ctx.keys.limits().list;
    let from = if count < 0 { End::Back } else { End::Front };
    let most = if count == 0 { usize::MAX } else { count.unsigned_abs() as usize };
    let mut removed = 0;
    if let Some(mut list) = ctx.keys.list_mut(key)? {
        removed = list.remove_matching(element, most, from, limits);
        if removed > 0 {
            list.modified(Event::LREM);
            list.add_dirty(removed as u64 - 1);
        }
    }
    ctx.reply.integer(removed as i64);
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{changes, check, notifies, propagates};

    #[test]
    fn from_either_end() {
        check(
            r#"RPUSH l a 1 a 1 a | LREM l 1 a -> 1 | LREM l -1 a -> 1 | LRANGE l 0 -1 -> ["1", "a", "1"] | LREM l 0 1 -> 2
            LREM l 5 x -> 0 | LREM l -5 a -> 1 | EXISTS l -> 0 | LREM l 0 a -> 0
            LREM l x a -> ERR value is not an integer or out of range
            LREM l -9223372036854775808 a -> ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807"#,
        );
    }

    #[test]
    fn is_told_and_passed_on() {
        propagates("RPUSH l a b | LREM l 0 a -> LREM l 0 a | LREM l 0 a -> nothing");
        notifies(
            "RPUSH l a b a | LREM l 0 a -> lrem l | LREM l 0 a -> nothing | LREM l 0 b -> lrem l, del l",
        );
        changes("RPUSH l a b a -> 3 | LREM l 0 a -> 2 | LREM l 0 a -> 0");
    }
}
