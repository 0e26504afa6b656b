//! CONFIG RESETSTAT: count from zero again.

use crate::prelude::*;
pub(super) const COMMAND: Command = Command {
    run: reset_stat,
    spec: Spec {
        name: "RESETSTAT",
        summary: "Sets the counters of INFO back to zero.",
        since: "2.0.0",
        group: Group::Server,
        arity: Arity::Exactly(2),
        flags: ADMIN.and(NOSCRIPT).and(LOADING).and(STALE),
        ..Spec::NEW
    },
    subcommands: &[],
};

fn reset_stat(ctx: &mut Context<'_>, _: Args<'_>) -> Result<(), Stop> {
    ctx.engine.stats.reset();
    ctx.engine.lazy_free.reset();
    ctx.engine.memory.reset();
    ctx.engine.acl.denied_auth = 0;
    ctx.keys.keyspace().reset_statistics();
    ctx.reply.ok();
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{Bench, check_on};

    #[test]
    fn counts_from_zero_again() {
        let mut bench = Bench::new();
        check_on(&mut bench, "PING -> PONG | CONFIG RESETSTAT -> OK");
        assert_eq!(bench.node.engine.stats.commands, 1, "only CONFIG RESETSTAT itself is counted");
    }
}
