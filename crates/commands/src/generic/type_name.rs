//! TYPE: the data type of a key's value.

use crate::prelude::*;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: type_name,
    subcommands: &[],
    spec: Spec {
        name: "TYPE",
        summary: "Returns the name of the data type that a key holds, `none` for a missing key.",
        since: "1.0.0",
        complexity: "O(1)",
        group: Group::Generic,
        arity: Arity::Exactly(2),
        flags: READONLY.and(FAST),
        keys: &[KeySpec::at(1).ro()],
        args: &[Arg::key("key")],
        ..Spec::NEW
    },
}];

fn type_name(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let name = ctx.keys.kind(args.next()?).map_or("none", |kind| kind.name());
    ctx.reply.simple(name);
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn names_types() {
        check("TYPE k -> none | SET k v | TYPE k -> string");
    }
}
