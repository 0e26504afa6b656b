//! MSETEX: set several strings with one condition and one expiry.

use crate::grammar::expiry::{self, ExpiryOption};
use crate::prelude::*;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: msetex,
    subcommands: &[],
    spec: Spec {
        name: "MSETEX",
        summary: "Sets the strings of several keys in one step, with an expiry for all of them if wanted.",
        since: "9.1.0",
        complexity: "O(N) with N the number of keys.",
        group: Group::String,
        arity: Arity::AtLeast(4),
        flags: WRITE.and(DENYOOM).and(MOVABLEKEYS),
        keys: &[KeySpec::counted(1, 2).ow().update()],
        args: &[
            Arg::integer("numkeys"),
            Arg::block("data", &[Arg::key("key"), Arg::string("value")]).multiple(),
            Arg::one_of("condition", &[Arg::token("nx", "NX"), Arg::token("xx", "XX")]).optional(),
            Arg::one_of(
                "expiration",
                &[
                    Arg::integer("seconds").after("EX"),
                    Arg::integer("milliseconds").after("PX"),
                    Arg::unix_time("unix-time-seconds").after("EXAT"),
                    Arg::unix_time("unix-time-milliseconds").after("PXAT"),
                    Arg::token("keepttl", "KEEPTTL"),
                ],
            )
            .optional(),
        ],
        tips: &["request_policy:multi_shard", "response_policy:all_succeeded"],
        ..Spec::NEW
    },
}];

/// What follows the pairs.
#[derive(Default)]
struct Options<'a> {
    /// Whether all keys must exist (XX) or none (NX).
    must_exist: Option<bool>,
    expiry: ExpiryOption<'a>,
}

impl<'a> Options<'a> {
    fn parse(args: &mut Args<'a>) -> Result<Options<'a>, Stop> {
        let mut options = Options::default();
        while !args.is_empty() {
            let expiry = &mut options.expiry;
            if expiry.take_time(args)? || expiry.take_word(args, "KEEPTTL", ExpiryOption::Keep)? {
                continue;
            }
            let must_exist = if args.keyword("XX") {
                true
            } else if args.keyword("NX") {
                false
            } else {
                return Err(Stop::SYNTAX);
            };
            if options.must_exist.replace(must_exist).is_some_and(|earlier| earlier != must_exist) {
                return Err(Stop::SYNTAX);
            }
        }
        Ok(options)
    }
}

fn msetex(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let out_of_range = "ERR invalid numkeys value or out of range";
    let count = args.integer_or(out_of_range)?;
    if !(1..=i64::from(i32::MAX)).contains(&count) {
        return Err(Stop::error(out_of_range));
    }
    let count = count as usize;
    if args.len() / 2 < count {
        return Err(Stop::SYNTAX);
    }
    let mut behind = Args::new(args.request(), 2 + count * 2);
    let options = Options::parse(&mut behind)?;
    let new_expiry = match options.expiry {
        ExpiryOption::Given(unit, number) => {
            NewExpiry::At(expiry::time_to_live("msetex", unit, number, ctx.now_ms())?)
        }
        ExpiryOption::Keep => NewExpiry::Keep,
        ExpiryOption::Absent | ExpiryOption::Persist => NewExpiry::Clear,
    };
    let pairs = || args.rest().take(count * 2);
    let holds = options.must_exist.is_none_or(|must_exist| {
        pairs().step_by(2).all(|key| ctx.keys.look_up(key, Lookup::Write).is_some() == must_exist)
    });
    if holds {
        let (keys, values) = (pairs().step_by(2), pairs().skip(1).step_by(2));
        for (key, value) in keys.zip(values) {
            set_one(ctx, key, value, new_expiry);
        }
        pass_on(ctx, new_expiry, pairs());
    }
    ctx.reply.integer(i64::from(holds));
    Ok(())
}

fn set_one(ctx: &mut Context<'_>, key: &[u8], value: &[u8], new_expiry: NewExpiry) {
    ctx.keys.set_string(key, value, new_expiry);
    ctx.keys.modified(key, Event::SET);
    if matches!(new_expiry, NewExpiry::At(_)) {
        ctx.keys.notify(key, Event::EXPIRE);
    }
}

/// Passes on what was set, in requests that every server knows.
fn pass_on<'a>(ctx: &mut Context<'_>, new_expiry: NewExpiry, mut pairs: impl Iterator<Item = &'a [u8]>) {
    if matches!(new_expiry, NewExpiry::Clear) {
        let words: Vec<&[u8]> = [&b"MSET"[..]].into_iter().chain(pairs).collect();
        return ctx.propagate_as(&words);
    }
    while let (Some(key), Some(value)) = (pairs.next(), pairs.next()) {
        match new_expiry {
            NewExpiry::At(at_ms) => expiry::pass_on_set(ctx, key, value, at_ms),
            _ => ctx.propagate_as(&[b"SET", key, value, b"KEEPTTL"]),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{changes, check, notifies, propagates};

    #[test]
    fn sets_all_with_one_expiry() {
        check(
            "MSETEX 2 a 1 b 2 EX 10 -> 1 | MGET a b -> [\"1\", \"2\"] | TTL a -> 10 | TTL b -> 10
            MSETEX 1 a 3 KEEPTTL -> 1 | TTL a -> 10 | MSETEX 1 a 3 -> 1 | TTL a -> -1
            MSETEX 2 a 4 a 5 px 7000 nx -> 0 | MSETEX 2 a 4 a 5 px 7000 xx -> 1 | GET a -> \"5\" | TTL a -> 7",
        );
    }

    #[test]
    fn all_or_none_under_a_condition() {
        check("SET a 1 | MSETEX 2 b 1 a 2 NX -> 0 | MSETEX 2 a 2 b 2 XX -> 0 | MSETEX 2 b 1 c 2 NX NX -> 1");
    }

    #[test]
    fn refuses_bad_requests() {
        check(
            "MSETEX 0 a 1 -> ERR invalid numkeys value or out of range
            MSETEX x a 1 -> ERR invalid numkeys value or out of range
            MSETEX 2147483648 a 1 -> ERR invalid numkeys value or out of range
            MSETEX 3 a 1 b 2 -> ERR syntax error | MSETEX 2 a 1 b -> ERR syntax error
            MSETEX 1 a 1 NX XX -> ERR syntax error | MSETEX 1 a 1 EX 10 KEEPTTL -> ERR syntax error
            MSETEX 1 a 1 EX -> ERR syntax error | MSETEX 1 a 1 GET -> ERR syntax error
            MSETEX 1 a 1 EX 0 -> ERR invalid expire time in 'msetex' command
            MSETEX 1 a 1 EX x -> ERR value is not an integer or out of range | EXISTS a -> 0",
        );
    }

    #[test]
    fn is_passed_on_in_words_that_all_know() {
        propagates(
            "MSETEX 2 a 1 b 2 NX -> MSET a 1 b 2 | MSETEX 1 EX 10 EX 10 -> SET EX 10 PXAT {ms+10000}
            MSETEX 2 a 3 b 4 ex 10 xx -> MULTI; SET a 3 PXAT {ms+10000}; SET b 4 PXAT {ms+10000}; EXEC | MSETEX 1 a 1 NX -> nothing
            MSETEX 1 a 1 KEEPTTL -> SET a 1 KEEPTTL",
        );
        notifies("MSETEX 2 a 1 b 2 EX 10 -> new a, set a, expire a, new b, set b, expire b");
        changes("MSETEX 2 a 1 b 2 EX 10 -> 2");
    }
}
