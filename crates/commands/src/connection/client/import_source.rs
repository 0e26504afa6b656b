//! CLIENT IMPORT-SOURCE: the connection brings data from another server. A command of Valkey, which asks for its
//! `import-mode`; there is no such mode here.

use crate::prelude::*;

pub(super) const COMMAND: Command = Command {
    run: import_source,
    spec: Spec {
        name: "IMPORT-SOURCE",
        summary: "Marks a connection that brings data, in import mode.",
        since: "8.1.0",
        group: Group::Connection,
        arity: Arity::Exactly(3),
        flags: NOSCRIPT.and(LOADING).and(STALE),
        args: &[Arg::one_of("enabled", &[Arg::token("on", "ON"), Arg::token("off", "OFF")])],
        ..Spec::NEW
    },
    subcommands: &[],
};

fn import_source(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    if !args.keyword("OFF") {
        return Err(Stop::error("ERR Server is not in import mode"));
    }
    ctx.reply.ok();
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn there_is_no_import_mode() {
        check(
            "CLIENT IMPORT-SOURCE OFF -> OK | CLIENT IMPORT-SOURCE ON -> ERR Server is not in import mode
             CLIENT IMPORT-SOURCE x -> ERR Server is not in import mode",
        );
    }
}
