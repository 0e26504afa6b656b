//! LMPOP: take elements out of the first of several lists that has some.

use super::lpop::{pop_replying, verb};
use crate::grammar::list_end;
use crate::grammar::pop_many::PopMany;
use crate::prelude::*;
use datatypes::list::End;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: lmpop,
    subcommands: &[],
    spec: Spec {
        name: "LMPOP",
        summary: "Takes elements out of the first of several lists that is there, and returns its key and them.",
        since: "7.0.0",
        complexity: "O(N+M) with N the number of keys and M the number of elements returned.",
        group: Group::List,
        arity: Arity::AtLeast(4),
        flags: WRITE.and(MOVABLEKEYS),
        keys: &[KeySpec::counted(1, 1).rw().access().delete()],
        args: &[
            Arg::integer("numkeys"),
            Arg::key("key").multiple(),
            Arg::one_of("where", list_end::WORDS),
            Arg::integer("count").after("COUNT").optional(),
        ],
        ..Spec::NEW
    },
}];

fn lmpop(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let wanted = PopMany::parse(&mut args, list_end::parse)?;
    if !pop_many_replying(ctx, &wanted)? {
        ctx.reply.null_array();
    }
    Ok(())
}

/// Takes elements out of the first list that is there, and replies its key and them; false if none is.
pub(super) fn pop_many_replying(ctx: &mut Context<'_>, wanted: &PopMany<'_, End>) -> Result<bool, Stop> {
    for key in &wanted.keys {
        let popped = pop_replying(ctx, key, wanted.from, wanted.count, |reply, count| {
            reply.array(2);
            reply.bulk(key);
            reply.array(count);
        })?;
        if let Some(count) = popped {
            ctx.propagate_as(&[verb(wanted.from), key, count.to_string().as_bytes()]);
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, check_resp3, notifies, propagates};

    #[test]
    fn from_the_first_that_is_there() {
        check(
            r#"RPUSH b 1 2 3 | LMPOP 2 a b LEFT -> ["b", ["1"]] | LMPOP 2 a b RIGHT COUNT 10 -> ["b", ["3", "2"]]
            LMPOP 1 b LEFT -> nil[] | SET s x | RPUSH b 1
            LMPOP 2 s b LEFT -> WRONGTYPE Operation against a key holding the wrong kind of value"#,
        );
        check_resp3("LMPOP 1 b LEFT -> nil");
    }

    #[test]
    fn refuses_bad_requests() {
        check(
            "LMPOP 0 a LEFT -> ERR numkeys should be greater than 0 | LMPOP x a LEFT -> ERR numkeys should be greater than 0
            LMPOP 9223372036854775807 a LEFT -> ERR syntax error | LMPOP 2 a LEFT -> ERR syntax error
            LMPOP 1 a UP -> ERR syntax error | LMPOP 1 a LEFT COUNT -> ERR syntax error
            LMPOP 1 a LEFT COUNT 0 -> ERR count should be greater than 0
            LMPOP 1 a LEFT COUNT x -> ERR count should be greater than 0
            LMPOP 1 a LEFT COUNT 1 COUNT 2 -> ERR syntax error | LMPOP 1 a LEFT FOO 1 -> ERR syntax error",
        );
    }

    #[test]
    fn is_passed_on_as_a_pop() {
        propagates(
            "RPUSH l a b c | LMPOP 2 x l LEFT COUNT 2 -> LPOP l 2 | LMPOP 1 l RIGHT COUNT 9 -> RPOP l 1",
        );
        propagates("LMPOP 1 l LEFT -> nothing");
        notifies("RPUSH l a b | LMPOP 1 l LEFT COUNT 5 -> lpop l, del l");
    }
}
