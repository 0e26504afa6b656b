//! HGETDEL: read fields and remove them.

use crate::grammar::{element, fields};
use crate::prelude::*;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: hgetdel,
    subcommands: &[],
    spec: Spec {
        name: "HGETDEL",
        summary: "Returns the values of fields of a hash and removes the fields.",
        since: "8.0.0",
        complexity: "O(N) with N the number of fields.",
        group: Group::Hash,
        arity: Arity::AtLeast(5),
        flags: WRITE.and(FAST),
        keys: &[KeySpec::at(1).rw().access().delete()],
        args: &[Arg::key("key"), fields::ARG],
        ..Spec::NEW
    },
}];

fn hgetdel(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let key = args.next()?;
    let mut hash = ctx.keys.hash_mut(key)?;
    let names = fields::parse(args, fields::NOT_POSITIVE)?;
    ctx.reply.array(names.len());
    let mut removed = 0;
    for name in names.rest() {
        let Some(hash) = &mut hash else {
            ctx.reply.null();
            continue;
        };
        hash.meet(name);
        element::bulk_or_null(&mut ctx.reply, hash.get(name).map(|field| field.value));
        removed += u64::from(hash.remove(name));
    }
    if let Some(hash) = &mut hash
        && removed > 0
    {
        hash.modified(Event::HDEL);
        hash.add_dirty(removed - 1);
    }
    drop(hash);
    if removed > 0 {
        fields::propagate_deletion(ctx, key, names.rest());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, notifies, propagates};

    #[test]
    fn returns_what_it_removes() {
        check(
            r#"HGETDEL h FIELDS 1 a -> [nil] | HSET h a 1 b 2 | HGETDEL h FIELDS 3 a x a -> ["1", nil, nil]
            HGETDEL h FIELDS 1 b -> ["2"] | EXISTS h -> 0"#,
        );
    }

    #[test]
    fn is_passed_on_as_a_deletion() {
        propagates(
            "HSET h a 1 b 2 -> HSET h a 1 b 2 | HGETDEL h FIELDS 2 a x -> HDEL h a x | HGETDEL h FIELDS 1 x -> nothing",
        );
        notifies("HSET h a 1 -> new h, hset h | HGETDEL h FIELDS 1 a -> hdel h, del h");
    }

    #[test]
    fn refuses_bad_arguments() {
        check(
            "SET s x | HGETDEL s FOO 1 a -> WRONGTYPE Operation against a key holding the wrong kind of value
            HGETDEL h FOO 1 a -> ERR Mandatory argument FIELDS is missing or not at the right position
            HGETDEL h FIELDS 0 a -> ERR Number of fields must be a positive integer
            HGETDEL h FIELDS 1 a b -> ERR The `numfields` parameter must match the number of arguments",
        );
    }
}
