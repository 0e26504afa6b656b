//! ZSCAN: walk a sorted set in small steps.

use crate::grammar::scan::{self, ScanOptions};
use crate::prelude::*;
use stdx::number;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: zscan,
    subcommands: &[],
    spec: Spec {
        name: "ZSCAN",
        summary: "Walks the members of a sorted set with their scores, some at a time.",
        since: "2.8.0",
        complexity: "O(1) for every call, O(N) for a whole walk.",
        group: Group::SortedSet,
        arity: Arity::AtLeast(3),
        flags: READONLY,
        keys: &[KeySpec::at(1).ro().access()],
        args: &[
            Arg::key("key"),
            Arg::integer("cursor"),
            Arg::pattern("pattern").after("MATCH").optional(),
            Arg::integer("count").after("COUNT").optional(),
        ],
        tips: &["nondeterministic_output"],
        ..Spec::NEW
    },
}];

fn zscan(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let key = args.next()?;
    let from = scan::cursor(args.next()?)?;
    let Some(set) = ctx.keys.sorted_set(key)? else {
        scan::open_reply(&mut ctx.reply, 0, 0);
        return Ok(());
    };
    let options = ScanOptions::parse(&mut args, false)?;
    let mut found: Vec<(Vec<u8>, f64)> = Vec::new();
    let next = set.scan(from, options.count, &mut |member, score| {
        if options.wants(member) {
            found.push((member.to_vec(), score));
        }
    });
    scan::open_reply(&mut ctx.reply, next, found.len() * 2);
    let mut text = Vec::new();
    for (member, score) in found {
        ctx.reply.bulk(&member);
        text.clear();
        number::append_f64(&mut text, score);
        ctx.reply.bulk(&text);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn a_small_set_is_seen_at_once() {
        check(
            r#"ZADD z 1.5 a 2 bb | ZSCAN z 0 -> ["0", ["a", "1.5", "bb", "2"]] | ZSCAN z 0 MATCH b* COUNT 1 -> ["0", ["bb", "2"]]
            ZSCAN none 0 -> ["0", []] | ZSCAN z x -> ERR invalid cursor | ZSCAN z 0 COUNT 0 -> ERR syntax error
            ZSCAN z 0 TYPE zset -> ERR syntax error"#,
        );
    }
}
