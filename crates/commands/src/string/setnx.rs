//! SETNX: set a string if its key is missing.

use crate::prelude::*;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: setnx,
    subcommands: &[],
    spec: Spec {
        name: "SETNX",
        summary: "Sets the string of a key if the key is missing.",
        since: "1.0.0",
        complexity: "O(1)",
        group: Group::String,
        arity: Arity::Exactly(3),
        flags: WRITE.and(DENYOOM).and(FAST),
        keys: &[KeySpec::at(1).ow().insert()],
        args: &[Arg::key("key"), Arg::string("value")],
        deprecated: Some(("2.6.12", "`SET` with the `NX` argument")),
        ..Spec::NEW
    },
}];

fn setnx(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let (key, value) = (args.next()?, args.next()?);
    let is_free = ctx.keys.look_up(key, Lookup::Write).is_none();
    if is_free {
        ctx.keys.set_string(key, value, NewExpiry::Clear);
        ctx.keys.modified(key, Event::SET);
    }
    ctx.reply.integer(i64::from(is_free));
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, propagates};

    #[test]
    fn only_the_first_counts() {
        check("SETNX k a -> 1 | SETNX k b -> 0 | GET k -> \"a\"");
        propagates("SETNX k a -> SETNX k a | SETNX k b -> nothing");
    }

    #[test]
    fn an_expired_key_is_missing() {
        check("SET k a PX 10 | @11 | SETNX k b -> 1 | TTL k -> -1");
    }
}
