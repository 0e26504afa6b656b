//! GET: read a string.

use crate::prelude::*;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: get,
    subcommands: &[],
    spec: Spec {
        name: "GET",
        summary: "Returns the string that a key holds.",
        since: "1.0.0",
        complexity: "O(1)",
        group: Group::String,
        arity: Arity::Exactly(2),
        flags: READONLY.and(FAST),
        keys: &[KeySpec::at(1).ro().access()],
        args: &[Arg::key("key")],
        ..Spec::NEW
    },
}];

#[inline]
fn get(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    ctx.reply.bulk_or_null(ctx.keys.string(args.next()?)?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, check_resp3, notifies, propagates};

    #[test]
    fn finds_or_not() {
        check(r#"GET k -> nil | SET k "a\r\n\x00b" | GET k -> "a\r\n\x00b" | SET k "" | GET k -> """#);
        check_resp3("GET k -> nil");
    }

    #[test]
    fn a_key_past_its_time_is_gone() {
        check("SET k v PX 100 | @100 | GET k -> \"v\" | @1 | GET k -> nil");
        propagates("SET k v PX 100 | @101 | GET k -> DEL k | GET k -> nothing");
    }

    #[test]
    fn a_miss_is_an_event() {
        notifies("GET k -> keymiss k | SET k v | GET k -> nothing");
    }
}
