//! HMGET: the values of several fields.

use crate::grammar::element;
use crate::prelude::*;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: hmget,
    subcommands: &[],
    spec: Spec {
        name: "HMGET",
        summary: "Returns the values of several fields of a hash.",
        since: "2.0.0",
        complexity: "O(N) with N the number of fields.",
        group: Group::Hash,
        arity: Arity::AtLeast(3),
        flags: READONLY.and(FAST),
        keys: &[KeySpec::at(1).ro().access()],
        args: &[Arg::key("key"), Arg::string("field").multiple()],
        ..Spec::NEW
    },
}];

fn hmget(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let fields = ctx.keys.hash(args.next()?)?;
    ctx.reply.array(args.len());
    for name in args.rest() {
        let field = fields.and_then(|fields| fields.get(name));
        element::bulk_or_null(&mut ctx.reply, field.map(|field| field.value));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn answers_for_every_name() {
        check(
            r#"HMGET h a b -> [nil, nil] | HSET h a 1 c 3 | HMGET h a b c a -> ["1", nil, "3", "1"]
            SET s x | HMGET s a -> WRONGTYPE Operation against a key holding the wrong kind of value"#,
        );
    }
}
