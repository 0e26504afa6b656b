//! XACK: entries that a group was handed are dealt with.

use super::id;
use crate::prelude::*;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: xack,
    subcommands: &[],
    spec: Spec {
        name: "XACK",
        summary: "Acknowledges entries that a group was handed. Returns how many were pending.",
        since: "5.0.0",
        complexity: "O(1) for each entry.",
        group: Group::Stream,
        arity: Arity::AtLeast(4),
        flags: WRITE.and(FAST),
        keys: &[KeySpec::at(1).rw().update()],
        args: &[Arg::key("key"), Arg::string("group"), Arg::string("id").multiple()],
        ..Spec::NEW
    },
}];

fn xack(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let (key, group) = (args.next()?, args.next()?);
    let ids = id::parse_all(args.rest());
    // Of a group that is not there nobody looks at the identifiers.
    let has_group = ctx.keys.stream(key)?.is_some_and(|stream| stream.group(group).is_some());
    if !has_group {
        ctx.reply.integer(0);
        return Ok(());
    }
    let ids = ids?;
    let mut acknowledged = 0;
    if let Some(mut edit) = ctx.keys.stream_mut(key)? {
        if let Some((_, group)) = edit.group_mut(group) {
            acknowledged = ids.into_iter().filter(|id| group.acknowledge(*id)).count();
        }
        edit.add_dirty(acknowledged as u64);
    }
    ctx.reply.integer(super::reply::number(acknowledged));
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, propagates};

    #[test]
    fn acknowledges() {
        check(
            "XADD s 1 a b | XADD s 2 a b | XGROUP CREATE s g 0 | XREADGROUP GROUP g c STREAMS s >
            XACK s g 1 1 9 -> 1 | XPENDING s g -> [1, \"2-0\", \"2-0\", [[\"c\", \"1\"]]] | XACK s x y -> 0 | XACK n g 1 -> 0
            XACK s g x -> ERR Invalid stream ID specified as stream command argument",
        );
        propagates("XADD s 1 a b | XGROUP CREATE s g 0 | XACK s g 1 -> nothing");
    }
}
