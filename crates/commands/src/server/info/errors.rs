//! INFO's section `Errorstats`: error replies by their code.

use engine::execute::context::Context;
use engine::observability::info::InfoWriter;

pub(super) fn write(ctx: &mut Context<'_>, info: &mut InfoWriter) {
    for (code, count) in &ctx.engine.stats.error_codes {
        info.field(&format!("errorstat_{code}"), format_args!("count={count}"));
    }
}
