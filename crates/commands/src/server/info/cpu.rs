//! INFO's section `CPU`. There are no child processes.

use engine::execute::context::Context;
use engine::observability::info::InfoWriter;

pub(super) fn write(ctx: &mut Context<'_>, info: &mut InfoWriter) {
    let figures = (ctx.engine.process.memory)();
    for (name, us) in [
        ("used_cpu_sys", figures.cpu_system_us),
        ("used_cpu_user", figures.cpu_user_us),
        ("used_cpu_sys_children", 0),
        ("used_cpu_user_children", 0),
        ("used_cpu_sys_main_thread", figures.thread_system_us),
        ("used_cpu_user_main_thread", figures.thread_user_us),
    ] {
        info.field(name, format_args!("{}.{:06}", us / 1_000_000, us % 1_000_000));
    }
}
