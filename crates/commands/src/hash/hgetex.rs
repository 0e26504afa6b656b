//! HGETEX: read fields and change when they expire.

use crate::grammar::expiry::{self, unit_of};
use crate::grammar::{element, fields};
use crate::prelude::*;
use datatypes::hash::Hash;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: hgetex,
    subcommands: &[],
    spec: Spec {
        name: "HGETEX",
        summary: "Returns the values of fields of a hash and sets or removes their expiry.",
        since: "8.0.0",
        complexity: "O(N) with N the number of fields.",
        group: Group::Hash,
        arity: Arity::AtLeast(5),
        flags: WRITE.and(FAST),
        keys: &[KeySpec::at(1).rw().access().update().noting("Written when the expiry changes")],
        args: &[
            Arg::key("key"),
            Arg::one_of(
                "expiration",
                &[
                    Arg::integer("seconds").after("EX"),
                    Arg::integer("milliseconds").after("PX"),
                    Arg::unix_time("unix-time-seconds").after("EXAT"),
                    Arg::unix_time("unix-time-milliseconds").after("PXAT"),
                    Arg::token("persist", "PERSIST"),
                ],
            )
            .optional(),
            fields::ARG,
        ],
        ..Spec::NEW
    },
}];

/// What becomes of the expiry of the fields.
#[derive(Clone, Copy)]
enum Change {
    None,
    Persist,
    At(i64),
    /// The time is past: the field goes.
    Delete,
}

impl Change {
    fn parse(ctx: &Context<'_>, args: &mut Args<'_>) -> Result<Change, Stop> {
        if let Some(unit) = args.peek().and_then(unit_of) {
            args.next()?;
            let at_ms = fields::expiry_ms("hgetex", unit, args.next()?, ctx.now_ms())?;
            return Ok(if expiry::is_past(ctx, at_ms) { Change::Delete } else { Change::At(at_ms) });
        }
        Ok(if args.keyword("PERSIST") { Change::Persist } else { Change::None })
    }

    fn event(self) -> Event {
        match self {
            Change::Delete => Event::HDEL,
            Change::Persist => Event::HPERSIST,
            Change::At(_) | Change::None => Event::HEXPIRE,
        }
    }

    /// Makes the change; tells whether there was something to change.
    fn make(self, hash: &mut Hash, name: &[u8]) -> bool {
        let Some(field) = hash.get(name) else { return false };
        let expires = field.expire_at_ms.is_some();
        match self {
            Change::None => false,
            Change::Persist => expires && hash.set_expiry(name, None),
            Change::At(at_ms) => hash.set_expiry(name, Some(at_ms)),
            Change::Delete => hash.remove(name),
        }
    }
}

fn hgetex(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let key = args.next()?;
    // A key of another type is complained about before the other arguments.
    ctx.keys.hash_for(key, Lookup::Peek)?;
    let change = Change::parse(ctx, &mut args)?;
    let names = fields::parse(args, fields::NOT_POSITIVE)?;
    let mut changed = Vec::new();
    ctx.reply.array(names.len());
    if let Some(mut hash) = ctx.keys.hash_mut(key)? {
        for name in names.rest() {
            hash.meet(name);
            element::bulk_or_null(&mut ctx.reply, hash.get(name).map(|field| field.value));
            if change.make(&mut hash, name) {
                changed.push(name);
            }
        }
        if !changed.is_empty() {
            hash.modified(change.event());
            hash.add_dirty(changed.len() as u64 - 1);
        }
    } else {
        (0..names.len()).for_each(|_| ctx.reply.null());
    }
    if !changed.is_empty() {
        pass_on(ctx, key, change, &changed);
    }
    Ok(())
}

fn pass_on(ctx: &mut Context<'_>, key: &[u8], change: Change, names: &[&[u8]]) {
    match change {
        Change::None => {}
        Change::At(at_ms) => fields::propagate_expiry(ctx, key, Some(at_ms), names),
        Change::Delete => fields::propagate_expiry(ctx, key, None, names),
        Change::Persist => fields::propagate_persist(ctx, key, names),
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, notifies, propagates};

    #[test]
    fn reads_and_changes_the_expiry() {
        check(
            r#"HGETEX h FIELDS 2 a b -> [nil, nil] | HSET h a 1 b 2 | HGETEX h FIELDS 2 a x -> ["1", nil]
            HGETEX h EX 10 FIELDS 2 a x -> ["1", nil] | HTTL h FIELDS 2 a b -> [10, -1]
            HGETEX h PERSIST FIELDS 1 a -> ["1"] | HTTL h FIELDS 1 a -> [-1] | HGETEX h PXAT 1 FIELDS 1 a -> ["1"]
            HEXISTS h a -> 0 | HGETEX h ex 0 fields 1 b -> ["2"] | EXISTS h -> 0"#,
        );
    }

    #[test]
    fn is_passed_on_as_what_it_does() {
        propagates(
            "HSET h a 1 b 2 -> HSET h a 1 b 2 | HGETEX h FIELDS 1 a -> nothing
            HGETEX h EX 10 FIELDS 2 a x -> HPEXPIREAT h {ms+10000} FIELDS 1 a
            HGETEX h PERSIST FIELDS 2 a b -> HPERSIST h FIELDS 1 a | HGETEX h PERSIST FIELDS 1 a -> nothing
            HGETEX h PXAT 1 FIELDS 1 a -> HDEL h a",
        );
        notifies(
            "HSET h a 1 b 2 -> new h, hset h | HGETEX h PX 10 FIELDS 1 a -> hexpire h | HGETEX h PERSIST FIELDS 1 a -> hpersist h
            HGETEX h EX 0 FIELDS 2 a b -> hdel h, del h",
        );
    }

    #[test]
    fn refuses_bad_arguments() {
        check(
            "SET s x | HGETEX s FOO 1 a -> WRONGTYPE Operation against a key holding the wrong kind of value
            HGETEX h FOO 1 a -> ERR Mandatory argument FIELDS is missing or not at the right position
            HGETEX h EX x FIELDS 1 a -> ERR value is not an integer or out of range
            HGETEX h EX -1 FIELDS 1 a -> ERR invalid expire time, must be >= 0
            HGETEX h PX 281474976710656 FIELDS 1 a -> ERR invalid expire time in 'hgetex' command
            HGETEX h EX 1 PERSIST FIELDS 1 a -> ERR Mandatory argument FIELDS is missing or not at the right position
            HGETEX h FIELDS 0 a -> ERR Number of fields must be a positive integer
            HGETEX h FIELDS 1 a b -> ERR The `numfields` parameter must match the number of arguments",
        );
    }
}
