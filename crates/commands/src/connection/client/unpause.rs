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

/// The end of a pause that has none: a shutdown's, which no client may end.
const WITHOUT_END: u64 = u64::MAX;

fn unpause(ctx: &mut Context<'_>, _: Args<'_>) -> Result<(), Stop> {
    if ctx.engine.health.pause.take_if(|pause| pause.until_ms != WITHOUT_END).is_some() {
        ctx.engine.clients.wake_all();
    }
    ctx.reply.ok();
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{Bench, check_on};
    use engine::facts::health::Pause;

    #[test]
    fn a_shutdown_keeps_its_pause() {
        let mut bench = Bench::new();
        bench.node.engine.health.pause = Some(Pause { until_ms: u64::MAX, all: false });
        check_on(&mut bench, "CLIENT UNPAUSE -> OK | SET k v -> waits");
    }
}
