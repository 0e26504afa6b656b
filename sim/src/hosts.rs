//! Hosts: a disk that outlives processes, and what is known of the one that runs.

use crate::chronicle::Position;
use crate::disk::{Death, Disk, Mood};
use crate::network::{Parcel, Side};
use crate::process::Process;
use crate::promises::Promises;
use crate::world::{Event, World};
use engine::config::Config;
use engine::config::options::AppendFsync;
use log::vfs::{MemoryVfs, Vfs};
use log::{Offset, ReplicationId};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use stdx::random::Random;

/// Where a host's files are.
const DIR: &str = "/data";

/// A host.
pub struct Host {
    /// What is on its disk while no process runs.
    pub files: MemoryVfs,
    /// The running process.
    pub process: Option<Process>,
    /// Which process it is.
    pub life: u64,
    /// What its configuration says.
    pub config: Config,
    /// Whom its configuration tells it to follow.
    pub follows: Option<usize>,
    /// The disk's mood.
    pub mood: Mood,
    /// How long the disk takes at most, in microseconds.
    pub disk_us: u64,
    /// How far its wall clock is off, in microseconds.
    pub wall_off_us: i64,
    /// Calls to the disk have failed since it was last known to be sound.
    pub had_faults: bool,
    /// The system shows bytes that it failed to force to disk and will not write again: a later process cannot know.
    pub is_deceived: bool,
    /// What it promised.
    pub promises: Promises,
    /// Up to where its log was looked at.
    pub seen: Option<Position>,
    /// The most that it ever had of each history, in memory and on disk.
    pub reached: BTreeMap<ReplicationId, Offset>,
    /// The same on disk.
    pub forced: BTreeMap<ReplicationId, Offset>,
    /// When its next step is due, in microseconds.
    pub scheduled_us: Option<u64>,
    /// When it died last, in microseconds.
    pub died_us: u64,
    /// How it died.
    pub death: Death,
}

/// The name by which other hosts know it.
pub fn name(host: usize) -> String {
    format!("host{host}")
}

/// The number of a name.
pub fn number_of(name: &str) -> Option<usize> {
    name.strip_prefix("host")?.parse().ok()
}

impl Host {
    /// A host that was never started, with options drawn by chance.
    pub fn new(follows: Option<usize>, dice: &mut Random) -> Host {
        let files = MemoryVfs::new();
        files.create_dir(Path::new(DIR)).expect("a directory in memory");
        let mut config = Config::default();
        config.snapshotting.dir = PathBuf::from(DIR);
        config.snapshotting.save.clear();
        config.general.databases = 2;
        config.append_only.appendonly = dice.below(4) > 0;
        config.append_only.appendfsync = match dice.below(4) {
            0 | 1 => AppendFsync::Always,
            2 => AppendFsync::EverySecond,
            _ => AppendFsync::Never,
        };
        config.append_only.auto_aof_rewrite_min_size = [4 << 10, 64 << 20][dice.index(2)];
        config.append_only.aof_use_rdb_preamble = dice.below(4) > 0;
        config.append_only.aof_timestamp_enabled = dice.below(4) == 0;
        config.replication.repl_timeout = 2;
        config.replication.primary_recovery_timeout = 0;
        config.replication.repl_ping_replica_period = 1;
        config.replication.repl_diskless_sync_delay = 0;
        config.replication.repl_backlog_size = if dice.below(3) == 0 { 16 << 10 } else { 1 << 20 };
        Host {
            files,
            process: None,
            life: 0,
            config,
            follows,
            mood: Mood::default(),
            disk_us: 300,
            wall_off_us: 0,
            had_faults: false,
            is_deceived: false,
            promises: Promises::default(),
            seen: None,
            reached: BTreeMap::new(),
            forced: BTreeMap::new(),
            scheduled_us: None,
            died_us: 0,
            death: Death::Kill,
        }
    }

