//! The subsystems put together: fields and no logic.

use crate::acl::Acl;
use crate::blocking::Blocking;
use crate::client::registry::Registry;
use crate::client::session::Session;
use crate::client::watch::Watches;
use crate::command::index::{CommandId, Table};
use crate::config::Config;
use crate::config::options::AppendFsync;
use crate::facts::health::Health;
use crate::facts::process::Process;
use crate::facts::replication::ReplicationFacts;
use crate::facts::requests::Asked;
use crate::lazy_free::LazyFree;
use crate::observability::stats::Stats;
use crate::propagation::Propagation;
use keyspace::Keyspace;
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
    /// Whom we follow and who follows us.
    pub replication: ReplicationFacts,
    /// The process.
    pub process: Process,
    /// What commands asked of the process.
    pub requests: Vec<Asked>,
    /// Counters.
    pub stats: Stats,
    /// The time of this turn.
    pub clock: TurnClock,
    /// The clock that times commands.
    pub ticks: Ticks,
    /// The command whose time is running, and since when in ticks.
    timed: Option<(CommandId, u64)>,
    /// Switches of DEBUG.
    pub debug: DebugSwitches,
    /// The log's end when replicas were last fed.
    pub fed_up_to: Offset,
    /// What is freed on another thread.
    pub lazy_free: LazyFree,
}

impl Engine {
    /// Whether somebody wants to know which keys are changed.
    pub fn interest(&self) -> bool {
        !self.watches.is_empty() || !self.blocking.is_empty()
    }

    /// Whether replies to writes wait until the write is on disk.
    #[inline]
    pub fn fences_writes(&self) -> bool {
        self.config.append_only.appendfsync == AppendFsync::Always
            && self.propagation.has_file()
            && !self.health.append_only.is_fsync_suspended
    }

    /// The time from now on is this command's. Runs of the same command are timed as one: the clock is read where the
    /// command changes.
    #[inline]
    pub fn time(&mut self, command: CommandId) {
        if self.timed.is_none_or(|(timed, _)| timed != command) {
            self.stop_timing();
            self.timed = Some((command, self.ticks.now()));
        }
    }

    /// The time from now on is no command's: a turn ends.
    pub fn stop_timing(&mut self) {
        if let Some((command, since)) = self.timed.take() {
            let spent = self.ticks.now().wrapping_sub(since);
            self.stats.by_command[usize::from(command.0)].ticks += spent;
        }
    }

    /// Takes up what the log's writer says of itself: how far the disk is, and whether it takes writes. Cheap: every turn.
    #[inline]
    pub fn hear_disk(&mut self) {
        let Some(disk) = self.propagation.disk() else { return };
        self.commit.set_durable(disk.durable());
        let failure = disk.failure();
        if failure != self.health.append_only.write_error {
            self.note_disk_failure(failure);
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
    /// DICT-RESIZING.
    pub resizing: bool,
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
        self.engine.watches.forget(session);
        self.engine.blocking.remove(session.card.id);
        self.update_interest();
    }

    /// Lets the keyspace record which keys are changed while somebody wants to know.
    pub fn update_interest(&mut self) {
        self.keyspace.changes_mut().interest = self.engine.interest();
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
                replication: ReplicationFacts::default(),
                process: Process::default(),
                requests: Vec::new(),
                stats: Stats::new(table.all().len()),
                clock,
                ticks: Ticks::new(),
                timed: None,
                debug: DebugSwitches {
                    active_expire: true,
                    cron_paused: false,
                    skip_checksums: false,
                    resizing: true,
                },
                fed_up_to: Offset::ZERO,
                lazy_free: LazyFree::default(),
            },
        }
    }
}
