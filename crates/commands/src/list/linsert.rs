//! LINSERT: put an element beside another.

use crate::prelude::*;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: linsert,
    subcommands: &[],
    spec: Spec {
        name: "LINSERT",
        summary: "Puts an element before or behind the first one of a list that equals another.",
        since: "2.2.0",
        complexity: "O(N) with N the number of elements in front of the one that is looked for.",
        group: Group::List,
        arity: Arity::Exactly(5),
        flags: WRITE.and(DENYOOM),
        keys: &[KeySpec::at(1).rw().insert()],
        args: &[
            Arg::key("key"),
            Arg::one_of("where", &[Arg::token("before", "BEFORE"), Arg::token("after", "AFTER")]),
            Arg::string("pivot"),
            Arg::string("element"),
        ],
        ..Spec::NEW
    },
}];

fn linsert(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let key = args.next()?;
    let is_behind = args.keyword("AFTER");
    if !is_behind && !args.keyword("BEFORE") {
        return Err(Stop::SYNTAX);
    }
    let (pivot, element) = (args.next()?, args.next()?);
    let limits = ctx.keys.limits().list;
    let Some(mut list) = ctx.keys.list_mut(key)? else {
        ctx.reply.integer(0);
        return Ok(());
    };
    let Some(position) = list.find(pivot) else {
        drop(list);
        ctx.reply.integer(-1);
        return Ok(());
    };
    list.insert(position, is_behind, element, limits);
    let len = list.len();
    list.modified(Event::LINSERT);
    drop(list);
    ctx.reply.integer(len as i64);
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{changes, check, notifies, propagates};

    #[test]
    fn beside_the_first_that_equals() {
        check(
            r#"RPUSH l a b a | LINSERT l BEFORE a x -> 4 | LINSERT l after b 7 -> 5 | LRANGE l 0 -1 -> ["x", "a", "b", "7", "a"]
            LINSERT l BEFORE none x -> -1 | LINSERT none BEFORE a x -> 0 | LINSERT l BESIDE a x -> ERR syntax error
            LINSERT l AFTER 7 8 -> 6 | LINDEX l 4 -> "8""#,
        );
    }

    #[test]
    fn is_told_and_passed_on() {
        propagates(
            "RPUSH l a | LINSERT l BEFORE a b -> LINSERT l BEFORE a b | LINSERT l BEFORE x b -> nothing",
        );
        notifies("RPUSH l a | LINSERT l BEFORE a b -> linsert l | LINSERT l BEFORE x b -> nothing");
        changes("RPUSH l a -> 1 | LINSERT l BEFORE a b -> 1");
    }
}
