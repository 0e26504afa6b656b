//! ZADD and ZINCRBY: put members in, change their scores.

use crate::prelude::*;
use datatypes::sorted_set::Inserted;
use resp::request::OwnedRequest;

pub(crate) const COMMANDS: &[Command] = &[
    Command {
        run: zadd,
        subcommands: &[],
        spec: Spec {
            name: "ZADD",
            summary: "Adds members with their scores to a sorted set, or changes scores; a missing key is created.",
            since: "1.2.0",
            complexity: "O(log(N)) for each member, N being the size of the set.",
            group: Group::SortedSet,
            arity: Arity::AtLeast(4),
            flags: WRITE.and(DENYOOM).and(FAST),
            keys: &[KeySpec::at(1).rw().update()],
            args: &[
                Arg::key("key"),
                Arg::one_of("condition", &[Arg::token("nx", "NX"), Arg::token("xx", "XX")])
                    .optional()
                    .since("3.0.2"),
                Arg::one_of("comparison", &[Arg::token("gt", "GT"), Arg::token("lt", "LT")])
                    .optional()
                    .since("6.2.0"),
                Arg::token("change", "CH").optional().since("3.0.2"),
                Arg::token("increment", "INCR").optional().since("3.0.2"),
                Arg::block("data", &[Arg::double("score"), Arg::string("member")]).multiple(),
            ],
            history: &[("2.4.0", "Takes several members."), ("6.2.0", "The options `GT` and `LT`.")],
            ..Spec::NEW
        },
    },
    Command {
        run: zincrby,
        subcommands: &[],
        spec: Spec {
            name: "ZINCRBY",
            summary: "Adds to the score of a member, which is 0 if the member is missing.",
            since: "1.2.0",
            complexity: "O(log(N)), N being the size of the set.",
            group: Group::SortedSet,
            arity: Arity::Exactly(4),
            flags: WRITE.and(DENYOOM).and(FAST),
            keys: &[KeySpec::at(1).rw().access().update()],
            args: &[Arg::key("key"), Arg::integer("increment"), Arg::string("member")],
            ..Spec::NEW
        },
    },
];

/// The words before the scores.
#[derive(Clone, Copy, Debug, Default)]
struct Options {
    only_new: bool,
    only_old: bool,
    only_greater: bool,
    only_less: bool,
    counts_changed: bool,
    increments: bool,
}

impl Options {
    fn parse(args: &mut Args<'_>) -> Options {
        let mut options = Options::default();
        loop {
            let flag = if args.keyword("NX") {
                &mut options.only_new
            } else if args.keyword("XX") {
                &mut options.only_old
            } else if args.keyword("CH") {
                &mut options.counts_changed
            } else if args.keyword("INCR") {
                &mut options.increments
            } else if args.keyword("GT") {
                &mut options.only_greater
            } else if args.keyword("LT") {
                &mut options.only_less
            } else {
                return options;
            };
            *flag = true;
        }
    }

    fn check(self, words: usize) -> Result<(), Stop> {
        if words == 0 || !words.is_multiple_of(2) {
            return Err(Stop::SYNTAX);
        }
        if self.only_new && self.only_old {
            return Err(Stop::error("ERR XX and NX options at the same time are not compatible"));
        }
        if u8::from(self.only_new) + u8::from(self.only_greater) + u8::from(self.only_less) > 1 {
            return Err(Stop::error("ERR GT, LT, and/or NX options at the same time are not compatible"));
        }
        if self.increments && words > 2 {
            return Err(Stop::error("ERR INCR option supports a single increment-element pair"));
        }
        Ok(())
    }

    /// Whether what a member gets depends on what it has.
    fn looks_at_old(self) -> bool {
        self.only_new || self.only_old || self.only_greater || self.only_less || self.increments
    }

    /// The score that a member gets; none if the options forbid a change.
    fn wanted(self, old: Option<f64>, given: f64) -> Result<Option<f64>, Stop> {
        let Some(old) = old else { return Ok((!self.only_old).then_some(given)) };
        if self.only_new {
            return Ok(None);
        }
        let new = if self.increments { old + given } else { given };
        if new.is_nan() {
            return Err(Stop::error("ERR resulting score is not a number (NaN)"));
        }
        let forbidden = self.only_greater && new <= old || self.only_less && new >= old;
        Ok((!forbidden).then_some(new))
    }
}

/// What all members together came to.
#[derive(Default)]
struct Outcome {
    new: i64,
    moved: i64,
    /// The last member's score, unless the options forbade it.
    score: Option<f64>,
}

fn zadd(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let key = args.next()?;
    let options = Options::parse(&mut args);
    options.check(args.len())?;
    let outcome = if args.len() == 2 {
        put(ctx, key, options, &[(args.float()?, args.next()?)])?
    } else {
        let mut elements = Vec::with_capacity(args.len() / 2);
        while !args.is_empty() {
            elements.push((args.float()?, args.next()?));
        }
        put(ctx, key, options, &elements)?
    };
    if !options.increments {
        ctx.reply.integer(outcome.new + if options.counts_changed { outcome.moved } else { 0 });
        return Ok(());
    }
    match outcome.score {
        Some(score) => ctx.reply.double(score),
        None => ctx.reply.null(),
    }
    Ok(())
}

