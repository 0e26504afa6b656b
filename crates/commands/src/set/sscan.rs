//! SSCAN: walk over the members of a set in steps.

use crate::grammar::scan::{self, ScanOptions};
use crate::prelude::*;
use encodings::listpack::TextBuffer;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: sscan,
    subcommands: &[],
    spec: Spec {
        name: "SSCAN",
        summary: "Returns some of the members of a set, and where to go on.",
        since: "2.8.0",
        complexity: "O(1) for each call, O(N) for a walk over all N members.",
        group: Group::Set,
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

fn sscan(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let key = args.next()?;
    let cursor = scan::cursor(args.next()?)?;
    let Some(set) = ctx.keys.set(key)? else {
        scan::open_reply(&mut ctx.reply, 0, 0);
        return Ok(());
    };
    // Redis asks for the key first: options of a missing one are not looked at.
    let options = ScanOptions::parse(&mut args, false)?;
    let (mut members, mut text) = (Vec::new(), TextBuffer::new());
    let next = set.scan(cursor, options.count, &mut |member| {
        let member = member.text(&mut text);
        if options.wants(member) {
            members.push(member.to_vec());
        }
    });
    scan::open_reply(&mut ctx.reply, next, members.len());
    members.iter().for_each(|member| ctx.reply.bulk(member));
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{Bench, check};
    use std::collections::BTreeSet;

    #[test]
    fn small_sets_come_at_once() {
        check(
            r#"SADD s apple banana 7 | SSCAN s 0 COUNT 1 -> ["0", ["apple", "banana", "7"]] | SSCAN s 5 MATCH a* -> ["0", ["apple"]]
            SSCAN x 0 -> ["0", []] | SSCAN x 0 FOO -> ["0", []] | SSCAN s 0 FOO 1 -> ERR syntax error
            SSCAN s 0 TYPE set -> ERR syntax error | SSCAN s 0 COUNT 0 -> ERR syntax error | SSCAN s x -> ERR invalid cursor
            SET k v | SSCAN k 0 -> WRONGTYPE Operation against a key holding the wrong kind of value"#,
        );
    }

    #[test]
    fn every_member_comes_at_least_once() {
        let mut bench = Bench::new();
        for number in 0..2_000 {
            bench.run(&format!("SADD s member:{number}"));
        }
        let (mut seen, mut cursor, mut calls) = (BTreeSet::new(), "0".to_string(), 0);
        loop {
            let reply = bench.run(&format!("SSCAN s {cursor} COUNT 50"));
            let mut texts = reply.split('"').skip(1).step_by(2).map(str::to_string);
            cursor = texts.next().expect("a cursor");
            seen.extend(texts);
            calls += 1;
            if cursor == "0" {
                break;
            }
        }
        assert_eq!(seen.len(), 2_000);
        assert!((10..=60).contains(&calls), "{calls} calls");
    }
}
