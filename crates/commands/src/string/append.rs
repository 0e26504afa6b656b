//! APPEND: grow a string.

use crate::prelude::*;
use crate::string::setrange::check_length;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: append,
    subcommands: &[],
    spec: Spec {
        name: "APPEND",
        summary: "Adds bytes to the end of a string; a missing key counts as an empty one.",
        since: "2.0.0",
        complexity: "O(1) on average while the added bytes are few: room for growth is allocated ahead.",
        group: Group::String,
        arity: Arity::Exactly(3),
        flags: WRITE.and(DENYOOM).and(FAST),
        keys: &[KeySpec::at(1).rw().insert()],
        args: &[Arg::key("key"), Arg::string("value")],
        ..Spec::NEW
    },
}];

fn append(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let (key, value) = (args.next()?, args.next()?);
    let old_len = ctx.keys.string_for(key, Lookup::Write)?.map_or(0, <[u8]>::len);
    check_length(ctx, old_len, value.len())?;
    let len = ctx.keys.append(key, value)?;
    ctx.keys.modified(key, Event::APPEND);
    ctx.reply.integer(len as i64);
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, notifies, propagates};

    #[test]
    fn grows_from_nothing() {
        check("APPEND k ab -> 2 | APPEND k cd -> 4 | GET k -> \"abcd\" | APPEND e \"\" -> 0 | EXISTS e -> 1");
    }

    #[test]
    fn is_a_change_even_when_empty() {
        propagates("SET k v -> SET k v | APPEND k \"\" -> APPEND k \"\" | APPEND k w -> APPEND k w");
        notifies("APPEND k ab -> new k, append k | APPEND k cd -> append k");
    }

    #[test]
    fn keeps_the_expiry() {
        check("SET k v EX 100 | APPEND k w -> 2 | TTL k -> 100");
    }

    #[test]
    fn makes_a_number_text() {
        check(
            "SET k 1 | APPEND k 2 -> 2 | OBJECT ENCODING k -> \"raw\" | INCR k -> 13 | OBJECT ENCODING k -> \"int\"",
        );
    }
}
