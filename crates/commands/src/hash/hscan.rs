//! HSCAN: walk over the fields of a hash in steps.

use crate::grammar::element;
use crate::grammar::scan::{self, ScanOptions};
use crate::prelude::*;
use resp::reply::Reply;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: hscan,
    subcommands: &[],
    spec: Spec {
        name: "HSCAN",
        summary: "Returns some of the fields of a hash, and where to go on.",
        since: "2.8.0",
        complexity: "O(1) for each call, O(N) for a walk over all N fields.",
        group: Group::Hash,
        arity: Arity::AtLeast(3),
        flags: READONLY,
        keys: &[KeySpec::at(1).ro().access()],
        args: &[
            Arg::key("key"),
            Arg::integer("cursor"),
            Arg::pattern("pattern").after("MATCH").optional(),
            Arg::integer("count").after("COUNT").optional(),
            Arg::token("novalues", "NOVALUES").since("7.4.0").optional(),
        ],
        history: &[("7.4.0", "The option `NOVALUES`.")],
        tips: &["nondeterministic_output"],
        ..Spec::NEW
    },
}];

fn hscan(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let key = args.next()?;
    let cursor = scan::cursor(args.next()?)?;
    let Some(fields) = ctx.keys.hash(key)? else {
        // The options of a walk over nothing are not looked at, as in Redis.
        scan::open_reply(&mut ctx.reply, 0, 0);
        return Ok(());
    };
    let (options, no_values) = ScanOptions::parse_for_fields(&mut args)?;
    let mut elements = Vec::new();
    let mut reply = Reply::new(&mut elements, ctx.reply.version());
    let (mut name, mut count) = (Vec::new(), 0);
    let next = fields.scan(cursor, options.count, &mut |field| {
        name.clear();
        field.name.write_to(&mut name);
        if options.wants(&name) {
            element::bulk(&mut reply, field.name);
            if !no_values {
                element::bulk(&mut reply, field.value);
            }
            count += if no_values { 1 } else { 2 };
        }
    });
    scan::open_reply(&mut ctx.reply, next, count);
    ctx.reply.encoded(&elements);
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{Bench, check};
    use std::collections::BTreeSet;

    #[test]
    fn small_hashes_come_at_once() {
        check(
            r#"HSCAN h 0 -> ["0", []] | HSET h apple 1 banana 2 | HSCAN h 0 -> ["0", ["apple", "1", "banana", "2"]]
            HSCAN h 0 MATCH a* COUNT 1 -> ["0", ["apple", "1"]] | HSCAN h 0 NOVALUES -> ["0", ["apple", "banana"]]
            HSCAN h 0 NOVALUES MATCH b* -> ["0", ["banana"]] | HSCAN h 0 MATCH x -> ["0", []]
            HPEXPIRE h 10 FIELDS 1 apple | @11 | HSCAN h 0 -> ["0", ["banana", "2"]]"#,
        );
    }

    #[test]
    fn refuses_bad_requests() {
        check(
            "HSCAN h x -> ERR invalid cursor | HSCAN h 0 FOO BAR -> [\"0\", []] | HSET h a 1
            HSCAN h 0 COUNT 0 -> ERR syntax error | HSCAN h 0 COUNT x -> ERR value is not an integer or out of range
            HSCAN h 0 FOO -> ERR syntax error | HSCAN h 0 TYPE hash -> ERR syntax error | HSCAN h 0 COUNT -> ERR syntax error
            SET s x | HSCAN s 0 -> WRONGTYPE Operation against a key holding the wrong kind of value
            HSCAN s x -> ERR invalid cursor",
        );
    }

    #[test]
    fn every_field_of_a_large_hash_comes_at_least_once() {
        let mut bench = Bench::new();
        for number in 0..2_000 {
            bench.run(&format!("HSET h field:{number} v"));
        }
        let mut seen = BTreeSet::new();
        let (mut cursor, mut calls) = ("0".to_string(), 0);
        loop {
            let reply = bench.run(&format!("HSCAN h {cursor} COUNT 50 NOVALUES"));
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
