//! CLIENT UNPAUSE: waiting clients go on.

use crate::prelude::*;
pub(super) const COMMAND: Command = Command {
    run: unpause,
    spec: Spec {
        name: "UNPAUSE",
        summary: "Ends a pause.",
        since: "6.2.0",
        complexity: "O(N) in the number of paused clients",
        group: Group::Connection,
        arity: Arity::Exactly(2),
        flags: ADMIN.and(NOSCRIPT).and(LOADING).and(STALE),
        ..Spec::NEW
    },
    subcommands: &[],
};

fn unpause(ctx: &mut Context<'_>, _: Args<'_>) -> Result<(), Stop> {
    if ctx.engine.health.pauses.end_by_command() {
        ctx.engine.clients.wake_all();
    }
    ctx.reply.ok();
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{Bench, check_on};

    #[test]
    fn a_shutdown_keeps_its_pause() {
        let mut bench = Bench::new();
        bench.node.engine.health.pauses.set_by_shutdown(true);
        check_on(&mut bench, "CLIENT UNPAUSE -> OK | SET k v -> waits");
    }
}
