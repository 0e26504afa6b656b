//! DELIFEQ: delete a string if it is the expected one.

use crate::prelude::*;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: delifeq,
    subcommands: &[],
    spec: Spec {
        name: "DELIFEQ",
        summary: "Deletes a key if it holds exactly this string.",
        since: "9.0.0",
        complexity: "O(1)",
        group: Group::String,
        arity: Arity::Exactly(3),
        flags: WRITE.and(FAST),
        keys: &[KeySpec::at(1).rm().delete()],
        args: &[Arg::key("key"), Arg::string("value")],
        ..Spec::NEW
    },
}];

fn delifeq(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let (key, expected) = (args.next()?, args.next()?);
    let is_equal = ctx.keys.string_for(key, Lookup::Write)? == Some(expected);
    if is_equal {
        ctx.keys.remove(key);
        ctx.keys.modified(key, Event::DEL);
        ctx.propagate_as(&[b"DEL", key]);
    }
    ctx.reply.integer(i64::from(is_equal));
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, notifies, propagates};

    #[test]
    fn deletes_only_what_is_equal() {
        check("SET k v | DELIFEQ k w -> 0 | DELIFEQ k v -> 1 | DELIFEQ k v -> 0 | EXISTS k -> 0");
    }

    #[test]
    fn is_passed_on_as_a_deletion() {
        propagates(
            "SET k v -> SET k v | DELIFEQ k w -> nothing | DELIFEQ k v -> DEL k | DELIFEQ k v -> nothing",
        );
        notifies("SET k v | DELIFEQ k v -> del k");
    }
}
