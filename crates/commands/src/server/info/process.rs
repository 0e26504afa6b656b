//! INFO's section `Server`: which program this is, where it runs and since when.

use engine::OCHRE_VERSION;
use engine::config::options::Network;
use engine::execute::context::Context;
use engine::observability::info::InfoWriter;

/// Bits of the access clock that entries keep.
const CLOCK_MASK: i64 = (1 << 24) - 1;

pub(super) fn write(ctx: &mut Context<'_>, info: &mut InfoWriter) {
    versions(&ctx.engine.config.general.redis_version, info);
    let engine = &*ctx.engine;
    let process = &engine.process;
    info.field("redis_mode", "standalone");
    info.field("os", &process.os);
    info.field("arch_bits", usize::BITS);
    info.field("monotonic_clock", "POSIX clock_gettime");
    info.field("multiplexing_api", "epoll");
    info.field("atomicvar_api", "rust");
    info.field("gcc_version", "0.0.0");
    info.field("process_id", process.id);
    info.field("process_supervised", process.supervisor);
    info.field("run_id", &process.run_id);
    info.field("tcp_port", process.port);
    info.field("server_time_usec", stdx::clock::wall_us());
    uptime(ctx, info);
    configuration(ctx, info);
}

fn versions(redis: &str, info: &mut InfoWriter) {
    info.field("redis_version", redis);
    info.field("server_name", "ochre");
    info.field("ochre_version", OCHRE_VERSION);
    info.field("redis_git_sha1", "00000000");
    info.field("redis_git_dirty", 0);
    info.field("redis_build_id", &stdx::sha::sha1_hex(OCHRE_VERSION.as_bytes())[..16]);
}

fn uptime(ctx: &Context<'_>, info: &mut InfoWriter) {
    let engine = &*ctx.engine;
    let up_s = engine.clock.monotonic_ms.saturating_sub(engine.process.started_monotonic_ms) / 1000;
    info.field("uptime_in_seconds", up_s);
    info.field("uptime_in_days", up_s / (24 * 3600));
    info.field("hz", engine.config.general.hz);
    info.field("configured_hz", engine.config.general.hz);
    info.field("lru_clock", (ctx.now_ms() / 1000) & CLOCK_MASK);
}

fn configuration(ctx: &Context<'_>, info: &mut InfoWriter) {
    let config = &ctx.engine.config;
    info.field("executable", &ctx.engine.process.executable);
    info.field("config_file", config.file_path.as_deref().unwrap_or("".as_ref()).display());
    info.flag("io_threads_active", config.general.io_threads > 1);
    listeners(&config.network, info);
}

/// What is listened on: kind, addresses, port or path.
fn listeners(network: &Network, info: &mut InfoWriter) {
    let mut number = 0;
    if network.port != 0 && !network.bind.is_empty() {
        let bind: String = network.bind.iter().map(|address| format!("bind={address},")).collect();
        info.field("listener0", format_args!("name=tcp,{bind}port={}", network.port));
        number += 1;
    }
    if !network.unixsocket.as_os_str().is_empty() {
        let path = network.unixsocket.display();
        info.field(&format!("listener{number}"), format_args!("name=unix,bind={path}"));
    }
}
