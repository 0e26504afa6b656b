//! SET: set a string, with conditions, an expiry, and the old value as its reply if wanted.

use crate::grammar::expiry::{self, ExpiryOption};
use crate::prelude::*;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: set,
    subcommands: &[],
    spec: Spec {
        name: "SET",
        summary: "Sets the string of a key, whatever the key held before.",
        since: "1.0.0",
        complexity: "O(1)",
        group: Group::String,
        arity: Arity::AtLeast(3),
        flags: WRITE.and(DENYOOM),
        keys: &[KeySpec::at(1)
            .rw()
            .access()
            .update()
            .variable_flags()
            .noting("Read only with `GET` or `IFEQ`")],
        args: ARGS,
        history: &[
            ("2.6.12", "The options `EX`, `PX`, `NX` and `XX`."),
            ("6.0.0", "The option `KEEPTTL`."),
            ("6.2.0", "The options `GET`, `EXAT` and `PXAT`."),
            ("7.0.0", "`NX` and `GET` together."),
            ("8.1.0", "The option `IFEQ`."),
        ],
        ..Spec::NEW
    },
}];

const ARGS: &[Arg] = &[
    Arg::key("key"),
    Arg::string("value"),
    Arg::one_of(
        "condition",
        &[
            Arg::token("nx", "NX").since("2.6.12"),
            Arg::token("xx", "XX").since("2.6.12"),
            Arg::string("comparison-value").after("IFEQ").since("8.1.0"),
        ],
    )
    .optional(),
    Arg::token("get", "GET").since("6.2.0").optional(),
    Arg::one_of(
        "expiration",
        &[
            Arg::integer("seconds").after("EX").since("2.6.12"),
            Arg::integer("milliseconds").after("PX").since("2.6.12"),
            Arg::unix_time("unix-time-seconds").after("EXAT").since("6.2.0"),
            Arg::unix_time("unix-time-milliseconds").after("PXAT").since("6.2.0"),
            Arg::token("keepttl", "KEEPTTL").since("6.0.0"),
        ],
    )
    .optional(),
];

/// What must be true for the key to be set.
#[derive(Clone, Copy, Default)]
enum Condition<'a> {
    /// Nothing.
    #[default]
    None,
    /// NX: the key is missing.
    Missing,
    /// XX: the key exists.
    Existing,
    /// IFEQ: the key holds this string.
    Equal(&'a [u8]),
}

#[derive(Clone, Copy, Default)]
struct Options<'a> {
    condition: Condition<'a>,
    get: bool,
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
            if args.keyword("GET") {
                options.get = true;
            } else {
                options.take_condition(args)?;
            }
        }
        Ok(options)
    }

    fn take_condition(&mut self, args: &mut Args<'a>) -> Result<(), Stop> {
        self.condition = match self.condition {
            Condition::None | Condition::Missing if args.keyword("NX") => Condition::Missing,
            Condition::None | Condition::Existing if args.keyword("XX") => Condition::Existing,
            Condition::None if args.keyword("IFEQ") => Condition::Equal(args.next()?),
            _ => return Err(Stop::SYNTAX),
        };
        Ok(())
    }
}

#[inline]
fn set(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let (key, value) = (args.next()?, args.next()?);
    if !args.is_empty() {
        let options = Options::parse(&mut args)?;
        return set_with(ctx, key, value, options);
    }
    ctx.keys.set_string(key, value, NewExpiry::Clear);
    ctx.keys.modified(key, Event::SET);
    ctx.reply.ok();
    Ok(())
}

fn set_with(ctx: &mut Context<'_>, key: &[u8], value: &[u8], options: Options<'_>) -> Result<(), Stop> {
    let new_expiry = match options.expiry {
        ExpiryOption::Given(unit, number) => {
            NewExpiry::At(expiry::time_to_live("set", unit, number, ctx.now_ms())?)
        }
        ExpiryOption::Keep => NewExpiry::Keep,
        ExpiryOption::Absent | ExpiryOption::Persist => NewExpiry::Clear,
    };
    if !holds(ctx, key, options)? {
        if !options.get {
            ctx.reply.null();
        }
        return Ok(());
    }
    ctx.keys.set_string(key, value, new_expiry);
    ctx.keys.modified(key, Event::SET);
    if matches!(new_expiry, NewExpiry::At(_)) {
        ctx.keys.notify(key, Event::EXPIRE);
    }
    if !options.get {
        ctx.reply.ok();
    }
    pass_on(ctx, key, value, options, new_expiry);
    Ok(())
}

/// Whether the condition holds; replies the old value if that is wanted.
fn holds(ctx: &mut Context<'_>, key: &[u8], options: Options<'_>) -> Result<bool, Stop> {
    if !options.get && matches!(options.condition, Condition::None) {
        return Ok(true);
    }
    let old = ctx.keys.look_up(key, if options.get { Lookup::Read } else { Lookup::Write });
    let string = || old.map(|entry| entry.string().ok_or(Stop::WRONG_TYPE)).transpose();
    if options.get {
        ctx.reply.bulk_or_null(string()?);
    }
    Ok(match options.condition {
        Condition::None => true,
        Condition::Missing => old.is_none(),
        Condition::Existing => old.is_some(),
        Condition::Equal(expected) => string()? == Some(expected),
    })
}

