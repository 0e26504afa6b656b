//! MEMORY PURGE and MALLOC-STATS: what is asked of the allocator.

use super::MEMORY;
use crate::prelude::*;

pub(super) const PURGE: Command = Command {
    run: purge,
    subcommands: &[],
    spec: Spec {
        name: "PURGE",
        summary: "Gives memory that nothing uses back to the system.",
        complexity: "Grows with the memory that the allocator holds: may be slow.",
        tips: &["request_policy:all_shards", "response_policy:all_succeeded"],
        ..MEMORY
    },
};

pub(super) const MALLOC_STATS: Command = Command {
    run: malloc_stats,
    subcommands: &[],
    spec: Spec {
        name: "MALLOC-STATS",
        summary: "Returns the allocator's own report.",
        complexity: "Grows with the memory that the allocator holds: may be slow.",
        ..MEMORY
    },
};

fn purge(ctx: &mut Context<'_>, _: Args<'_>) -> Result<(), Stop> {
    (ctx.engine.process.purge_memory)();
    ctx.reply.ok();
    Ok(())
}

fn malloc_stats(ctx: &mut Context<'_>, _: Args<'_>) -> Result<(), Stop> {
    let report = (ctx.engine.process.allocator_report)();
    ctx.reply.verbatim("txt", report.as_bytes());
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{Bench, check_on};

    #[test]
    fn ask_the_process() {
        let mut bench = Bench::new();
        bench.node.engine.process.allocator_report = || "pages".to_owned();
        bench.node.engine.process.purge_memory = || {
            stdx::logging::debug!("purged");
        };
        check_on(&mut bench, "MEMORY PURGE -> OK | RESP3 | MEMORY MALLOC-STATS -> txt:\"pages\"");
    }
}
