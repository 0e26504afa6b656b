//! LSET: put another element in the place of one.

use crate::prelude::*;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: lset,
    subcommands: &[],
    spec: Spec {
        name: "LSET",
        summary: "Puts another element at a position of a list, which counts from the end when it is negative.",
        complexity: "O(log N) with N the number of elements.",
        group: Group::List,
        arity: Arity::Exactly(4),
        flags: WRITE.and(DENYOOM),
        keys: &[KeySpec::at(1).rw().update()],
        args: &[Arg::key("key"), Arg::integer("index"), Arg::string("element")],
        ..Spec::NEW
    },
}];

fn lset(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let limits = ctx.keys.limits().list;
    // A key that is not there is told before an index that is no number.
    let mut list = ctx.keys.list_mut(args.next()?)?.ok_or(Stop::NO_SUCH_KEY)?;
    let (index, element) = (args.integer()?, args.next()?);
    let position = list.position(index).ok_or(Stop::error("ERR index out of range"))?;
    list.set(position, element, limits);
    list.modified(Event::LSET);
    drop(list);
    ctx.reply.ok();
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{changes, check, notifies, propagates};

    #[test]
    fn replaces() {
        check(
            r#"RPUSH l a b c | LSET l 0 x -> OK | LSET l -1 5 -> OK | LRANGE l 0 -1 -> ["x", "b", "5"]
            LSET none x a -> ERR no such key | LSET l 3 a -> ERR index out of range
            LSET l x a -> ERR value is not an integer or out of range"#,
        );
    }

    #[test]
    fn is_told_and_passed_on() {
        propagates("RPUSH l a | LSET l 0 a -> LSET l 0 a");
        notifies("RPUSH l a | LSET l 0 b -> lset l");
        changes("RPUSH l a -> 1 | LSET l 0 b -> 1");
    }
}