/// A time is passed on as a point in time, and the wish for the old value not at all: nobody waits for the reply.
fn pass_on(ctx: &mut Context<'_>, key: &[u8], value: &[u8], options: Options<'_>, new_expiry: NewExpiry) {
    if let NewExpiry::At(at_ms) = new_expiry {
        expiry::pass_on_set(ctx, key, value, at_ms);
        return;
    }
    if !options.get {
        return;
    }
    let mut words: Vec<&[u8]> = vec![b"SET", key, value];
    match options.condition {
        Condition::None => {}
        Condition::Missing => words.push(b"NX"),
        Condition::Existing => words.push(b"XX"),
        Condition::Equal(expected) => words.extend([b"IFEQ", expected]),
    }
    if new_expiry == NewExpiry::Keep {
        words.push(b"KEEPTTL");
    }
    ctx.propagate_as(&words);
}

#[cfg(test)]
mod tests {
    use crate::testing::{changes, check, notifies, propagates};

    #[test]
    fn sets_with_every_kind_of_expiry() {
        check(
            "SET k v -> OK | TTL k -> -1 | SET k v EX 10 -> OK | TTL k -> 10 | SET k w KEEPTTL -> OK | TTL k -> 10
            SET k v px 5000 -> OK | TTL k -> 5 | SET k v EXAT {s+20} -> OK | TTL k -> 20
            SET k v PXAT {ms+30000} -> OK | TTL k -> 30 | SET k v EX 10 EX 40 -> OK | TTL k -> 40 | SET k v | TTL k -> -1
            SET k v PXAT 9223372036854775807 -> OK | SET k v EXAT 9223372036854775 -> OK",
        );
    }

    #[test]
    fn obeys_conditions() {
        check(
            "SET k v XX -> nil | SET k v NX -> OK | SET k w NX NX -> nil | SET k w XX -> OK | GET k -> \"w\"
            SET k x NX EX 10 -> nil | TTL k -> -1",
        );
    }

    #[test]
    fn gives_the_old_value() {
        check(
            "SET k a GET -> nil | SET k b get -> \"a\" | SET k c NX GET -> \"b\" | GET k -> \"b\"
            SET k c XX GET EX 10 -> \"b\" | TTL k -> 10 | SET m x XX GET -> nil | EXISTS m -> 0",
        );
    }

    /// As Valkey has it; Redis 8.0 knows no IFEQ.
    #[test]
    fn compares_with_ifeq() {
        check(
            "SET k v IFEQ v -> nil | SET k v | SET k w IFEQ x -> nil | SET k w IFEQ v -> OK | GET k -> \"w\"
            SET k x IFEQ w GET -> \"w\" | SET k y IFEQ w GET -> \"x\" | GET k -> \"x\" | SET m x IFEQ x GET -> nil
            SET k z IFEQ x EX 10 -> OK | TTL k -> 10
            SET k w IFEQ w NX -> ERR syntax error | SET k w XX IFEQ w -> ERR syntax error | SET k w IFEQ -> ERR syntax error",
        );
        propagates(
            "SET k v | SET k w IFEQ v -> SET k w IFEQ v | SET k w IFEQ w GET -> SET k w IFEQ w
            SET k get IFEQ w GET -> SET k get IFEQ w | SET k w IFEQ get GET KEEPTTL -> SET k w IFEQ get KEEPTTL
            SET k w IFEQ w EX 10 -> SET k w PXAT {ms+10000} | SET k w IFEQ x -> nothing",
        );
    }

    #[test]
    fn refuses_bad_options() {
        check(
            "SET k v EX -> ERR syntax error | SET k v EX 10 PX 10 -> ERR syntax error | SET k v FOO -> ERR syntax error
            SET k v EX 10 KEEPTTL -> ERR syntax error | SET k v KEEPTTL EX 10 -> ERR syntax error
            SET k v NX XX -> ERR syntax error | SET k v PERSIST -> ERR syntax error
            SET k v EX 0 -> ERR invalid expire time in 'set' command
            SET k v EX -1 -> ERR invalid expire time in 'set' command
            SET k v EX 9223372036854775807 -> ERR invalid expire time in 'set' command
            SET k v EX 9223372036854775 -> ERR invalid expire time in 'set' command
            SET k v PX 9223372036854775807 -> ERR invalid expire time in 'set' command
            SET k v EXAT 9223372036854776 -> ERR invalid expire time in 'set' command
            SET k v EX x -> ERR value is not an integer or out of range
            SET k v EX 1.5 -> ERR value is not an integer or out of range | EXISTS k -> 0",
        );
    }

    #[test]
    fn a_time_in_the_past_is_accepted() {
        check("SET k v EXAT 1 -> OK | GET k -> nil | SET k v | SET k w PXAT 1 GET -> \"v\" | EXISTS k -> 0");
    }

    #[test]
    fn is_passed_on_with_its_point_in_time() {
        propagates(
            "SET k v -> SET k v | set k v -> set k v | SET k v EX 10 -> SET k v PXAT {ms+10000}
            SET k v PX 10000 -> SET k v PXAT {ms+10000} | SET k v EXAT {s+10} -> SET k v PXAT {ms+10000}
            SET k v PXAT {ms+10} -> SET k v PXAT {ms+10} | SET k v XX PX 10 -> SET k v PXAT {ms+10}
            SET k v KEEPTTL -> SET k v KEEPTTL | SET k v GET -> SET k v | SET k v XX GET -> SET k v XX
            SET k v GET KEEPTTL -> SET k v KEEPTTL | SET k v GET EX 10 -> SET k v PXAT {ms+10000}
            SET k v NX -> nothing | SET k v NX GET -> nothing | SET k v EX 0 -> nothing",
        );
        propagates("SET k v PX 100 | @101 | SET k w -> MULTI; DEL k; SET k w; EXEC");
    }

    #[test]
    fn events_and_changes() {
        notifies("SET k v -> new k, set k | SET k v EX 10 -> set k, expire k | SET k v NX -> nothing");
        changes("SET k v -> 1 | SET k v EX 10 -> 1 | SET k v NX -> 0");
    }
}
