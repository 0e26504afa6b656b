//! HSETEX: give fields values and an expiry.

use crate::grammar::expiry::{self, unit_of};
use crate::grammar::fields;
use crate::prelude::*;
use datatypes::hash::{Expiry, Fields};

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: hsetex,
    subcommands: &[],
    spec: Spec {
        name: "HSETEX",
        summary: "Gives fields of a hash values, and sets or keeps their expiry.",
        since: "8.0.0",
        complexity: "O(N) with N the number of fields.",
        group: Group::Hash,
        arity: Arity::AtLeast(6),
        flags: WRITE.and(DENYOOM).and(FAST),
        keys: &[KeySpec::at(1).rw().update()],
        args: &[
            Arg::key("key"),
            Arg::one_of("condition", &[Arg::token("fnx", "FNX"), Arg::token("fxx", "FXX")]).optional(),
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
            Arg::block(
                "fields",
                &[
                    Arg::integer("numfields"),
                    Arg::block("data", &[Arg::string("field"), Arg::string("value")]).multiple(),
                ],
            )
            .after("FIELDS"),
        ],
        ..Spec::NEW
    },
}];

/// What must be there of the fields that are set.
#[derive(Clone, Copy, PartialEq)]
enum Condition {
    None,
    All,
}

/// The options before the fields.
#[derive(Default)]
struct Options {
    condition: Option<Condition>,
    expiry: Option<Expiry>,
}

impl Options {
    /// Reads up to FIELDS.
    fn parse(ctx: &Context<'_>, args: &mut Args<'_>) -> Result<Options, Stop> {
        let mut options = Options::default();
        while !args.keyword("FIELDS") {
            let word = args.next()?;
            let is = |name: &str| word.eq_ignore_ascii_case(name.as_bytes());
            if is("FNX") || is("FXX") {
                options.set_condition(if is("FNX") { Condition::None } else { Condition::All })?;
            } else if is("KEEPTTL") {
                options.set_expiry(Expiry::Keep)?;
            } else if let Some(unit) = unit_of(word) {
                // Two times are complained about before the second one is read.
                options.set_expiry(Expiry::Clear)?;
                let at_ms = fields::expiry_ms("hsetex", unit, args.next()?, ctx.now_ms())?;
                options.expiry = Some(Expiry::At(at_ms));
            } else {
                return Err(Stop::quoting("ERR unknown argument: ", word, ""));
            }
        }
        Ok(options)
    }

    fn set_condition(&mut self, condition: Condition) -> Result<(), Stop> {
        let earlier = self.condition.replace(condition);
        let twice = Stop::error("ERR Only one of FXX or FNX arguments can be specified");
        if earlier.is_none() { Ok(()) } else { Err(twice) }
    }

    fn set_expiry(&mut self, expiry: Expiry) -> Result<(), Stop> {
        let earlier = self.expiry.replace(expiry);
        let twice = Stop::error("ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified");
        if earlier.is_none() { Ok(()) } else { Err(twice) }
    }

    /// Whether the hash is such that the fields are to be set.
    fn allow(&self, found: Option<Fields<'_>>, pairs: Args<'_>) -> bool {
        let is_there = |name| found.is_some_and(|fields| fields.get(name).is_some());
        let mut names = pairs.rest().step_by(2);
        match self.condition {
            None => true,
            Some(Condition::None) => !names.any(is_there),
            Some(Condition::All) => names.all(is_there),
        }
    }
}

/// Reads the number of fields and that there are so many to the end.
fn parse_pairs<'a>(mut args: Args<'a>) -> Result<Args<'a>, Stop> {
    const WRONG_NUMBER: Stop = Stop::error("ERR wrong number of arguments for 'hsetex' command");
    if args.len() < 3 {
        return Err(WRONG_NUMBER);
    }
    let number = args.next()?;
    let number = stdx::number::parse_i64(number).filter(|number| (1..=i64::from(i32::MAX)).contains(number));
    let number = number.ok_or(Stop::error("ERR invalid number of fields"))?;
    if usize::try_from(number).ok().and_then(|number| number.checked_mul(2)) == Some(args.len()) {
        Ok(args)
    } else {
        Err(WRONG_NUMBER)
    }
}

fn hsetex(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let key = args.next()?;
    let options = Options::parse(ctx, &mut args)?;
    let pairs = parse_pairs(args)?;
    if !options.allow(ctx.keys.hash_for(key, Lookup::Write)?, pairs) {
        ctx.reply.integer(0);
        return Ok(());
    }
    let is_past = matches!(options.expiry, Some(Expiry::At(at_ms)) if expiry::is_past(ctx, at_ms));
    set_all(ctx, key, pairs, (options.expiry.unwrap_or(Expiry::Clear), is_past))?;
    ctx.reply.integer(1);
    if is_past {
        fields::propagate_deletion(ctx, key, pairs.rest().step_by(2));
        return Ok(());
    }
    propagate(ctx, key, pairs)
}

fn set_all(
    ctx: &mut Context<'_>,
    key: &[u8],
    mut pairs: Args<'_>,
    (expiry, is_past): (Expiry, bool),
) -> Result<(), Stop> {
    let limits = ctx.keys.limits().hash;
    let count = pairs.len() as u64 / 2;
    let mut hash = ctx.keys.hash_or_create(key)?;
    while !pairs.is_empty() {
        let (name, value) = (pairs.next()?, pairs.next()?);
        hash.meet(name);
        if is_past {
            hash.remove(name);
        } else {
            hash.set(name, value, expiry, limits);
        }
    }
    hash.modified(Event::HSET);
    hash.add_dirty(count - 1);
    if is_past {
        hash.notify(Event::HDEL);
        // One that was there before tells so by itself.
        if hash.is_new() && hash.is_empty() {
            hash.notify(Event::DEL);
        }
    } else if matches!(expiry, Expiry::At(_)) {
        hash.notify(Event::HEXPIRE);
    }
    Ok(())
}