/// Runs a ZADD that another command amounts to, and passes it on if it changed something.
pub(crate) fn add(ctx: &mut Context<'_>, words: &[Vec<u8>]) -> Result<(), Stop> {
    let request = OwnedRequest::new(words.iter().map(Vec::as_slice));
    let dirty = ctx.keys.keyspace().changes().dirty;
    zadd(ctx, Args::new(request.as_request(), 1))?;
    if ctx.keys.keyspace().changes().dirty != dirty {
        let words: Vec<&[u8]> = words.iter().map(Vec::as_slice).collect();
        ctx.propagate_as(&words);
    }
    Ok(())
}

/// The words that are no scores.
const OPTIONS: [&[u8]; 6] = [b"NX", b"XX", b"GT", b"LT", b"CH", b"INCR"];

fn zincrby(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let key = args.next()?;
    // The options of ZADD are known here too, but leave no member to be counted.
    if args.peek().is_some_and(|word| OPTIONS.iter().any(|option| word.eq_ignore_ascii_case(option))) {
        return Err(Stop::SYNTAX);
    }
    let (increment, member) = (args.float()?, args.next()?);
    let options = Options { increments: true, ..Options::default() };
    let outcome = put(ctx, key, options, &[(increment, member)])?;
    ctx.reply.double(outcome.score.expect("no option forbids it"));
    Ok(())
}

fn put(
    ctx: &mut Context<'_>,
    key: &[u8],
    options: Options,
    elements: &[(f64, &[u8])],
) -> Result<Outcome, Stop> {
    let limits = ctx.keys.limits().sorted_set;
    let mut outcome = Outcome::default();
    let set = if options.only_old {
        ctx.keys.sorted_set_mut(key)?
    } else {
        Some(ctx.keys.sorted_set_or_create(key)?)
    };
    let Some(mut set) = set else { return Ok(outcome) };
    for &(given, member) in elements {
        let wanted =
            if options.looks_at_old() { options.wanted(set.score(member), given)? } else { Some(given) };
        let Some(score) = wanted else { continue };
        match set.insert(member, score, limits) {
            Inserted::New => outcome.new += 1,
            Inserted::Moved(_) => outcome.moved += 1,
            Inserted::Same => {}
        }
        outcome.score = Some(score);
    }
    let changes = (outcome.new + outcome.moved).unsigned_abs();
    if changes > 0 {
        set.modified(if options.increments { Event::ZINCR } else { Event::ZADD });
        set.add_dirty(changes - 1);
    }
    Ok(outcome)
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, check_resp3, notifies, propagates};

    #[test]
    fn adds_and_moves() {
        check(
            r#"ZADD z 1 a 2 b -> 2 | ZADD z 3 a 2 b -> 0 | ZADD z CH 4 a 2 b 5 c -> 2 | ZSCORE z a -> "4"
            ZADD z 1 d 2 d -> 1 | ZSCORE z d -> "2" | ZADD z -inf e +inf f 0x10 g -> 3 | ZSCORE z g -> "16"
            ZRANGE z 0 -1 -> ["e", "b", "d", "a", "c", "g", "f"]"#,
        );
    }

    #[test]
    fn options_hold_back() {
        check(
            r#"ZADD z XX 1 a -> 0 | EXISTS z -> 0 | ZADD z NX 1 a -> 1 | ZADD z NX CH 2 a -> 0 | ZADD z GT CH 0 a 5 b -> 1
            ZADD z LT CH 0 a 6 b -> 1 | ZSCORE z a -> "0" | ZADD z XX GT CH 1 a 1 c -> 1 | ZCARD z -> 2
            ZADD z INCR 2 a -> "3" | ZADD z NX INCR 2 a -> nil | ZADD z GT INCR -1 a -> nil | ZADD z XX INCR 1 n -> nil
            ZINCRBY z 1.5 n -> "1.5" | ZINCRBY new 3 a -> "3""#,
        );
        check_resp3("ZADD z INCR 2 a -> ,2 | ZINCRBY z 0.5 a -> ,2.5 | ZADD z XX INCR 1 b -> nil");
    }

    #[test]
    fn refuses_what_makes_no_sense() {
        check(
            "ZADD z NX XX 1 a -> ERR XX and NX options at the same time are not compatible
            ZADD z GT LT 1 a -> ERR GT, LT, and/or NX options at the same time are not compatible
            ZADD z NX GT 1 a -> ERR GT, LT, and/or NX options at the same time are not compatible
            ZADD z INCR 1 a 2 b -> ERR INCR option supports a single increment-element pair
            ZADD z 1 a 2 -> ERR syntax error | ZADD z NX 1 -> ERR syntax error | ZADD z NX XX -> ERR syntax error
            ZADD z nan a -> ERR value is not a valid float | ZADD z 1 a x b -> ERR value is not a valid float
            EXISTS z -> 0 | SET s v | ZADD s 1 a -> WRONGTYPE Operation against a key holding the wrong kind of value
            ZADD z inf a | ZINCRBY z -inf a -> ERR resulting score is not a number (NaN) | ZSCORE z a -> \"inf\"",
        );
    }

    #[test]
    fn is_passed_on_as_sent() {
        propagates(
            "ZADD z 1 a -> ZADD z 1 a | ZADD z 1 a -> nothing | ZINCRBY z 2 a -> ZINCRBY z 2 a | ZADD z NX 5 a -> nothing
            ZADD z INCR 0 a -> nothing | ZADD new XX 1 a -> nothing",
        );
        notifies("ZADD z 1 a 2 b -> new z, zadd z | ZADD z INCR 1 a -> zincr z | ZADD z 2 a -> nothing");
    }
}
