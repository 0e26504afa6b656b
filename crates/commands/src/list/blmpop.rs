//! BLMPOP: take elements out of the first of several lists that has some, or wait for them.

use super::lmpop::pop_many_replying;
use crate::grammar::pop_many::PopMany;
use crate::grammar::{list_end, timeout};
use crate::prelude::*;
use engine::blocking::Wanted;
use keyspace::Type;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: blmpop,
    subcommands: &[],
    spec: Spec {
        name: "BLMPOP",
        summary: "Takes elements out of the first of several lists that is there, or waits until one is.",
        since: "7.0.0",
        complexity: "O(N+M) with N the number of keys and M the number of elements returned.",
        group: Group::List,
        arity: Arity::AtLeast(5),
        flags: WRITE.and(BLOCKING).and(MOVABLEKEYS),
        keys: &[KeySpec::counted(2, 1).rw().access().delete()],
        args: &[
            Arg::double("timeout"),
            Arg::integer("numkeys"),
            Arg::key("key").multiple(),
            Arg::one_of("where", list_end::WORDS),
            Arg::integer("count").after("COUNT").optional(),
        ],
        ..Spec::NEW
    },
}];

fn blmpop(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let seconds = args.next()?;
    let wanted = PopMany::parse(&mut args, list_end::parse)?;
    let deadline_ms = timeout::deadline_of_seconds(seconds, ctx.engine.clock)?;
    if pop_many_replying(ctx, &wanted)? {
        return Ok(());
    }
    if ctx.may_wait() {
        let keys = wanted.keys.iter().copied();
        return Err(ctx.wait_for_keys(keys, Wanted::kind(Type::List), deadline_ms));
    }
    ctx.reply.null_array();
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, propagates};

    #[test]
    fn takes_what_is_there_or_waits() {
        check(
            r#"RPUSH b 1 2 3 | BLMPOP 0 2 a b LEFT COUNT 2 -> ["b", ["1", "2"]] | BLMPOP 0 1 b RIGHT -> ["b", ["3"]]
            #2 BLMPOP 0 2 a b LEFT COUNT 2 -> waits | RPUSH b x y z | #2 AWAITED -> ["b", ["x", "y"]]
            LRANGE b 0 -1 -> ["z"] | BLMPOP x 1 a LEFT -> ERR timeout is not a float or out of range
            BLMPOP x 0 a LEFT -> ERR numkeys should be greater than 0 | MULTI | BLMPOP 0 1 a LEFT | EXEC -> [nil[]]"#,
        );
        propagates("#2 BLMPOP 0 1 a LEFT COUNT 9 | RPUSH a x y -> RPUSH a x y; LPOP a 2");
    }
}
