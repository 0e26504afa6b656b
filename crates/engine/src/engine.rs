//! The subsystems put together: fields and no logic.

use crate::acl::Acl;
use crate::blocking::Blocking;
use crate::client::card::ClientId;
use crate::client::kept_room::ReviewRules;
use crate::client::registry::Registry;
use crate::client::session::Session;
use crate::client::watch::Watches;
use crate::command::index::{CommandId, Table};
use crate::config::Config;
use crate::config::kind::EventClasses;
use crate::config::options::AppendFsync;
use crate::facts::health::Health;
use crate::facts::memory::MemoryLimit;
use crate::facts::migrations::Migrations;
use crate::facts::process::Process;
use crate::facts::replication::ReplicationFacts;
use crate::facts::replication_events::{Cause, EventId, Side, What};
use crate::facts::requests::Asked;
use crate::lazy_free::LazyFree;
use crate::notify::Notify;
use crate::notify::tracking::Post;
use crate::observability::command_log::CommandLogs;
use crate::observability::latency_events::{LatencyEvents, Spike};
use crate::observability::stats::Stats;
use crate::propagation::Propagation;
use keyspace::{Class, ExpiryMode, Keyspace, View};
use log::Offset;
use log::commit::Commit;
use stdx::clock::Ticks;

/// The clocks as read at the beginning of the turn.
#[derive(Clone, Copy, Debug, Default)]
pub struct TurnClock {
    /// Milliseconds since 1970.
    pub wall_ms: i64,
    /// Milliseconds that only grow.
    pub monotonic_ms: u64,
}

impl TurnClock {
    /// Reads the clocks.
    pub fn read() -> TurnClock {
        TurnClock { wall_ms: stdx::clock::wall_ms(), monotonic_ms: stdx::clock::monotonic_us() / 1000 }
    }
}

/// Everything but the data.
pub struct Engine {
    /// All commands.
    pub table: &'static Table,
    /// The configuration.
    pub config: Config,
    /// Users.
    pub acl: Acl,
    /// Clients of all workers.
    pub clients: Registry,
    /// Keys that clients watch.
    pub watches: Watches,
    /// Clients that wait for keys.
    pub blocking: Blocking,
    /// The door to the log.
    pub propagation: Propagation,
    /// What is durable, and acknowledged by whom.
    pub commit: Commit,
    /// Loading, saving, paused.
    pub health: Health,
    /// The limit of memory.
    pub memory: MemoryLimit,
    /// Whom we follow and who follows us.
    pub replication: ReplicationFacts,
    /// Keys on their way to other servers.
    pub migrations: Migrations,
    /// The process.
    pub process: Process,
    /// What commands asked of the process.
    pub requests: Vec<Asked>,
    /// Counters.
    pub stats: Stats,
    /// Requests that took long or were large.
    pub command_logs: CommandLogs,
    /// What took long, by event.
    pub latency_events: LatencyEvents,
    /// The time of this turn.
    pub clock: TurnClock,
    /// The clock that times commands.
    pub ticks: Ticks,
    /// The command that ran last and since when, in ticks, the time is the next one's; or, if runs are not timed one by one,
    /// the command whose time is running and since when.
    timed: Option<(CommandId, u64)>,
    /// Switches of DEBUG.
    pub debug: DebugSwitches,
    /// The log's end when replicas were last fed.
    pub fed_up_to: Offset,
    /// What is freed on another thread.
    pub lazy_free: LazyFree,
    /// Subscribers, clients that keep copies of keys, monitors.
    pub notify: Notify,
}

impl Engine {
    /// Tells a client's worker to close it. From now on nothing is for it any more: a message to its channels does not count it.
    pub fn close_client(&mut self, id: ClientId) {
        if let Some(card) = self.clients.find(id) {
            self.notify.pubsub.leave(card);
        }
        self.clients.close(id);
    }

    /// Whether replies to writes wait until the write is on disk.
    #[inline]
    pub fn fences_writes(&self) -> bool {
        self.config.append_only.appendfsync == AppendFsync::Always
            && self.propagation.has_file()
            && !self.health.append_only.is_fsync_suspended
    }

    /// Whether each run of a command is timed by itself. Otherwise runs of the same command are timed as one: the clock is
    /// read where the command changes.
    #[inline]
    fn times_each_run(&self) -> bool {
        let options = &self.config.statistics;
        options.latency_tracking
            || options.slowlog_log_slower_than >= 0
            || options.latency_monitor_threshold > 0
    }

