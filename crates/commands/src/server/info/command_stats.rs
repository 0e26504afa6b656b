//! INFO's section `Commandstats`: how often each command ran and how long that took.

use engine::execute::context::Context;
use engine::observability::info::InfoWriter;

pub(super) fn write(ctx: &mut Context<'_>, info: &mut InfoWriter) {
    let engine = &*ctx.engine;
    for (command, stats) in engine.table.all().iter().zip(&engine.stats.by_command) {
        if stats.calls == 0 && stats.rejected == 0 && stats.failed == 0 {
            continue;
        }
        let us = engine.ticks.ticks_to_us(stats.ticks);
        let each = if stats.calls == 0 { 0.0 } else { us as f64 / stats.calls as f64 };
        let (calls, rejected, failed) = (stats.calls, stats.rejected, stats.failed);
        info.field(
            &format!("cmdstat_{}", command.full_name),
            format_args!(
                "calls={calls},usec={us},usec_per_call={each:.2},rejected_calls={rejected},failed_calls={failed}"
            ),
        );
    }
}
