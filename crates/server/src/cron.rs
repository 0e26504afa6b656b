//! What happens every so often, on worker 0 under the execution lock.

use crate::worker::Worker;
use engine::engine::{Engine, Node};
use engine::execute::{call, serve};
use keyspace::{Deferral, ExpireBudget, ExpiryMode, View};
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

/// With `dynamic-hz`, cron runs so often that no run has more clients than this to its share.
const CLIENTS_PER_RUN: u32 = 200;
/// Fields of hashes that are removed between two looks at the clock.
const FIELDS_AT_ONCE: usize = 128;
/// How long removing fields may hold up the loop, in microseconds, and how soon it goes on while more is due, with the lowest
/// effort: so many fields that expire together take a quarter of the time until they are gone.
const FIELDS_SLICE_US: u64 = 700;
const FIELDS_PAUSE: Duration = Duration::from_micros(2_100);
/// After so long without a request, and with nothing that is due, cron runs only once in a `REST_PERIOD`.
const REST_AFTER: Duration = Duration::from_secs(5);
/// How often cron runs while nothing happens.
const REST_PERIOD: Duration = Duration::from_secs(1);
/// Keys of a replica's own that are looked at in one run.
const OWN_KEYS_AT_ONCE: usize = 64;
/// How often rates are sampled, in milliseconds.
const SAMPLE_MS: u64 = 100;

/// The schedule.
pub struct Cron {
    next: Instant,
    next_fields: Instant,
    next_sample_ms: u64,
    next_second_ms: u64,
    /// Requests run in all when something happened last, and when that was.
    last_active: (u64, Instant),
}

impl Default for Cron {
    fn default() -> Self {
        let now = Instant::now();
        Cron { next: now, next_fields: now, next_sample_ms: 0, next_second_ms: 0, last_active: (0, now) }
    }
}

impl Cron {
    /// How long until the next run.
    pub fn time_left(&self) -> Duration {
        self.next.min(self.next_fields).saturating_duration_since(Instant::now())
    }

    /// Whether nothing has happened for long, and nothing is due. All workers then sleep longer.
    fn is_at_rest(&mut self, worker: &Worker, node: &Node, now: Instant) -> bool {
        let commands = node.engine.stats.commands;
        if commands != self.last_active.0 || is_busy(worker, node) {
            self.last_active = (commands, now);
        }
        let is_at_rest = now.saturating_duration_since(self.last_active.1) >= REST_AFTER;
        if worker.server.is_at_rest.load(Relaxed) != is_at_rest {
            worker.server.is_at_rest.store(is_at_rest, Relaxed);
        }
        is_at_rest
    }

    /// Runs what is due.
    pub fn run_if_due(&mut self, worker: &mut Worker, node: &mut Node) {
        let now = Instant::now();
        let mut period = Duration::from_secs(1) / turns_per_second(node);
        if self.is_at_rest(worker, node, now) {
            period = REST_PERIOD;
        } else {
            self.next = self.next.min(now + period);
            self.next_fields = self.next_fields.min(now + period);
        }
        if now >= self.next_fields {
            let is_more_due = !node.engine.debug.cron_paused && expire_fields(node);
            let effort = node.engine.config.general.active_expire_effort.max(1);
            self.next_fields = Instant::now() + if is_more_due { FIELDS_PAUSE / effort } else { period };
        }
        if now < self.next {
            return;
        }
        self.next = now + period;
        if node.engine.debug.cron_paused {
            return;
        }
        let now_ms = node.engine.clock.monotonic_ms;
        expire(node);
        expire_own(node);
        end_pause(node, now_ms);
        serve::serve(node);
        if now_ms >= self.next_sample_ms {
            self.next_sample_ms = now_ms + SAMPLE_MS;
            sample(node, now_ms);
            worker.server.persistence.cron(node);
            worker.server.full_syncs.cron(node);
        }
        if now_ms >= self.next_second_ms {
            self.next_second_ms = now_ms + 1000;
            replication::primary::cron(node);
            worker.server.notes.cron(node);
            node.engine.migrations.kept_links = worker.server.migration_links.close_idle(now_ms);
        }
        crate::shutdown::cron(worker, node);
    }
}

/// Whether something is under way, or may become due soon, without any request.
fn is_busy(worker: &Worker, node: &Node) -> bool {
    let Node { keyspace, engine } = node;
    let health = &engine.health;
    let has_job =
        health.save.job.is_some() || health.append_only.rewrite.is_some() || health.loading.is_some();
    let has_link = engine.replication.is_replica() || !engine.replication.replicas.is_empty();
    let expires = (0..keyspace.database_count()).any(|database| keyspace.expires_len(database) > 0);
    let expires = expires || keyspace.has_field_expiries();
    let is_awaited =
        engine.clients.blocked > 0 || health.pauses.in_force().is_some() || !worker.waiting.is_empty();
    has_job
        || has_link
        || expires
        || is_awaited
        || health.append_only.write_error.is_some()
        || worker.server.pending_shutdown.lock().is_some()
}

