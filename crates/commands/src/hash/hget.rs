//! HGET: the value of a field.

use crate::grammar::element;
use crate::prelude::*;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: hget,
    subcommands: &[],
    spec: Spec {
        name: "HGET",
        summary: "Returns the value of a field of a hash.",
        since: "2.0.0",
        complexity: "O(1)",
        group: Group::Hash,
        arity: Arity::Exactly(3),
        flags: READONLY.and(FAST),
        keys: &[KeySpec::at(1).ro().access()],
        args: &[Arg::key("key"), Arg::string("field")],
        ..Spec::NEW
    },
}];

fn hget(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let (key, name) = (args.next()?, args.next()?);
    let field = ctx.keys.hash(key)?.and_then(|fields| fields.get(name));
    element::bulk_or_null(&mut ctx.reply, field.map(|field| field.value));
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, check_resp3, notifies, propagates};

    #[test]
    fn finds_fields() {
        check(
            r#"HGET h a -> nil | HSET h a x 12 34 | HGET h a -> "x" | HGET h 12 -> "34" | HGET h b -> nil
            SET s x | HGET s a -> WRONGTYPE Operation against a key holding the wrong kind of value"#,
        );
        check_resp3("HGET h a -> nil");
    }

    #[test]
    fn what_has_expired_is_removed_when_met() {
        check(
            "HSET h a 1 | HPEXPIRE h 10 FIELDS 1 a | @10 | HGET h a -> \"1\" | @1 | HGET h a -> nil | EXISTS h -> 0",
        );
        propagates(
            "HSET h a 1 b 2 | HPEXPIRE h 10 FIELDS 2 a b -> HPEXPIREAT h {ms+10} FIELDS 2 a b
            @11 | HGET h x -> HDEL h b a | HGET h x -> nothing",
        );
        notifies(
            "HSET h a 1 b 2 | HPEXPIRE h 10 FIELDS 1 a -> hexpire h | @11
            HGET h a -> hexpired h | HPEXPIRE h 10 FIELDS 1 b -> hexpire h | @11 | HGET h b -> hexpired h, del h, keymiss h",
        );
    }
}
