//! INFO's section `Errorstats`: error replies by their code.

use engine::execute::context::Context;
use engine::observability::info::InfoWriter;

pub(super) fn write(ctx: &mut Context<'_>, info: &mut InfoWriter) {
    for (code, count) in &ctx.engine.stats.error_codes {
        // What would look like the end of a name or of a line.
        let code = code.replace(['#', ':', '\n', '\r'], "_");
        info.field(&format!("errorstat_{code}"), format_args!("count={count}"));
    }
}
