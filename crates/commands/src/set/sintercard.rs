//! SINTERCARD: how many members all of some sets have.

use super::sets;
use crate::prelude::*;
use datatypes::set::{Set, intersect};

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: sintercard,
    subcommands: &[],
    spec: Spec {
        name: "SINTERCARD",
        summary: "Returns how many members all of some sets have.",
        since: "7.0.0",
        complexity: "O(N*M) at worst, with N the size of the smallest set and M the number of sets.",
        group: Group::Set,
        arity: Arity::AtLeast(3),
        flags: READONLY.and(MOVABLEKEYS),
        keys: &[KeySpec::counted(1, 1).ro().access()],
        args: &[
            Arg::integer("numkeys"),
            Arg::key("key").multiple(),
            Arg::integer("limit").after("LIMIT").optional(),
        ],
        ..Spec::NEW
    },
}];

fn sintercard(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let bad_count = "ERR numkeys should be greater than 0";
    let count = args.integer_or(bad_count)?;
    let count = usize::try_from(count).ok().filter(|count| *count > 0).ok_or(Stop::error(bad_count))?;
    if count > args.len() {
        return Err(Stop::error("ERR Number of keys can't be greater than number of args"));
    }
    let mut behind = Args::new(args.request(), 2 + count);
    let limit = parse_limit(&mut behind)?;
    let sets: Option<Vec<Set>> = sets(ctx, args.rest().take(count))?.into_iter().collect();
    let mut found = 0_u64;
    intersect(sets.as_deref().unwrap_or_default(), &mut |_| {
        found += 1;
        found != limit
    });
    ctx.reply.integer(found as i64);
    Ok(())
}

/// Where to stop counting; 0 for nowhere.
fn parse_limit(args: &mut Args<'_>) -> Result<u64, Stop> {
    let mut limit = 0;
    while !args.is_empty() {
        if args.len() < 2 || !args.keyword("LIMIT") {
            return Err(Stop::SYNTAX);
        }
        let negative = "ERR LIMIT can't be negative";
        limit = u64::try_from(args.integer_or(negative)?).map_err(|_| Stop::error(negative))?;
    }
    Ok(limit)
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn counts_up_to_a_limit() {
        check(
            "SADD a 1 2 3 4 | SADD b 2 3 4 5 | SINTERCARD 2 a b -> 3 | SINTERCARD 2 a b LIMIT 2 -> 2
            SINTERCARD 2 a b LIMIT 0 -> 3 | SINTERCARD 2 a x -> 0 | SINTERCARD 1 a -> 4 | SINTERCARD 2 a b LIMIT 9 -> 3",
        );
    }

    #[test]
    fn refuses_bad_requests() {
        check(
            "SINTERCARD 0 a -> ERR numkeys should be greater than 0 | SINTERCARD x a -> ERR numkeys should be greater than 0
            SINTERCARD 3 a b -> ERR Number of keys can't be greater than number of args
            SINTERCARD 1 a LIMIT -> ERR syntax error | SINTERCARD 1 a b -> ERR syntax error
            SINTERCARD 1 a LIMIT -1 -> ERR LIMIT can't be negative | SINTERCARD 1 a LIMIT x -> ERR LIMIT can't be negative
            SET k v | SINTERCARD 2 x k -> WRONGTYPE Operation against a key holding the wrong kind of value",
        );
    }
}
