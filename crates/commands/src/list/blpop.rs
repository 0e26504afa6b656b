//! BLPOP and BRPOP: take an element out of the first of several lists that has one, or wait for it.

use super::lpop::{pop_replying, verb};
use crate::grammar::timeout;
use crate::prelude::*;
use datatypes::list::End;
use engine::blocking::Wanted;
use keyspace::Type;

pub(crate) const COMMANDS: &[Command] = &[
    Command {
        run: blpop,
        subcommands: &[],
        spec: Spec {
            name: "BLPOP",
            summary: "Takes the first element out of the first of several lists that is there, or waits until one is.",
            ..POP
        },
    },
    Command {
        run: brpop,
        subcommands: &[],
        spec: Spec {
            name: "BRPOP",
            summary: "Takes the last element out of the first of several lists that is there, or waits until one is.",
            ..POP
        },
    },
];

const POP: Spec = Spec {
    since: "2.0.0",
    complexity: "O(N) with N the number of keys.",
    group: Group::List,
    arity: Arity::AtLeast(3),
    flags: WRITE.and(BLOCKING),
    keys: &[KeySpec::range(1, -2, 1).rw().access().delete()],
    args: &[Arg::key("key").multiple(), Arg::double("timeout")],
    history: timeout::DOUBLE_SINCE_6,
    ..Spec::NEW
};

fn blpop(ctx: &mut Context<'_>, args: Args<'_>) -> Result<(), Stop> {
    run(ctx, args, End::Front)
}

fn brpop(ctx: &mut Context<'_>, args: Args<'_>) -> Result<(), Stop> {
    run(ctx, args, End::Back)
}

fn run(ctx: &mut Context<'_>, args: Args<'_>, end: End) -> Result<(), Stop> {
    let keys = args.rest().take(args.len() - 1);
    let seconds = args.rest().next_back().ok_or(Stop::SYNTAX)?;
    let deadline_ms = timeout::deadline_of_seconds(seconds, ctx.engine.clock)?;
    for key in keys.clone() {
        let popped = pop_replying(ctx, key, end, 1, |reply, _| {
            reply.array(2);
            reply.bulk(key);
        })?;
        if popped.is_some() {
            ctx.propagate_as(&[verb(end), key]);
            return Ok(());
        }
    }
    if ctx.may_wait() {
        return Err(ctx.wait_for_keys(keys, Wanted::kind(Type::List), deadline_ms));
    }
    ctx.reply.null_array();
    Ok(())
}

#[cfg(test)]
mod tests;