    /// The time from now on is this command's. Returns since when it is, in ticks, for [`Engine::end_timing`].
    #[inline]
    pub fn start_timing(&mut self, command: CommandId) -> u64 {
        if self.times_each_run() {
            // What has passed since the end of the last command belongs to this one: one reading of the clock for each.
            return self.timed.map_or_else(|| self.ticks.now(), |(_, since)| since);
        }
        if self.timed.is_none_or(|(timed, _)| timed != command) {
            let now = self.ticks.now();
            self.settle_time(now);
            self.timed = Some((command, now));
        }
        0
    }

    /// A command that was timed since then has ended. Returns how long it took in nanoseconds, 0 if it was not timed by
    /// itself.
    #[inline]
    pub fn end_timing(&mut self, command: CommandId, since: u64) -> u64 {
        if since == 0 || !self.times_each_run() {
            return 0;
        }
        let now = self.ticks.now();
        let spent = now.wrapping_sub(since);
        self.stats.by_command[usize::from(command.0)].ticks += spent;
        self.timed = Some((command, now));
        self.ticks.ticks_to_ns(spent)
    }

    /// The time from now on is no command's.
    #[inline]
    pub fn stop_timing(&mut self) {
        if self.timed.is_some() && !self.times_each_run() {
            let now = self.ticks.now();
            self.settle_time(now);
        }
        self.timed = None;
    }

    fn settle_time(&mut self, now: u64) {
        if let Some((command, since)) = self.timed {
            self.stats.by_command[usize::from(command.0)].ticks += now.wrapping_sub(since);
        }
    }

    /// Something took so long, in microseconds: the latency monitor remembers it if that is long enough.
    pub fn note_latency(&mut self, event: &'static str, us: u64) {
        let (ms, threshold_ms) = (us / 1000, self.config.statistics.latency_monitor_threshold);
        if threshold_ms > 0 && ms >= threshold_ms {
            self.latency_events.add(event, Spike { time_s: self.clock.wall_ms / 1000, ms });
        }
    }

    /// Keeps what happened to a link of replication, with its cause and what was seen of it.
    pub fn note_link(
        &mut self,
        link: (Side, &str),
        what: What,
        cause: Cause,
        evidence: impl std::fmt::Display,
    ) -> EventId {
        self.replication.events.record(stdx::clock::wall_ms(), link, what, cause, evidence)
    }

    /// Takes up what the log's writer says of itself: how far the disk is, and whether it takes writes. Cheap: every turn.
    #[inline]
    pub fn hear_disk(&mut self) {
        let Some(disk) = self.propagation.disk() else { return };
        self.commit.set_durable(disk.durable());
        let slowest = (self.config.statistics.latency_monitor_threshold > 0).then(|| disk.take_slowest());
        let failure = disk.failure();
        if failure != self.health.append_only.write_error {
            self.note_disk_failure(failure);
        }
        if let Some(slowest) = slowest {
            self.note_latency("aof-write", slowest.write_ms * 1000);
            self.note_latency("aof-fsync-always", slowest.sync_ms * 1000);
        }
    }

    /// The keyspace events that are published; none while nobody subscribes to anything.
    pub fn published_events(&self) -> EventClasses {
        let wanted = self.config.notifications.notify_keyspace_events;
        if wanted.is_active() && self.notify.pubsub.has_listeners() {
            wanted
        } else {
            EventClasses::default()
        }
    }

    /// Whether somebody wants to know which keys are changed, and which reads find nothing.
    pub fn interest(&self) -> (bool, bool) {
        let published = self.published_events();
        let is_heard = published.is_active();
        let is_waited_for = !self.watches.is_empty() || !self.blocking.is_empty();
        let in_changes = is_heard || is_waited_for || !self.notify.tracking.is_empty();
        (in_changes, published.has(Class::KeyMiss))
    }

    /// All keys are gone or are others now: those who keep copies are told, `current` behind its reply.
    pub fn invalidate_all_copies(&mut self, current: Option<ClientId>) {
        let Engine { notify, clients, .. } = self;
        let mut post = Post { inboxes: &mut notify.inboxes, clients, current };
        notify.tracking.invalidate_all(&mut post);
    }

