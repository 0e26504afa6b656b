//! GETSET: set a string and read the old one.

use crate::prelude::*;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: getset,
    subcommands: &[],
    spec: Spec {
        name: "GETSET",
        summary: "Sets the string of a key and returns the one before.",
        since: "1.0.0",
        complexity: "O(1)",
        group: Group::String,
        arity: Arity::Exactly(3),
        flags: WRITE.and(DENYOOM).and(FAST),
        keys: &[KeySpec::at(1).rw().access().update()],
        args: &[Arg::key("key"), Arg::string("value")],
        deprecated: Some(("6.2.0", "`SET` with the `!GET` argument")),
        ..Spec::NEW
    },
}];

fn getset(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let (key, value) = (args.next()?, args.next()?);
    ctx.reply.bulk_or_null(ctx.keys.string(key)?);
    ctx.keys.set_string(key, value, NewExpiry::Clear);
    ctx.keys.modified(key, Event::SET);
    ctx.propagate_as(&[b"SET", key, value]);
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, notifies, propagates};

    #[test]
    fn gives_the_old_value_and_drops_the_expiry() {
        check("GETSET k a -> nil | EXPIRE k 100 | GETSET k b -> \"a\" | GET k -> \"b\" | TTL k -> -1");
    }

    #[test]
    fn is_passed_on_as_set() {
        propagates("GETSET k a -> SET k a | GETSET k b -> SET k b");
        notifies("GETSET k a -> keymiss k, new k, set k | GETSET k b -> set k");
    }
}
