//! LCS: the longest common subsequence of two strings.

use crate::prelude::*;
use datatypes::lcs::{CommonRange, CommonSubsequence, longest_common_subsequence};

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: lcs,
    subcommands: &[],
    spec: Spec {
        name: "LCS",
        summary: "Finds the longest subsequence that two strings have in common.",
        since: "7.0.0",
        complexity: "O(N*M) with N and M the lengths of the two strings",
        group: Group::String,
        arity: Arity::AtLeast(3),
        flags: READONLY,
        keys: &[KeySpec::range(1, 1, 1).ro().access()],
        args: &[
            Arg::key("key1"),
            Arg::key("key2"),
            Arg::token("len", "LEN").optional(),
            Arg::token("idx", "IDX").optional(),
            Arg::integer("min-match-len").after("MINMATCHLEN").optional(),
            Arg::token("withmatchlen", "WITHMATCHLEN").optional(),
        ],
        ..Spec::NEW
    },
}];

/// What is wanted of the subsequence.
#[derive(Default)]
struct Options {
    length: bool,
    indexes: bool,
    min_match_len: u64,
    with_match_len: bool,
}

impl Options {
    fn parse(mut args: Args<'_>) -> Result<Options, Stop> {
        let mut options = Options::default();
        while !args.is_empty() {
            if args.keyword("IDX") {
                options.indexes = true;
            } else if args.keyword("LEN") {
                options.length = true;
            } else if args.keyword("WITHMATCHLEN") {
                options.with_match_len = true;
            } else if args.keyword("MINMATCHLEN") {
                options.min_match_len = args.integer()?.max(0).unsigned_abs();
            } else {
                return Err(Stop::SYNTAX);
            }
        }
        if options.indexes && options.length {
            return Err(Stop::error("ERR If you want both the length and indexes, please just use IDX."));
        }
        Ok(options)
    }
}

fn lcs(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let (first, second) = (args.next()?, args.next()?);
    // Both keys are looked at first: their types are complained about before the options.
    let wrong = || Stop::error("ERR The specified keys must contain string values");
    let a = ctx.keys.string(first).map(|value| value.unwrap_or_default().to_vec());
    let b = ctx.keys.string(second);
    let (Ok(a), Ok(b)) = (a, b) else { return Err(wrong()) };
    let options = Options::parse(args)?;
    let memory_max_bytes = ctx.engine.config.clients.proto_max_bulk_len;
    let found = longest_common_subsequence(&a, b.unwrap_or_default(), memory_max_bytes)
        .map_err(|error| Stop::from(format!("ERR {error}")))?;
    if options.indexes {
        reply_indexes(ctx, &found, &options);
    } else if options.length {
        ctx.reply.integer(found.bytes.len() as i64);
    } else {
        ctx.reply.bulk(&found.bytes);
    }
    Ok(())
}

fn reply_indexes(ctx: &mut Context<'_>, found: &CommonSubsequence, options: &Options) {
    let long_enough = |range: &&CommonRange| range.length as u64 >= options.min_match_len;
    let reply = &mut ctx.reply;
    reply.map(2);
    reply.bulk(b"matches");
    reply.array(found.matches.iter().filter(long_enough).count());
    for range in found.matches.iter().filter(long_enough) {
        reply.array(2 + usize::from(options.with_match_len));
        for start in [range.a_start, range.b_start] {
            reply.array(2);
            reply.integer(start as i64);
            reply.integer((start + range.length - 1) as i64);
        }
        if options.with_match_len {
            reply.integer(range.length as i64);
        }
    }
    reply.bulk(b"len");
    reply.integer(found.bytes.len() as i64);
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, check_resp3};

    #[test]
    fn finds_what_is_common() {
        check(
            r#"MSET a ohmytext b mynewtext | LCS a b -> "mytext" | LCS a b LEN -> 6
            LCS a b IDX -> ["matches", [[[4, 7], [5, 8]], [[2, 3], [0, 1]]], "len", 6]
            LCS a b IDX MINMATCHLEN 4 -> ["matches", [[[4, 7], [5, 8]]], "len", 6]
            LCS a b IDX MINMATCHLEN 4 WITHMATCHLEN -> ["matches", [[[4, 7], [5, 8], 4]], "len", 6]
            LCS a b IDX MINMATCHLEN -5 WITHMATCHLEN -> ["matches", [[[4, 7], [5, 8], 4], [[2, 3], [0, 1], 2]], "len", 6]
            LCS a b MINMATCHLEN 4 WITHMATCHLEN -> "mytext" | LCS a b IDX MINMATCHLEN 40 -> ["matches", [], "len", 6]"#,
        );
        check_resp3(r#"MSET a ab b b | LCS a b IDX -> {"matches": [[[1, 1], [0, 0]]], "len": 1}"#);
    }

    #[test]
    fn missing_keys_are_empty() {
        check(
            r#"LCS a b -> "" | LCS a b LEN -> 0 | LCS a b IDX -> ["matches", [], "len", 0] | SET a x | LCS a b -> """#,
        );
    }

    #[test]
    fn refuses_bad_options() {
        check(
            "LCS a b LEN IDX -> ERR If you want both the length and indexes, please just use IDX.
            LCS a b MINMATCHLEN -> ERR syntax error | LCS a b FOO -> ERR syntax error
            LCS a b MINMATCHLEN x -> ERR value is not an integer or out of range",
        );
    }
}