    /// What happened in a turn is on its way to whom it concerns: `except` is the worker that ends its turn, and delivers
    /// to its own clients itself.
    pub fn tell_of_turn(&mut self, except: Option<u16>) {
        let Engine { notify, clients, .. } = self;
        if !notify.tracking.is_empty() {
            let mut post = Post { inboxes: &mut notify.inboxes, clients, current: None };
            notify.tracking.tell_broadcasts(&mut post);
        }
        if !notify.inboxes.are_empty() {
            notify.inboxes.wake_workers(except, clients);
        }
    }

    #[cold]
    fn note_disk_failure(&mut self, failure: Option<String>) {
        match &failure {
            Some(reason) => stdx::logging::warning!("Error writing to the AOF file: {reason}"),
            None => stdx::logging::warning!("AOF write error looks solved, Redis can write again."),
        }
        self.health.append_only.write_error = failure;
    }
}

/// Switches that DEBUG sets.
#[derive(Clone, Copy, Debug)]
pub struct DebugSwitches {
    /// SET-ACTIVE-EXPIRE.
    pub active_expire: bool,
    /// PAUSE-CRON.
    pub cron_paused: bool,
    /// SET-SKIP-CHECKSUM-VALIDATION.
    pub skip_checksums: bool,
    /// REPLYBUFFER.
    pub reply_buffers: ReviewRules,
}

/// The data and everything else: what the execution lock guards.
pub struct Node {
    /// The data.
    pub keyspace: Keyspace,
    /// Everything else.
    pub engine: Engine,
}

impl Node {
    /// Forgets what is kept for a client besides its session; its connection is gone.
    pub fn forget(&mut self, session: &mut Session) {
        self.engine.notify.forget(session);
        self.engine.blocking.remove(session.card.id);
        self.engine.migrations.forget(session.card.id);
        self.forget_watched(session);
    }

    /// The client watches nothing any more.
    pub fn forget_watched(&mut self, session: &mut Session) {
        self.engine.watches.forget(session);
        self.update_interest();
    }

    /// Lets the keyspace record what somebody wants to know, and nothing else.
    pub fn update_interest(&mut self) {
        let changes = self.keyspace.changes_mut();
        (changes.interest, changes.interest_in_misses) = self.engine.interest();
    }

    /// Puts another data set in the place of the node's, which is given back: what walks the old one ends, and those who
    /// watch keys of either are told, and those looked at who wait for keys.
    pub fn replace_data_set(&mut self, mut keyspace: Keyspace) -> Keyspace {
        let Node { keyspace: old, engine } = self;
        let now_ms = engine.clock.wall_ms;
        for database in 0..old.database_count().min(keyspace.database_count()) {
            let view = View { database, now_ms, expiry: ExpiryMode::Hide, touch: false };
            engine.blocking.touch_database(database);
            engine.watches.touch_database(database, |key| {
                old.keys(view).peek(key).is_some() || keyspace.keys(view).peek(key).is_some()
            });
        }
        engine.invalidate_all_copies(None);
        engine.replication.own_keys.clear();
        keyspace.succeed(old);
        engine.health.data_set += 1;
        std::mem::replace(old, keyspace)
    }

    /// A node without data, clients or files.
    pub fn new(config: Config, table: &'static Table) -> Node {
        let databases = config.general.databases;
        let backlog_bytes = config.replication.repl_backlog_size;
        let mut acl = Acl::default();
        acl.set_default_password(config.security.requirepass.as_bytes());
        let clock = TurnClock::read();
        let mut keyspace = Keyspace::new(databases, stdx::random::hash_seed());
        keyspace.set_limits(config.encodings.limits());
        keyspace.set_use_rule(config.memory.use_rule());
        Node {
            keyspace,
            engine: Engine {
                table,
                config,
                acl,
                clients: Registry::default(),
                watches: Watches::default(),
                blocking: Blocking::default(),
                propagation: Propagation::new(backlog_bytes),
                commit: Commit::new(),
                health: Health::default(),
                memory: MemoryLimit::default(),
                replication: ReplicationFacts::default(),
                migrations: Migrations::default(),
                process: Process::default(),
                requests: Vec::new(),
                stats: Stats::new(table.all().len()),
                command_logs: CommandLogs::default(),
                latency_events: LatencyEvents::default(),
                clock,
                ticks: Ticks::new(),
                timed: None,
                debug: DebugSwitches {
                    active_expire: true,
                    cron_paused: false,
                    skip_checksums: false,
                    reply_buffers: ReviewRules::DEFAULT,
                },
                fed_up_to: Offset::ZERO,
                lazy_free: LazyFree::default(),
                notify: Notify::default(),
            },
        }
    }
}