/// Passes on the values, and when those of these fields expire that do.
fn propagate(ctx: &mut Context<'_>, key: &[u8], pairs: Args<'_>) -> Result<(), Stop> {
    let mut times: Vec<(i64, &[u8])> = Vec::new();
    if let Some(hash) = ctx.keys.hash_for(key, Lookup::Peek)? {
        let time = |name| Some((hash.get(name)?.expire_at_ms?, name));
        times.extend(pairs.rest().step_by(2).filter_map(time));
    }
    times.sort_by_key(|(at_ms, _)| *at_ms);
    let pairs: Vec<&[u8]> = pairs.rest().collect();
    fields::propagate_values(ctx, key, &pairs, &times);
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{changes, check, notifies, propagates};

    #[test]
    fn sets_values_and_expiry() {
        check(
            r#"HSETEX h FIELDS 1 a 1 -> 1 | HSETEX h EX 10 FIELDS 2 a 2 b 3 -> 1 | HTTL h FIELDS 2 a b -> [10, 10]
            HSETEX h KEEPTTL FIELDS 1 a 4 -> 1 | HTTL h FIELDS 2 a b -> [10, 10] | HSETEX h FIELDS 1 a 5 -> 1
            HTTL h FIELDS 2 a b -> [-1, 10] | HGETALL h -> ["b", "3", "a", "5"]"#,
        );
    }

    #[test]
    fn conditions_are_for_all_fields() {
        check(
            r#"HSETEX h FXX FIELDS 1 a 1 -> 0 | EXISTS h -> 0 | HSETEX h FNX FIELDS 1 a 1 -> 1
            HSETEX h FNX FIELDS 2 a 5 z 6 -> 0 | HSETEX h FXX FIELDS 2 a 5 z 6 -> 0 | HGETALL h -> ["a", "1"]
            HSETEX h fxx FIELDS 1 a 5 -> 1 | HGETALL h -> ["a", "5"]"#,
        );
    }

    #[test]
    fn a_time_in_the_past_removes() {
        check(
            "HSETEX h PXAT 1 FIELDS 1 a 1 -> 1 | EXISTS h -> 0 | HSET h a 1 b 2 | HSETEX h EX 0 FIELDS 1 a 1 -> 1 | HKEYS h -> [\"b\"]",
        );
    }

    #[test]
    fn refuses_bad_arguments() {
        check(
            "SET s x | HSETEX s FOO 1 a 1 -> ERR unknown argument: FOO
            HSETEX s FIELDS 1 a 1 -> WRONGTYPE Operation against a key holding the wrong kind of value
            HSETEX h FXX FNX FIELDS 1 a 1 -> ERR Only one of FXX or FNX arguments can be specified
            HSETEX h EX 10 KEEPTTL FIELDS 1 a 1 -> ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified
            HSETEX h EX 10 PX 10 FIELDS 1 a 1 -> ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified
            HSETEX h EX x FIELDS 9 a 1 -> ERR value is not an integer or out of range
            HSETEX h EX -5 FIELDS 1 a 1 -> ERR invalid expire time, must be >= 0
            HSETEX h PXAT 70368744177664 FIELDS 1 a 1 -> ERR invalid expire time in 'hsetex' command
            HSETEX h FIELDS 0 a 1 -> ERR invalid number of fields
            HSETEX h FIELDS x a 1 -> ERR invalid number of fields
            HSETEX h FIELDS 2 a 1 -> ERR wrong number of arguments for 'hsetex' command
            HSETEX h FIELDS 1 a 1 EX 10 -> ERR wrong number of arguments for 'hsetex' command",
        );
    }

    #[test]
    fn is_passed_on_with_a_time() {
        propagates(
            "HSETEX h EX 10 FIELDS 1 a 1 -> MULTI; HSET h a 1; HPEXPIREAT h {ms+10000} FIELDS 1 a; EXEC
            HSETEX h PX 20 FIELDS 2 b 1 c 2 -> MULTI; HSET h b 1 c 2; HPEXPIREAT h {ms+20} FIELDS 2 b c; EXEC
            HSETEX h FXX KEEPTTL FIELDS 3 a 1 b 2 c 3 -> MULTI; HSET h a 1 b 2 c 3; HPEXPIREAT h {ms+20} FIELDS 2 b c; HPEXPIREAT h {ms+10000} FIELDS 1 a; EXEC
            HSETEX h FIELDS 2 b 1 c 1 -> HSET h b 1 c 1 | HSETEX h KEEPTTL FIELDS 1 c 1 -> HSET h c 1
            HSETEX h FNX FIELDS 1 a 1 -> nothing
            HSETEX h PXAT 1 FIELDS 2 a 1 b 2 -> HDEL h a b",
        );
        notifies(
            "HSETEX h FIELDS 1 a 1 -> new h, hset h | HSETEX h EX 10 FIELDS 1 a 1 -> hset h, hexpire h
            HSETEX h FIELDS 1 b 1 -> hset h | HSETEX h EX 0 FIELDS 1 a 1 -> hset h, hdel h",
        );
        changes("HSETEX h FIELDS 2 a 1 b 2 -> 2");
    }
}
