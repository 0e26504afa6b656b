//! XDEL: take entries out of a stream.

use super::id;
use crate::prelude::*;
use datatypes::stream::Stream;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: xdel,
    subcommands: &[],
    spec: Spec {
        name: "XDEL",
        summary: "Takes entries out of a stream. Returns how many there were.",
        since: "5.0.0",
        complexity: "O(1) for each entry, whatever the size of the stream.",
        group: Group::Stream,
        arity: Arity::AtLeast(3),
        flags: WRITE.and(FAST),
        keys: &[KeySpec::at(1).rw().delete()],
        args: &[Arg::key("key"), Arg::string("id").multiple()],
        ..Spec::NEW
    },
}];

fn xdel(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let key = args.next()?;
    let ids = id::parse_all(args.rest());
    // Of a key that is not there nobody looks at the identifiers.
    let Some(mut edit) = ctx.keys.stream_mut(key)? else {
        ctx.reply.integer(0);
        return Ok(());
    };
    let ids = ids?;
    let stream: &mut Stream = &mut edit;
    let deleted = ids.into_iter().filter(|id| stream.log_mut().delete(*id)).count();
    if deleted > 0 {
        edit.modified(Event::XDEL);
        edit.add_dirty(deleted as u64 - 1);
    }
    ctx.reply.integer(super::reply::number(deleted));
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{changes, check, notifies};

    #[test]
    fn takes_entries_out() {
        check(
            r#"XADD s 1 a b | XADD s 2 a b | XADD s 3 a b | XDEL s 1 9 3 -> 2 | XRANGE s - + -> [["2-0", ["a", "b"]]]
            XDEL s 2 -> 1 | XLEN s -> 0 | EXISTS s -> 1 | XDEL none x -> 0
            XDEL s x -> ERR Invalid stream ID specified as stream command argument"#,
        );
        notifies("XADD s 1 a b | XDEL s 1 -> xdel s | XDEL s 1 -> nothing");
        changes("XADD s 1 a b -> 1 | XADD s 2 a b -> 1 | XDEL s 1 2 3 -> 2");
    }
}
