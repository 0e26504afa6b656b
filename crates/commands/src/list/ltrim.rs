//! LTRIM: keep a part of a list.

use crate::grammar::range;
use crate::prelude::*;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: ltrim,
    subcommands: &[],
    spec: Spec {
        name: "LTRIM",
        summary: "Keeps the elements of a list between two positions, both included, and takes out all others.",
        complexity: "O(log N + M) with N the number of elements and M the number of those removed.",
        group: Group::List,
        arity: Arity::Exactly(4),
        flags: WRITE,
        keys: &[KeySpec::at(1).rw().delete()],
        args: &[Arg::key("key"), Arg::integer("start"), Arg::integer("stop")],
        ..Spec::NEW
    },
}];

fn ltrim(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let (key, start, stop) = (args.next()?, args.integer()?, args.integer()?);
    let limits = ctx.keys.limits().list;
    if let Some(mut list) = ctx.keys.list_mut(key)? {
        let len = list.len();
        let part = range::elements(start, stop, len);
        list.expect_removal(len - part.len());
        list.keep_range(part.start, part.len(), limits);
        // The event comes even if nothing was taken out.
        list.notify(Event::LTRIM);
        list.add_dirty((len - part.len()) as u64);
    }
    ctx.reply.ok();
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{changes, check, notifies, propagates};

    #[test]
    fn keeps_what_is_between() {
        check(
            r#"RPUSH l a b c d | LTRIM l 1 2 -> OK | LRANGE l 0 -1 -> ["b", "c"] | LTRIM l -1 100 -> OK
            LRANGE l 0 -1 -> ["c"] | LTRIM l 5 1 -> OK | EXISTS l -> 0 | LTRIM l 0 1 -> OK
            LTRIM l x 1 -> ERR value is not an integer or out of range"#,
        );
    }

    #[test]
    fn is_told_and_passed_on() {
        propagates("RPUSH l a b c | LTRIM l 0 1 -> LTRIM l 0 1 | LTRIM l 0 -1 -> nothing");
        notifies(
            "RPUSH l a b | LTRIM l 0 -1 -> ltrim l | LTRIM l 2 1 -> ltrim l, del l | LTRIM l 0 1 -> nothing",
        );
        changes("RPUSH l a b c -> 3 | LTRIM l 1 1 -> 2 | LTRIM l 0 -1 -> 0");
    }
}
