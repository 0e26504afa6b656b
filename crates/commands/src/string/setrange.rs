//! SETRANGE: overwrite a part of a string.

use crate::prelude::*;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: setrange,
    subcommands: &[],
    spec: Spec {
        name: "SETRANGE",
        summary: "Overwrites a part of a string from an offset on; the string grows with zero bytes as needed.",
        since: "2.2.0",
        complexity: "O(M) with M the length of the value, apart from growing the string; for short values as good as O(1).",
        group: Group::String,
        arity: Arity::Exactly(4),
        flags: WRITE.and(DENYOOM),
        keys: &[KeySpec::at(1).rw().update()],
        args: &[Arg::key("key"), Arg::integer("offset"), Arg::string("value")],
        ..Spec::NEW
    },
}];

fn setrange(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let (key, offset, value) = (args.next()?, args.integer()?, args.next()?);
    let offset = usize::try_from(offset).map_err(|_| Stop::error("ERR offset is out of range"))?;
    let old_len = ctx.keys.string_for(key, Lookup::Write)?.map_or(0, <[u8]>::len);
    if value.is_empty() {
        ctx.reply.integer(old_len as i64);
        return Ok(());
    }
    check_length(ctx, offset, value.len())?;
    let len = ctx.keys.set_range(key, offset, value)?;
    ctx.keys.modified(key, Event::SETRANGE);
    ctx.reply.integer(len as i64);
    Ok(())
}

/// Refuses to make a string longer than `proto-max-bulk-len`: no client could read it. What comes from the history
/// that we follow or load is taken as it is.
pub(crate) fn check_length(ctx: &Context<'_>, len: usize, more: usize) -> Result<(), Stop> {
    let max = ctx.engine.config.clients.proto_max_bulk_len;
    let fits = len.checked_add(more).is_some_and(|len| len as u64 <= max);
    if fits || ctx.client.is_history() {
        return Ok(());
    }
    Err(Stop::error("ERR string exceeds maximum allowed size (proto-max-bulk-len)"))
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, notifies, propagates};

    #[test]
    fn overwrites_and_grows() {
        check(
            r#"SET k Hello EX 100 | SETRANGE k 1 ipp -> 5 | GET k -> "Hippo" | SETRANGE k 7 x -> 8 | GET k -> "Hippo\x00\x00x"
            TTL k -> 100 | SETRANGE m 2 ab -> 4 | GET m -> "\x00\x00ab""#,
        );
    }

    #[test]
    fn an_empty_value_changes_nothing() {
        check("SETRANGE m 5 \"\" -> 0 | EXISTS m -> 0 | SET k ab | SETRANGE k 9 \"\" -> 2 | GET k -> \"ab\"");
        propagates("SET k ab | SETRANGE k 0 \"\" -> nothing | SETRANGE k 0 x -> SETRANGE k 0 x");
        notifies("SETRANGE k 0 \"\" -> nothing | SETRANGE k 0 x -> new k, setrange k");
    }

    #[test]
    fn refuses_bad_offsets() {
        check(
            "SETRANGE k -1 a -> ERR offset is out of range | SETRANGE k -1 \"\" -> ERR offset is out of range
            SETRANGE k x a -> ERR value is not an integer or out of range
            SETRANGE k 536870912 a -> ERR string exceeds maximum allowed size (proto-max-bulk-len)
            SETRANGE k 9223372036854775807 a -> ERR string exceeds maximum allowed size (proto-max-bulk-len)
            SETRANGE k 536870912 \"\" -> 0 | EXISTS k -> 0",
        );
    }
}
