//! CONFIG REWRITE: write the options into the file that they came from.

use crate::prelude::*;
use stdx::logging;
pub(super) const COMMAND: Command = Command {
    run: rewrite,
    spec: Spec {
        name: "REWRITE",
        summary: "Writes the options into the configuration file.",
        since: "2.8.0",
        group: Group::Server,
        arity: Arity::Exactly(2),
        flags: ADMIN.and(NOSCRIPT).and(LOADING).and(STALE),
        ..Spec::NEW
    },
    subcommands: &[],
};

fn rewrite(ctx: &mut Context<'_>, _: Args<'_>) -> Result<(), Stop> {
    if let Err(error) = ctx.engine.config.rewrite() {
        logging::warning!("CONFIG REWRITE failed: {error}");
        return Err(Stop::from(format!("ERR {error}")));
    }
    logging::notice!("CONFIG REWRITE executed with success.");
    ctx.reply.ok();
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn needs_a_file() {
        check("CONFIG REWRITE -> ERR The server is running without a config file");
    }
}