    /// What it is configured to do, in a few words.
    pub fn describe(&self) -> String {
        let files = &self.config.append_only;
        format!(
            "appendonly {} appendfsync {:?} backlog {}",
            files.appendonly, files.appendfsync, self.config.replication.repl_backlog_size
        )
    }
}

impl World {
    /// A host's clocks are the thread's from now on.
    pub fn set_clocks(&self, host: usize) {
        let wall_us = 1_700_000_000_000_000 + self.now_us as i64 + self.hosts[host].wall_off_us;
        stdx::simulation::set_time(self.now_us, wall_us);
    }

    /// Starts a host's process, unless one runs.
    pub fn start(&mut self, host: usize) {
        if self.hosts[host].process.is_some() {
            return;
        }
        self.set_clocks(host);
        let seed = self.dice.bits();
        let one = &mut self.hosts[host];
        one.life += 1;
        let disk = Disk::new(one.files.clone(), seed);
        let follows = one.follows.map(name);
        let now_us = self.now_us;
        match Process::start(one.config.clone(), disk.clone(), follows.as_deref(), now_us) {
            Ok(mut process) => {
                disk.set_mood(one.mood);
                let life = one.life;
                self.note(format_args!("host{host} starts, life {life}"));
                self.check_start(host, &mut process);
                self.hosts[host].process = Some(process);
                self.schedule(host);
            }
            Err(reason) => self.not_started(host, &reason),
        }
    }

    /// Files that cannot be read after the disk has failed: the operator begins with none. Otherwise they must be readable.
    fn not_started(&mut self, host: usize, reason: &str) {
        self.note(format_args!("host{host} does not start: {reason}"));
        if !self.hosts[host].had_faults {
            return self.break_promise("starts", format!("host{host} does not start: {reason}"));
        }
        let one = &mut self.hosts[host];
        one.files = MemoryVfs::new();
        one.files.create_dir(Path::new(DIR)).expect("a directory in memory");
        one.promises = Promises::default();
        one.seen = None;
        one.had_faults = false;
        self.refused_files += 1;
        self.at(self.now_us + 500_000, Event::Start(host));
    }

    /// A host's process dies.
    pub fn kill(&mut self, host: usize, death: Death) {
        if let Some(process) = self.hosts[host].process.take() {
            self.buried(host, process, death);
        }
    }

    /// What follows from a death, whoever noticed it.
    pub fn buried(&mut self, host: usize, process: Process, death: Death) {
        let (files, death) = process.disk.die(death);
        self.note(format_args!("host{host} dies: {death:?}"));
        let one = &mut self.hosts[host];
        one.files = files;
        one.had_faults |= process.disk.has_failed();
        one.is_deceived |= death == Death::Kill && process.disk.has_failed();
        one.scheduled_us = None;
        one.died_us = self.now_us;
        self.tally.deaths += 1;
        let one = &mut self.hosts[host];
        one.death = death;
        one.seen = None;
        let life = one.life;
        drop(process);
        drop(stdx::simulation::take_work());
        if death == Death::Kill {
            for (connection, side) in self.network.of(host, life) {
                self.send(connection, side.other(), Parcel::End);
            }
        }
        let later_us = self.now_us + 50_000 + self.dice.below(1_500_000);
        self.at(later_us, Event::Start(host));
    }

    /// A host is stopped in order, and started again.
    pub fn restart_in_order(&mut self, host: usize) {
        self.set_clocks(host);
        let Some(process) = self.hosts[host].process.take() else { return };
        let closed = process.persistence.shut_down(&mut process.shared.lock(), false);
        process.notes.end(&mut process.shared.lock());
        self.note(format_args!("host{host} is stopped: {closed:?}"));
        self.buried(host, process, Death::Kill);
    }

    /// A callee that is not there, or no longer: whoever sends to it hears that.
    pub fn nobody_there(&mut self, connection: u64, at: Side) {
        self.send(connection, at.other(), Parcel::End);
    }
}
