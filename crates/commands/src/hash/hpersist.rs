//! HPERSIST: let fields expire no more.

use crate::grammar::fields;
use crate::prelude::*;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: hpersist,
    subcommands: &[],
    spec: Spec {
        name: "HPERSIST",
        summary: "Removes the expiry of fields of a hash.",
        since: "7.4.0",
        complexity: "O(N) with N the number of fields.",
        group: Group::Hash,
        arity: Arity::AtLeast(5),
        flags: WRITE.and(FAST),
        keys: &[KeySpec::at(1).rw().update()],
        args: &[Arg::key("key"), fields::ARG],
        ..Spec::NEW
    },
}];

/// The reply for a missing field.
const MISSING: i64 = -2;
/// The reply for a field that does not expire.
const LASTING: i64 = -1;
/// The reply for a field whose expiry was removed.
const PERSISTED: i64 = 1;

fn hpersist(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let key = args.next()?;
    let mut hash = ctx.keys.hash_mut(key)?;
    let names = fields::parse(args, fields::NOT_POSITIVE)?;
    ctx.reply.array(names.len());
    let mut changed = 0;
    for name in names.rest() {
        let outcome = match &mut hash {
            None => MISSING,
            Some(hash) => {
                hash.meet(name);
                let expiry = hash.get(name).map(|field| field.expire_at_ms);
                if matches!(expiry, Some(Some(_))) {
                    hash.set_expiry(name, None);
                    changed += 1;
                }
                expiry.map_or(MISSING, |at_ms| if at_ms.is_some() { PERSISTED } else { LASTING })
            }
        };
        ctx.reply.integer(outcome);
    }
    if let Some(mut hash) = hash
        && changed > 0
    {
        hash.modified(Event::HPERSIST);
        hash.add_dirty(changed - 1);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, notifies, propagates};

    #[test]
    fn fields_stay() {
        check(
            "HPERSIST h FIELDS 1 a -> [-2] | HSET h a 1 b 2 | HEXPIRE h 10 FIELDS 1 a
            HPERSIST h FIELDS 3 a b x -> [1, -1, -2] | HTTL h FIELDS 1 a -> [-1]",
        );
    }

    #[test]
    fn tells_what_it_did() {
        propagates(
            "HSET h a 1 b 2 | HEXPIRE h 10 FIELDS 1 a -> HPEXPIREAT h {ms+10000} FIELDS 1 a
            HPERSIST h FIELDS 2 a x -> HPERSIST h FIELDS 2 a x | HPERSIST h FIELDS 1 a -> nothing",
        );
        notifies(
            "HSET h a 1 -> new h, hset h | HEXPIRE h 10 FIELDS 1 a -> hexpire h | HPERSIST h FIELDS 1 a -> hpersist h",
        );
    }

    #[test]
    fn refuses_bad_arguments() {
        check(
            "SET s x | HPERSIST s FOO 1 a -> WRONGTYPE Operation against a key holding the wrong kind of value
            HPERSIST h FOO 1 a -> ERR Mandatory argument FIELDS is missing or not at the right position
            HPERSIST h FIELDS 0 a -> ERR Number of fields must be a positive integer
            HPERSIST h FIELDS 1 a b -> ERR The `numfields` parameter must match the number of arguments",
        );
    }
}
