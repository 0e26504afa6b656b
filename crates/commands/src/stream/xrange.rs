//! XRANGE and XREVRANGE: the entries between two identifiers.

use super::{id, reply};
use crate::prelude::*;

pub(crate) const COMMANDS: &[Command] = &[
    Command {
        run: xrange,
        subcommands: &[],
        spec: Spec {
            name: "XRANGE",
            summary: "Returns the entries between two identifiers.",
            args: &[Arg::key("key"), Arg::string("start"), Arg::string("end"), COUNT],
            ..RANGE
        },
    },
    Command {
        run: xrevrange,
        subcommands: &[],
        spec: Spec {
            name: "XREVRANGE",
            summary: "Returns the entries between two identifiers, the highest first.",
            args: &[Arg::key("key"), Arg::string("end"), Arg::string("start"), COUNT],
            ..RANGE
        },
    },
];

const COUNT: Arg = Arg::integer("count").after("COUNT").optional();

const RANGE: Spec = Spec {
    since: "5.0.0",
    complexity: "O(N) with N the number of entries returned.",
    group: Group::Stream,
    arity: Arity::AtLeast(4),
    flags: READONLY,
    keys: &[KeySpec::at(1).ro().access()],
    history: &[("6.2.0", "Identifiers that are excluded.")],
    ..Spec::NEW
};

fn xrange(ctx: &mut Context<'_>, args: Args<'_>) -> Result<(), Stop> {
    run(ctx, args, false)
}

fn xrevrange(ctx: &mut Context<'_>, args: Args<'_>) -> Result<(), Stop> {
    run(ctx, args, true)
}

fn run(ctx: &mut Context<'_>, mut args: Args<'_>, is_reverse: bool) -> Result<(), Stop> {
    let key = args.next()?;
    let (one, other) = (args.next()?, args.next()?);
    let (start, end) = if is_reverse { (other, one) } else { (one, other) };
    let (start, end) = (id::parse_start(start)?, id::parse_end(end)?);
    let mut count = usize::MAX;
    while !args.is_empty() {
        if !args.keyword("COUNT") {
            return Err(Stop::SYNTAX);
        }
        // Redis takes -1 for "no limit" only where it stands for nothing given; any negative count is 0.
        count = usize::try_from(args.integer()?).unwrap_or(0);
    }
    let Some(stream) = ctx.keys.stream(key)? else {
        ctx.reply.array(0);
        return Ok(());
    };
    if count == 0 {
        ctx.reply.null_array();
    } else if is_reverse {
        reply::write_entries(&mut ctx.reply, stream.log().range_back(start, end), count);
    } else {
        reply::write_entries(&mut ctx.reply, stream.log().range(start, end), count);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn both_directions() {
        check(
            r#"XADD s 1 a b | XADD s 2 a 5 c d | XADD s 2-3 e f
            XRANGE s - + -> [["1-0", ["a", "b"]], ["2-0", ["a", "5", "c", "d"]], ["2-3", ["e", "f"]]]
            XRANGE s 2 2 COUNT 1 -> [["2-0", ["a", "5", "c", "d"]]] | XRANGE s (2-0 + -> [["2-3", ["e", "f"]]]
            XREVRANGE s (2 - -> [["2-3", ["e", "f"]], ["2-0", ["a", "5", "c", "d"]], ["1-0", ["a", "b"]]]
            XREVRANGE s + - COUNT 1 -> [["2-3", ["e", "f"]]] | XRANGE s + - -> [] | XRANGE s - + COUNT 0 -> nil[]
            XRANGE none - + -> [] | XRANGE s - + COUNT -> ERR syntax error | XRANGE s - + LIMIT 1 -> ERR syntax error
            XRANGE s (18446744073709551615-18446744073709551615 + -> ERR invalid start ID for the interval
            XRANGE s - (0-0 -> ERR invalid end ID for the interval"#,
        );
    }
}
