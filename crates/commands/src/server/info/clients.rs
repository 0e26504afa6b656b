//! INFO's section `Clients`.

use engine::client::card::{Card, ClientKind, flag};
use engine::execute::context::Context;
use engine::observability::info::InfoWriter;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

pub(super) fn write(ctx: &mut Context<'_>, info: &mut InfoWriter) {
    let clients = &ctx.engine.clients;
    let most = |of: fn(&Card) -> u64| clients.cards().map(|card| of(card)).max().unwrap_or(0);
    let watching = |card: &&Arc<Card>| card.watched.load(Relaxed) > 0;
    let waiting = clients.cards().filter(|card| card.has(flag::BLOCKED | flag::PAUSED)).count();
    let (blocking_keys, blocking_keys_on_nokey) = ctx.engine.blocking.key_counts();
    let replicas = clients.count(ClientKind::Replica);
    info.field("connected_clients", clients.len().saturating_sub(replicas));
    info.field("cluster_connections", 0);
    info.field("maxclients", ctx.engine.config.clients.maxclients);
    info.field("client_recent_max_input_buffer", most(|card| card.query_buffer_bytes.load(Relaxed)));
    info.field("client_recent_max_output_buffer", most(|card| card.outbox_bytes.load(Relaxed)));
    info.field("blocked_clients", waiting);
    info.field("tracking_clients", 0);
    info.field("pubsub_clients", 0);
    info.field("watching_clients", clients.cards().filter(watching).count());
    info.field("clients_in_timeout_table", ctx.engine.blocking.deadline_count());
    info.field("total_watched_keys", clients.cards().map(|card| card.watched.load(Relaxed)).sum::<u32>());
    info.field("total_blocking_keys", blocking_keys);
    info.field("total_blocking_keys_on_nokey", blocking_keys_on_nokey);
}
