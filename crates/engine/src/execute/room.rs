//! The limit of memory: makes room before a command runs, for a bounded time, and goes on between commands.

use super::{call, serve};
use crate::engine::{Engine, Node};
use crate::facts::memory::Room;
use keyspace::{EvictionRule, Keyspace};
use stdx::clock::monotonic_us;

/// Keys that go between two looks at the clock.
const KEYS_AT_ONCE: usize = 16;
/// With figures older than this nothing is evicted, in microseconds: other threads may have freed memory.
const FRESH_US: u64 = 10_000;

/// Makes room if too much memory is used. Before every command while there is a limit: some nanoseconds when there is room.
#[inline]
pub fn make_room(node: &mut Node) {
    let used = node.engine.process.count_bytes();
    if used > node.engine.config.memory.maxmemory || node.engine.memory.room != Room::Enough {
        look_for_room(node);
    }
}

/// Goes on with what commands have left to be evicted. Between commands, while the last outcome was [`Room::Growing`].
pub fn go_on(node: &mut Node) {
    node.engine.process.count_bytes();
    look_for_room(node);
    serve::serve(node);
}

/// Lets the next turn look for room: the limit is another.
pub fn limit_changed(engine: &mut Engine) {
    engine.memory.note(Room::Growing, monotonic_us);
    engine.clients.wake(0);
}

/// Bytes that are used and do not count: what waits for replicas and for the disk, and what a snapshot has still to
/// write of keys that are gone or others now. Evicting for them would not make them fewer.
pub fn uncounted_bytes(keyspace: &Keyspace, engine: &Engine) -> u64 {
    let tail = &engine.propagation.tail;
    let backlog = tail.backlog_facts();
    let kept_bytes = if backlog.active { backlog.size_bytes } else { 0 };
    let replicas = engine.replication.replicas.iter();
    let outboxes = replicas.filter_map(|replica| engine.clients.find(replica.client));
    let outbox_bytes: u64 =
        outboxes.map(|card| card.outbox_capacity_bytes.load(std::sync::atomic::Ordering::Relaxed)).sum();
    tail.end().bytes_since(tail.start()).saturating_sub(kept_bytes)
        + outbox_bytes
        + engine.health.append_only.buffer_bytes
        + keyspace.snapshot_queue_bytes() as u64
        + engine.lazy_free.pending_bytes()
}

#[cold]
fn look_for_room(node: &mut Node) {
    let began_as = node.engine.memory.room;
    let room = if may_evict(&node.engine) { evict_what_is_too_much(node) } else { Room::Enough };
    node.engine.memory.note(room, monotonic_us);
    if room == Room::Growing && began_as != room {
        node.engine.clients.wake(0);
    }
}

/// Whether it is on us to keep to the limit, and now.
fn may_evict(engine: &Engine) -> bool {
    let memory = &engine.config.memory;
    let is_left_to_primary = engine.replication.is_replica() && memory.replica_ignore_maxmemory;
    let is_paused = engine.health.is_paused(engine.clock.monotonic_ms);
    memory.maxmemory != 0 && !is_left_to_primary && !is_paused && engine.health.loading.is_none()
}

fn evict_what_is_too_much(node: &mut Node) -> Room {
    let Node { keyspace, engine } = node;
    if !is_too_much(keyspace, engine) {
        return Room::Enough;
    }
    if engine.process.figures_age_us() > FRESH_US || engine.memory.freed_when_read != engine.lazy_free.freed()
    {
        engine.memory.freed_when_read = engine.lazy_free.freed();
        engine.process.read_figures();
        if !is_too_much(keyspace, engine) {
            return Room::Enough;
        }
    }
    let Some(rule) = engine.config.memory.eviction_rule() else { return Room::Exhausted };
    keyspace.defer(engine.config.lazy_free.deferral());
    let began_us = monotonic_us();
    let room = evict_for_a_while(keyspace, engine, rule, began_us);
    pass_on(keyspace, engine);
    engine.note_latency("eviction-cycle", monotonic_us() - began_us);
    room
}

fn is_too_much(keyspace: &Keyspace, engine: &Engine) -> bool {
    let used = engine.process.used_bytes;
    let limit = engine.config.memory.maxmemory;
    used > limit && used.saturating_sub(uncounted_bytes(keyspace, engine)) > limit
}

fn evict_for_a_while(
    keyspace: &mut Keyspace,
    engine: &mut Engine,
    rule: EvictionRule,
    began_us: u64,
) -> Room {
    let limit_us = engine.config.memory.eviction_limit_us();
    for evicted in 1.. {
        if !keyspace.evict(rule, engine.clock.wall_ms) {
            // What another thread is freeing will be room.
            return if engine.lazy_free.pending() > 0 { Room::Growing } else { Room::Exhausted };
        }
        call::free_deferred(keyspace, engine);
        engine.process.count_bytes();
        if !is_too_much(keyspace, engine) {
            return Room::Enough;
        }
        if evicted % KEYS_AT_ONCE == 0 {
            pass_on(keyspace, engine);
            if limit_us.is_some_and(|limit_us| monotonic_us() - began_us > limit_us) {
                return Room::Growing;
            }
        }
    }
    Room::Enough
}

/// The keys that went leave in the log, each for itself.
fn pass_on(keyspace: &mut Keyspace, engine: &mut Engine) {
    if !keyspace.changes().removed.is_empty() {
        call::settle_removals(keyspace, engine);
        engine.propagation.commit_unframed();
    }
}
