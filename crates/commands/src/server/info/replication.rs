//! INFO's section `Replication`: whom we follow, who follows us, and how far everybody is.

use engine::engine::Engine;
use engine::execute::context::Context;
use engine::facts::replication::{LinkState, PrimaryLink, ReplicaFact};
use engine::observability::info::InfoWriter;

pub(super) fn write(ctx: &mut Context<'_>, info: &mut InfoWriter) {
    let engine = &*ctx.engine;
    info.field("role", if engine.replication.is_replica() { "slave" } else { "master" });
    if let Some(link) = &engine.replication.primary {
        primary(engine, link, info);
    }
    replicas(engine, info);
    history(engine, info);
}

fn primary(engine: &Engine, link: &PrimaryLink, info: &mut InfoWriter) {
    let now_ms = engine.clock.monotonic_ms;
    let is_up = link.state == LinkState::Connected;
    let ago_s = |since_ms: u64| (now_ms.saturating_sub(since_ms) / 1000) as i64;
    let applied = engine.propagation.end().0;
    info.field("master_host", &link.host);
    info.field("master_port", link.port);
    info.field("master_link_status", if is_up { "up" } else { "down" });
    info.field("master_last_io_seconds_ago", if is_up { ago_s(link.last_io_ms) } else { -1 });
    info.flag("master_sync_in_progress", link.state == LinkState::Sync);
    info.field("slave_read_repl_offset", link.read_offset.0.max(applied));
    info.field("slave_repl_offset", applied);
    if link.state == LinkState::Sync {
        sync(link, info, ago_s(link.last_io_ms));
    }
    if let Some(refusal) = &link.refusal {
        info.field("replica_follow_state", "refused");
        info.field("replica_follow_refusal", format_args!("refused: {refusal}"));
    }
    if !is_up {
        info.field("master_link_down_since_seconds", ago_s(link.down_since_ms));
    }
    let config = &engine.config.replication;
    info.field("slave_priority", config.replica_priority);
    info.flag("slave_read_only", config.replica_read_only);
    info.flag("replica_announced", config.replica_announced);
    let is_behind = !is_up || link.read_offset.0 > applied;
    let behind_ms = if is_behind { now_ms.saturating_sub(link.last_io_ms) } else { 0 };
    info.field("master_link_lag_ms", behind_ms);
}

fn sync(link: &PrimaryLink, info: &mut InfoWriter, last_io_s: i64) {
    let (total, read) = (link.sync_total_bytes, link.sync_read_bytes);
    let share = if total == 0 { 0.0 } else { read as f64 * 100.0 / total as f64 };
    info.field("master_sync_total_bytes", total);
    info.field("master_sync_read_bytes", read);
    info.field("master_sync_left_bytes", total.saturating_sub(read));
    info.field("master_sync_perc", format_args!("{share:.2}"));
    info.field("master_sync_last_io_seconds_ago", last_io_s);
}

fn replicas(engine: &Engine, info: &mut InfoWriter) {
    let now_ms = engine.clock.monotonic_ms;
    let config = &engine.config.replication;
    info.field("connected_slaves", engine.replication.replicas.len());
    if config.min_replicas_to_write > 0 && config.min_replicas_max_lag > 0 {
        let max_lag_ms = u64::from(config.min_replicas_max_lag) * 1000;
        info.field("min_slaves_good_slaves", engine.replication.good_replicas(now_ms, max_lag_ms));
    }
    for (number, replica) in engine.replication.replicas.iter().enumerate() {
        let age_ms = engine.replication.growth.age_ms(now_ms, replica.acknowledged, engine.propagation.end());
        info.field(&format!("slave{number}"), describe(replica, now_ms, age_ms));
    }
}

fn describe(replica: &ReplicaFact, now_ms: u64, age_ms: u64) -> String {
    let ReplicaFact { address, port, acknowledged, .. } = replica;
    let state = replica.state.word();
    let lag_s = match replica.acknowledged_at_ms {
        0 => 0,
        at_ms => now_ms.saturating_sub(at_ms) / 1000,
    };
    format!("ip={address},port={port},state={state},offset={acknowledged},lag={lag_s},lag_ms={age_ms}")
}

fn history(engine: &Engine, info: &mut InfoWriter) {
    let failover = engine.replication.failover.as_ref();
    let history = &engine.propagation.history;
    let (second_id, second_offset) = history.second_for_info();
    let backlog = engine.propagation.tail.backlog_facts();
    info.field("master_failover_state", failover.map_or("no-failover", |failover| failover.phase.word()));
    info.field("master_replid", history.id);
    info.field("master_replid2", second_id);
    info.field("master_repl_offset", engine.propagation.end());
    info.field("second_repl_offset", second_offset);
    info.flag("repl_backlog_active", backlog.active);
    info.field("repl_backlog_size", backlog.size_bytes);
    info.field("repl_backlog_first_byte_offset", backlog.first_byte_offset);
    info.field("repl_backlog_histlen", backlog.held_bytes);
}
