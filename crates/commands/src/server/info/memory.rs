//! INFO's section `Memory`: what the data takes, what serves it, and what the allocator holds beyond that.

use super::{percent, ratio};
use engine::client::card::ClientKind;
use engine::execute::context::Context;
use engine::execute::room;
use engine::facts::process::MemoryFigures;
use engine::observability::info::InfoWriter;

/// What is not data, in bytes.
struct Overhead {
    backlog_bytes: u64,
    replicas_bytes: u64,
    clients_bytes: u64,
    /// Not counted by the limit.
    uncounted_bytes: u64,
    total_bytes: u64,
}

pub(super) fn write(ctx: &mut Context<'_>, info: &mut InfoWriter) {
    let figures = (ctx.engine.process.memory)();
    let overhead = overhead(ctx);
    used(ctx, info, &figures, &overhead);
    allocator(info, &figures);
    scripts(info);
    limit(ctx, info);
    fragmentation(info, &figures);
    buffers(ctx, info, &overhead);
}

fn overhead(ctx: &mut Context<'_>) -> Overhead {
    let tables_bytes = ctx.keys.keyspace().overhead_bytes() as u64;
    let clients = &ctx.engine.clients;
    let of_kind = |is_replica: bool| {
        let wanted = clients.cards().filter(|card| (card.kind() == ClientKind::Replica) == is_replica);
        wanted.map(|card| card.used_bytes()).sum::<u64>()
    };
    let (replicas_bytes, clients_bytes) = (of_kind(true), of_kind(false));
    let backlog_bytes = ctx.engine.propagation.tail.retained_bytes() as u64;
    let total_bytes =
        ctx.engine.process.startup_bytes + tables_bytes + replicas_bytes + clients_bytes + backlog_bytes;
    let uncounted_bytes = room::uncounted_bytes(ctx.keys.keyspace(), ctx.engine);
    Overhead { backlog_bytes, replicas_bytes, clients_bytes, uncounted_bytes, total_bytes }
}

fn used(ctx: &Context<'_>, info: &mut InfoWriter, figures: &MemoryFigures, overhead: &Overhead) {
    let process = &ctx.engine.process;
    let used_bytes = figures.allocated_bytes;
    let peak_bytes = process.peak_bytes.max(used_bytes);
    let dataset_bytes = used_bytes.saturating_sub(overhead.total_bytes);
    info.size("used_memory", used_bytes);
    info.size("used_memory_rss", figures.rss_bytes);
    info.size("used_memory_peak", peak_bytes);
    info.field("used_memory_peak_perc", percent(used_bytes, peak_bytes));
    info.field("used_memory_overhead", overhead.total_bytes);
    info.field("used_memory_startup", process.startup_bytes);
    info.field("used_memory_dataset", dataset_bytes);
    let without_startup = used_bytes.saturating_sub(process.startup_bytes);
    info.field("used_memory_dataset_perc", percent(dataset_bytes, without_startup));
}

fn allocator(info: &mut InfoWriter, figures: &MemoryFigures) {
    info.field("allocator_allocated", figures.allocated_bytes);
    info.field("allocator_active", figures.active_bytes);
    info.field("allocator_resident", figures.resident_bytes);
    info.field("allocator_muzzy", 0);
    info.size("total_system_memory", figures.system_bytes);
}

/// There are no scripts yet: they take nothing.
fn scripts(info: &mut InfoWriter) {
    for name in ["used_memory_lua", "used_memory_vm_eval"] {
        info.field(name, 0);
    }
    info.field("used_memory_lua_human", "0B");
    for name in [
        "used_memory_scripts_eval",
        "number_of_cached_scripts",
        "number_of_functions",
        "number_of_libraries",
        "used_memory_vm_functions",
    ] {
        info.field(name, 0);
    }
    info.size("used_memory_vm_total", 0);
    info.field("used_memory_functions", 0);
    info.size("used_memory_scripts", 0);
}

fn limit(ctx: &Context<'_>, info: &mut InfoWriter) {
    info.size("maxmemory", ctx.engine.config.memory.maxmemory);
    let policy = ctx.engine.config.get(&["maxmemory-policy"]).pop().map(|(_, value)| value);
    info.field("maxmemory_policy", String::from_utf8_lossy(&policy.unwrap_or_default()));
}

fn fragmentation(info: &mut InfoWriter, figures: &MemoryFigures) {
    let mut pair = |name: &str, bytes_name: &str, bytes: u64, by: u64| {
        info.field(name, ratio(bytes, by));
        info.field(bytes_name, bytes as i64 - by as i64);
    };
    let MemoryFigures { allocated_bytes, active_bytes, resident_bytes, rss_bytes, .. } = *figures;
    pair("allocator_frag_ratio", "allocator_frag_bytes", active_bytes, allocated_bytes);
    pair("allocator_rss_ratio", "allocator_rss_bytes", resident_bytes, active_bytes);
    pair("rss_overhead_ratio", "rss_overhead_bytes", rss_bytes, resident_bytes);
    pair("mem_fragmentation_ratio", "mem_fragmentation_bytes", rss_bytes, allocated_bytes);
}

fn buffers(ctx: &Context<'_>, info: &mut InfoWriter, overhead: &Overhead) {
    let engine = &*ctx.engine;
    info.field("mem_not_counted_for_evict", overhead.uncounted_bytes);
    info.field("mem_replication_backlog", overhead.backlog_bytes);
    info.field("mem_total_replication_buffers", overhead.backlog_bytes);
    info.field("mem_replica_full_sync_buffer", 0);
    info.field("mem_clients_slaves", overhead.replicas_bytes);
    info.field("mem_clients_normal", overhead.clients_bytes);
    info.field("mem_cluster_links", 0);
    info.field("mem_aof_buffer", engine.health.append_only.buffer_bytes);
    info.field("mem_allocator", &engine.process.allocator);
    info.field("mem_overhead_db_hashtable_rehashing", 0);
    info.field("active_defrag_running", 0);
    info.field("lazyfree_pending_objects", engine.lazy_free.pending());
    info.field("lazyfreed_objects", engine.lazy_free.freed());
}
