//! CLIENT SETINFO: which library speaks, and its version.

use crate::grammar::client_text::ClientText;
use crate::prelude::*;
pub(super) const COMMAND: Command = Command {
    run: set_info,
    spec: Spec {
        name: "SETINFO",
        summary: "Says which library uses this connection.",
        since: "7.2.0",
        group: Group::Connection,
        arity: Arity::Exactly(4),
        flags: NOSCRIPT.and(LOADING).and(STALE),
        args: &[Arg::one_of(
            "attr",
            &[Arg::string("libname").after("LIB-NAME"), Arg::string("libver").after("LIB-VER")],
        )],
        tips: &["request_policy:all_nodes", "response_policy:all_succeeded"],
        ..Spec::NEW
    },
    subcommands: &[],
};

fn set_info(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let (option, value) = (args.next()?, args.next()?);
    let is_name = option.eq_ignore_ascii_case(b"lib-name");
    if !is_name && !option.eq_ignore_ascii_case(b"lib-ver") {
        return Err(Stop::quoting("ERR Unrecognized option '", option, "'"));
    }
    let value = ClientText::checked(value).ok_or_else(|| {
        Stop::quoting("ERR ", option, " cannot contain spaces, newlines or special characters.")
    })?;
    let mut texts = ctx.client.card.texts.lock();
    if is_name {
        texts.library_name = value.to_vec();
    } else {
        texts.library_version = value.to_vec();
    }
    drop(texts);
    ctx.reply.ok();
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{Bench, check, check_on};

    #[test]
    fn library_and_version() {
        let mut bench = Bench::new();
        check_on(&mut bench, "CLIENT SETINFO lib-name ocher-rs -> OK | CLIENT SETINFO LIB-VER 1.2 -> OK");
        assert!(bench.run("CLIENT INFO").contains(" lib-name=ocher-rs lib-ver=1.2 "));
    }

    #[test]
    fn refusals() {
        check("CLIENT SETINFO colour red -> ERR Unrecognized option 'colour'");
        check(
            "CLIENT SETINFO lib-name \"a b\" -> ERR lib-name cannot contain spaces, newlines or special characters.",
        );
    }
}
