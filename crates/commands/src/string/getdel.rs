//! GETDEL: read a string and delete its key.

use crate::prelude::*;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: getdel,
    subcommands: &[],
    spec: Spec {
        name: "GETDEL",
        summary: "Deletes a key and returns the string that it held.",
        since: "6.2.0",
        complexity: "O(1)",
        group: Group::String,
        arity: Arity::Exactly(2),
        flags: WRITE.and(FAST),
        keys: &[KeySpec::at(1).rw().access().delete()],
        args: &[Arg::key("key")],
        ..Spec::NEW
    },
}];

fn getdel(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let key = args.next()?;
    let Some(value) = ctx.keys.string(key)? else {
        ctx.reply.null();
        return Ok(());
    };
    ctx.reply.bulk(value);
    ctx.keys.remove(key);
    ctx.keys.modified(key, Event::DEL);
    ctx.propagate_as(&[b"DEL", key]);
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, notifies, propagates};

    #[test]
    fn leaves_nothing() {
        check("SET k v | GETDEL k -> \"v\" | GETDEL k -> nil | EXISTS k -> 0");
    }

    #[test]
    fn is_passed_on_as_a_deletion() {
        propagates("SET k v | GETDEL k -> DEL k | GETDEL k -> nothing");
        notifies("SET k v | GETDEL k -> del k | GETDEL k -> keymiss k");
    }
}