/// How often cron runs: `hz`, and with `dynamic-hz` more often when there are many clients.
fn turns_per_second(node: &Node) -> u32 {
    let general = &node.engine.config.general;
    let mut hz = general.hz.clamp(1, 500);
    let clients = node.engine.clients.len() as u32;
    while general.dynamic_hz && clients / hz > CLIENTS_PER_RUN && hz < 500 {
        hz *= 2;
    }
    hz.min(500)
}

/// Removes keys whose time has come. Only a primary decides that.
fn expire(node: &mut Node) {
    let Node { keyspace, engine } = node;
    if !may_expire(engine) {
        return;
    }
    let effort = u8::try_from(engine.config.general.active_expire_effort).unwrap_or(1);
    keyspace.defer(Deferral { removed: false, ..engine.config.lazy_free.deferral() });
    let began = stdx::clock::monotonic_us();
    let budget_us = 10_000 + 2_500 * u64::from(effort - 1);
    loop {
        let report = keyspace.expire_cycle(engine.clock.wall_ms, ExpireBudget::of_effort(effort));
        call::free_deferred(keyspace, engine);
        if !keyspace.changes().removed.is_empty() {
            call::settle_removals(keyspace, engine);
            commit_each(engine);
        }
        let spent_us = stdx::clock::monotonic_us() - began;
        if report.complete || report.stale_fraction < 0.1 || spent_us > budget_us {
            engine.stats.expire_us += spent_us;
            engine.note_latency("expire-cycle", spent_us);
            break;
        }
    }
}

/// Removes keys that clients of a replica wrote, when their time has come: for itself, no replica of its hears of it.
fn expire_own(node: &mut Node) {
    let Node { keyspace, engine } = node;
    if engine.replication.own_keys.is_empty()
        || !engine.replication.is_replica()
        || !engine.debug.active_expire
    {
        return;
    }
    let now_ms = engine.clock.wall_ms;
    for own in engine.replication.own_keys.next(OWN_KEYS_AT_ONCE) {
        let view = View { database: own.0, now_ms, expiry: ExpiryMode::Delete, touch: false };
        let expires = keyspace.keys(view).peek(&own.1).is_some_and(|entry| entry.expire_at_ms().is_some());
        if !expires {
            engine.replication.own_keys.forget(&own);
        }
    }
    call::settle_removals(keyspace, engine);
}

/// Whether it is on us to remove what has expired, and wanted.
fn may_expire(engine: &Engine) -> bool {
    let is_paused = engine.health.is_paused(engine.clock.monotonic_ms);
    let idle = engine.replication.is_replica() || !engine.debug.active_expire || is_paused;
    !idle && engine.health.loading.is_none()
}

/// Removes fields of hashes whose time has come, for a moment; true if more are left.
fn expire_fields(node: &mut Node) -> bool {
    let Node { keyspace, engine } = node;
    if !keyspace.has_field_expiries() || !may_expire(engine) {
        return false;
    }
    let began = stdx::clock::monotonic_us();
    loop {
        let removed = keyspace.expire_fields(engine.clock.wall_ms, FIELDS_AT_ONCE);
        if removed > 0 {
            call::settle_removals(keyspace, engine);
            commit_each(engine);
        }
        let spent_us = stdx::clock::monotonic_us() - began;
        if removed < FIELDS_AT_ONCE || spent_us >= FIELDS_SLICE_US {
            engine.stats.expire_us += spent_us;
            engine.note_latency("expire-cycle", spent_us);
            return removed == FIELDS_AT_ONCE;
        }
    }
}

fn commit_each(engine: &mut Engine) {
    if engine.propagation.has_pending() {
        engine.propagation.commit_unframed();
    }
}

fn end_pause(node: &mut Node, now_ms: u64) {
    if node.engine.health.pauses.end_overdue(now_ms) {
        node.engine.clients.wake_all();
    }
}

fn sample(node: &mut Node, now_ms: u64) {
    let process = &mut node.engine.process;
    let figures = process.read_figures();
    process.peak_bytes = process.peak_bytes.max(figures.allocated_bytes);
    let stats = &mut node.engine.stats;
    stats.command_rate.sample(stats.commands, now_ms);
    stats.turn_rate.sample(stats.turns, now_ms);
    stats.turn_us_rate.sample(node.engine.ticks.ticks_to_us(stats.turn_ticks), now_ms);
    stats.input_rate.sample(stats.input_bytes, now_ms);
    stats.output_rate.sample(stats.output_bytes, now_ms);
    stats.replication_input_rate.sample(stats.replication_input_bytes, now_ms);
    stats.replication_output_rate.sample(stats.replication_output_bytes, now_ms);
}
