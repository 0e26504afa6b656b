//! INFO's section `Stats`: counters since the start or the last CONFIG RESETSTAT.

use engine::command::flags::RUNS_QUEUE;
use engine::command::index::Indexed;
use engine::execute::context::Context;
use engine::notify::pubsub::Scope;
use engine::notify::tracking::Tracking;
use engine::observability::info::InfoWriter;
use engine::observability::stats::{Rate, Stats};

pub(super) fn write(ctx: &mut Context<'_>, info: &mut InfoWriter) {
    traffic(&ctx.engine.stats, info);
    keys(ctx, info);
    let pubsub = &ctx.engine.notify.pubsub;
    info.field("pubsub_channels", pubsub.topics(Scope::Channel).len());
    info.field("pubsub_patterns", pubsub.topics(Scope::Pattern).len());
    info.field("pubsubshard_channels", pubsub.topics(Scope::Shard).len());
    info.field("latest_fork_usec", 0);
    info.field("total_forks", 0);
    info.field("migrate_cached_sockets", ctx.engine.migrations.kept_links);
    info.field("slave_expires_tracked_keys", 0);
    defragmentation(info);
    tracking(&ctx.engine.notify.tracking, info);
    replies(&ctx.engine.stats, info);
    turns(ctx, info);
    info.field("acl_access_denied_auth", ctx.engine.acl.denied_auth);
    for name in ["acl_access_denied_cmd", "acl_access_denied_key", "acl_access_denied_channel"] {
        info.field(name, 0);
    }
}

fn traffic(stats: &Stats, info: &mut InfoWriter) {
    info.field("total_connections_received", stats.connections);
    info.field("total_commands_processed", stats.commands);
    info.field("instantaneous_ops_per_sec", stats.command_rate.per_second());
    info.field("total_net_input_bytes", stats.input_bytes + stats.replication_input_bytes);
    info.field("total_net_output_bytes", stats.output_bytes + stats.replication_output_bytes);
    info.field("total_net_repl_input_bytes", stats.replication_input_bytes);
    info.field("total_net_repl_output_bytes", stats.replication_output_bytes);
    info.field("instantaneous_input_kbps", kilobytes(&stats.input_rate));
    info.field("instantaneous_output_kbps", kilobytes(&stats.output_rate));
    info.field("instantaneous_input_repl_kbps", kilobytes(&stats.replication_input_rate));
    info.field("instantaneous_output_repl_kbps", kilobytes(&stats.replication_output_rate));
    info.field("rejected_connections", stats.rejected_connections);
    info.field("sync_full", stats.sync_full);
    info.field("sync_partial_ok", stats.sync_partial_ok);
    info.field("sync_partial_err", stats.sync_partial_err);
}

fn kilobytes(rate: &Rate) -> String {
    format!("{:.2}", rate.per_second() as f64 / 1024.0)
}

fn keys(ctx: &mut Context<'_>, info: &mut InfoWriter) {
    let keys = *ctx.keys.keyspace().statistics();
    info.field("expired_subkeys", keys.expired_fields);
    info.field("expired_keys", keys.expired());
    info.field("expired_stale_perc", format_args!("{:.2}", keys.stale_fraction * 100.0));
    info.field("expired_time_cap_reached_count", keys.expiry_budget_exhausted);
    info.field("expire_cycle_cpu_milliseconds", ctx.engine.stats.expire_us / 1000);
    let (exceeded_ms, now_exceeded_ms) = ctx.engine.memory.exceeded_ms(stdx::clock::monotonic_us());
    info.field("evicted_keys", keys.evicted);
    info.field("evicted_clients", ctx.engine.stats.evicted_clients);
    info.field("evicted_scripts", 0);
    info.field("total_eviction_exceeded_time", exceeded_ms);
    info.field("current_eviction_exceeded_time", now_exceeded_ms);
    info.field("keyspace_hits", keys.hits);
    info.field("keyspace_misses", keys.misses);
}

fn tracking(tracking: &Tracking, info: &mut InfoWriter) {
    info.field("tracking_total_keys", tracking.table().len());
    info.field("tracking_total_items", tracking.table().items());
    info.field("tracking_total_prefixes", tracking.prefixes());
}

/// There is none.
fn defragmentation(info: &mut InfoWriter) {
    for name in [
        "active_defrag_hits",
        "active_defrag_misses",
        "active_defrag_key_hits",
        "active_defrag_key_misses",
        "total_active_defrag_time",
        "current_active_defrag_time",
    ] {
        info.field(name, 0);
    }
}

fn replies(stats: &Stats, info: &mut InfoWriter) {
    info.field("unexpected_error_replies", 0);
    info.field("total_error_replies", stats.errors);
    info.field("dump_payload_sanitizations", 0);
    info.field("total_reads_processed", stats.reads);
    info.field("total_writes_processed", stats.writes);
    info.field("io_threaded_reads_processed", 0);
    info.field("io_threaded_writes_processed", 0);
    info.field("client_query_buffer_limit_disconnections", stats.query_buffer_limit);
    info.field("client_output_buffer_limit_disconnections", stats.output_buffer_limit);
    info.field("reply_buffer_shrinks", stats.reply_buffer_shrinks);
    info.field("reply_buffer_expands", stats.reply_buffer_expands);
}

fn turns(ctx: &Context<'_>, info: &mut InfoWriter) {
    let stats = &ctx.engine.stats;
    // The time of a command that runs others holds theirs, which are counted themselves.
    let is_counted = |command: &&Indexed| !command.command.spec.flags.has(RUNS_QUEUE);
    let counted = ctx.engine.table.all().iter().filter(is_counted);
    let ticks = counted.map(|command| stats.by_command[usize::from(command.id.0)].ticks).sum();
    info.field("eventloop_cycles", stats.turns);
    info.field("eventloop_duration_sum", ctx.engine.ticks.ticks_to_us(stats.turn_ticks));
    info.field("eventloop_duration_cmd_sum", ctx.engine.ticks.ticks_to_us(ticks));
    let turns = stats.turn_rate.per_second();
    info.field("instantaneous_eventloop_cycles_per_sec", turns);
    let each_us = stats.turn_us_rate.per_second().checked_div(turns).unwrap_or(0);
    info.field("instantaneous_eventloop_duration_usec", each_us);
}
