//! XLEN: how many entries a stream has.

use crate::prelude::*;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: xlen,
    subcommands: &[],
    spec: Spec {
        name: "XLEN",
        summary: "Returns the number of entries of a stream.",
        since: "5.0.0",
        group: Group::Stream,
        arity: Arity::Exactly(2),
        flags: READONLY.and(FAST),
        keys: &[KeySpec::at(1).ro()],
        args: &[Arg::key("key")],
        ..Spec::NEW
    },
}];

fn xlen(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let len = ctx.keys.stream(args.next()?)?.map_or(0, |stream| stream.log().len());
    ctx.reply.integer(super::reply::number(len));
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn counts_entries() {
        check("XLEN s -> 0 | XADD s 1 a b | XADD s 2 a b | XDEL s 1 | XLEN s -> 1");
    }
}
