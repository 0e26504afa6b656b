//! HSTRLEN: the length of a field's value.

use crate::prelude::*;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: hstrlen,
    subcommands: &[],
    spec: Spec {
        name: "HSTRLEN",
        summary: "Returns the length of the value of a field of a hash, in bytes.",
        since: "3.2.0",
        complexity: "O(1)",
        group: Group::Hash,
        arity: Arity::Exactly(3),
        flags: READONLY.and(FAST),
        keys: &[KeySpec::at(1).ro()],
        args: &[Arg::key("key"), Arg::string("field")],
        ..Spec::NEW
    },
}];

fn hstrlen(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let (key, name) = (args.next()?, args.next()?);
    let field = ctx.keys.hash(key)?.and_then(|fields| fields.get(name));
    ctx.reply.integer(field.map_or(0, |field| field.value.len()) as i64);
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn measures_texts_and_integers() {
        check(
            "HSTRLEN h a -> 0 | HSET h a abc b -12 c \"\" | HSTRLEN h a -> 3 | HSTRLEN h b -> 3 | HSTRLEN h c -> 0
            HSTRLEN h x -> 0 | SET s x | HSTRLEN s a -> WRONGTYPE Operation against a key holding the wrong kind of value",
        );
    }
}
