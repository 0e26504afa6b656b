//! SCAN: walk over the keys in steps.

use crate::grammar::scan::{self, ScanOptions};
use crate::prelude::*;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: scan_keys,
    subcommands: &[],
    spec: Spec {
        name: "SCAN",
        summary: "Returns some of the keys, and where to go on.",
        since: "2.8.0",
        complexity: "O(1) for each call, O(N) for a walk over all N keys.",
        group: Group::Generic,
        arity: Arity::AtLeast(2),
        flags: READONLY,
        args: &[
            Arg::integer("cursor"),
            Arg::pattern("pattern").after("MATCH").optional(),
            Arg::integer("count").after("COUNT").optional(),
            Arg::string("type").after("TYPE").since("6.0.0").optional(),
        ],
        history: &[("6.0.0", "The option `TYPE`.")],
        tips: &["nondeterministic_output", "request_policy:special", "response_policy:special"],
        ..Spec::NEW
    },
}];

fn scan_keys(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let cursor = scan::cursor(args.next()?)?;
    let options = ScanOptions::parse(&mut args, true)?;
    let mut names = Vec::new();
    let next = ctx.keys.scan(cursor, options.count, &mut |entry| {
        let of_type =
            options.kind.is_none_or(|kind| kind.eq_ignore_ascii_case(entry.kind().name().as_bytes()));
        if of_type && options.wants(entry.key()) {
            names.push(entry.key().to_vec());
        }
    });
    scan::open_reply(&mut ctx.reply, next, names.len());
    for name in &names {
        ctx.reply.bulk(name);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{Bench, check};
    use std::collections::BTreeSet;

    #[test]
    fn filters() {
        check(
            r#"SCAN 0 -> ["0", []] | MSET apple 1 banana 2 | SCAN 0 MATCH a* COUNT 1000 -> ["0", ["apple"]]
            SCAN 0 TYPE STRING MATCH b* COUNT 1000 -> ["0", ["banana"]] | SCAN 0 TYPE list COUNT 1000 -> ["0", []]
            SCAN 0 TYPE nonsense COUNT 1000 -> ["0", []] | SCAN 0 MATCH x* MATCH apple COUNT 1000 -> ["0", ["apple"]]
            PEXPIRE apple 10 | @11 | SCAN 0 COUNT 1000 -> ["0", ["banana"]]"#,
        );
    }

    #[test]
    fn refuses_bad_requests() {
        check(
            "SCAN x -> ERR invalid cursor | SCAN x COUNT 0 -> ERR invalid cursor | SCAN 18446744073709551616 -> ERR invalid cursor
            SCAN 0 COUNT 0 -> ERR syntax error | SCAN 0 COUNT -1 -> ERR syntax error | SCAN 0 COUNT -> ERR syntax error
            SCAN 0 COUNT x -> ERR value is not an integer or out of range | SCAN 0 FOO -> ERR syntax error
            SCAN 0 FOO 1 -> ERR syntax error",
        );
    }

    #[test]
    fn every_key_comes_at_least_once() {
        let mut bench = Bench::new();
        for number in 0..2_000 {
            bench.run(&format!("SET key:{number} v"));
        }
        let mut seen = BTreeSet::new();
        let (mut cursor, mut calls) = ("0".to_string(), 0);
        loop {
            let reply = bench.run(&format!("SCAN {cursor} COUNT 50"));
            let mut texts = reply.split('"').skip(1).step_by(2).map(str::to_string);
            cursor = texts.next().expect("a cursor");
            seen.extend(texts);
            calls += 1;
            if cursor == "0" {
                break;
            }
        }
        assert_eq!(seen.len(), 2_000);
        assert!((10..=80).contains(&calls), "{calls} calls");
    }
}
