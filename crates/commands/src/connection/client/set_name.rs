//! CLIENT SETNAME: a name for CLIENT LIST; the empty one takes it away.

use crate::grammar::client_text::ClientText;
use crate::prelude::*;
pub(super) const COMMAND: Command = Command {
    run: set_name,
    spec: Spec {
        name: "SETNAME",
        summary: "Gives this connection a name.",
        since: "2.6.9",
        group: Group::Connection,
        arity: Arity::Exactly(3),
        flags: NOSCRIPT.and(LOADING).and(STALE),
        args: &[Arg::string("connection-name")],
        ..Spec::NEW
    },
    subcommands: &[],
};

fn set_name(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let name = ClientText::name(args.next()?)?;
    ctx.client.card.texts.lock().name = name.to_vec();
    ctx.reply.ok();
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn a_name_is_printable_or_empty() {
        check(
            "CLIENT GETNAME -> nil | CLIENT SETNAME cache -> OK | CLIENT GETNAME -> \"cache\"
             CLIENT SETNAME \"a b\" -> ERR Client names cannot contain spaces, newlines or special characters.
             CLIENT GETNAME -> \"cache\" | CLIENT SETNAME \"\" -> OK | CLIENT GETNAME -> nil",
        );
    }
}
