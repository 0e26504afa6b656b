//! INFO's section `Memory`: what the data takes, what serves it, and what the allocator holds beyond that.

use super::{percent, ratio};
use crate::server::memory::accounts::Accounts;
use engine::execute::context::Context;
use engine::facts::process::MemoryFigures;
use engine::observability::info::InfoWriter;

pub(super) fn write(ctx: &mut Context<'_>, info: &mut InfoWriter) {
    let accounts = Accounts::of(ctx);
    used(info, &accounts);
    allocator(info, &accounts.figures);
    scripts(info);
    limit(ctx, info);
    fragmentation(info, &accounts.figures);
    buffers(ctx, info, &accounts);
}

fn used(info: &mut InfoWriter, accounts: &Accounts) {
    let used_bytes = accounts.figures.allocated_bytes;
    info.size("used_memory", used_bytes);
    info.size("used_memory_rss", accounts.figures.rss_bytes);
    info.size("used_memory_peak", accounts.peak_bytes);
    info.field("used_memory_peak_perc", percent(used_bytes, accounts.peak_bytes));
    info.field("used_memory_overhead", accounts.overhead_bytes());
    info.field("used_memory_startup", accounts.startup_bytes);
    info.field("used_memory_dataset", accounts.data_bytes());
    info.field("used_memory_dataset_perc", percent(accounts.data_bytes(), accounts.since_startup_bytes()));
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

fn buffers(ctx: &Context<'_>, info: &mut InfoWriter, accounts: &Accounts) {
    let engine = &*ctx.engine;
    info.field("mem_not_counted_for_evict", accounts.uncounted_bytes);
    info.field("mem_replication_backlog", accounts.backlog_bytes);
    info.field("mem_total_replication_buffers", accounts.backlog_bytes);
    info.field("mem_replica_full_sync_buffer", 0);
    info.field("mem_clients_slaves", accounts.replicas_bytes);
    info.field("mem_clients_normal", accounts.clients_bytes);
    info.field("mem_cluster_links", 0);
    info.field("mem_aof_buffer", accounts.append_only_bytes);
    info.field("mem_allocator", &engine.process.allocator);
    info.field("mem_overhead_db_hashtable_rehashing", 0);
    info.field("active_defrag_running", 0);
    info.field("lazyfree_pending_objects", engine.lazy_free.pending());
    info.field("lazyfreed_objects", engine.lazy_free.freed());
}
