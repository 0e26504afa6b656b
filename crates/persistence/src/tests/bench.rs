//! A node on a simulated disk, with the few commands that the tests need.

use crate::Persistence;
use engine::client::card::ClientKind;
use engine::client::session::Session;
use engine::command::args::Args;
use engine::command::flags::Flags;
use engine::command::index::Table;
use engine::command::spec::{Arity, Spec};
use engine::command::{Command, Stop};
use engine::config::Config;
use engine::engine::{Node, TurnClock};
use engine::execute::context::Context;
use engine::execute::dispatch;
use engine::shared::Shared;
use keyspace::{Event, ExpiryMode, NewExpiry, View};
use log::vfs::{FailingVfs, MemoryVfs, Vfs};
use resp::request::OwnedRequest;
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// Where the files of the tests are.
pub const DIR: &str = "/data";
/// Their append-only directory.
pub const LOG_DIR: &str = "/data/appendonlydir";

const fn command(name: &'static str, run: engine::command::Handler, arity: Arity, flags: Flags) -> Command {
    Command { spec: Spec { name, arity, flags, ..Spec::NEW }, run, subcommands: &[] }
}

const COMMANDS: &[Command] = &[
    command("SET", set, Arity::Exactly(3), Flags::WRITE),
    command("DEL", del, Arity::Exactly(2), Flags::WRITE),
    command("PEXPIREAT", pexpireat, Arity::Exactly(3), Flags::WRITE),
    command("SELECT", select, Arity::Exactly(2), Flags::NONE),
    command("PING", ping, Arity::AtLeast(1), Flags::NONE),
];

fn set(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let (key, value) = (args.next()?, args.next()?);
    ctx.keys.set_string(key, value, NewExpiry::Clear);
    ctx.keys.modified(key, Event::SET);
    ctx.reply.ok();
    Ok(())
}

fn del(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let key = args.next()?;
    if ctx.keys.remove(key) {
        ctx.keys.modified(key, Event::DEL);
    }
    ctx.reply.ok();
    Ok(())
}

fn pexpireat(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let (key, at_ms) = (args.next()?, args.integer()?);
    ctx.keys.set_expiry(key, Some(at_ms));
    ctx.keys.modified(key, Event::EXPIRE);
    ctx.reply.ok();
    Ok(())
}

fn select(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let number = args.integer()?;
    let number = u32::try_from(number).ok().filter(|number| *number < ctx.keys.database_count());
    ctx.client.select(number.ok_or(Stop::error("ERR DB index is out of range"))?);
    ctx.reply.ok();
    Ok(())
}

fn ping(ctx: &mut Context<'_>, _: Args<'_>) -> Result<(), Stop> {
    ctx.reply.simple("PONG");
    Ok(())
}

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| Table::new(&[&[COMMANDS]]))
}

/// Database and key to value and expiry.
pub type Data = BTreeMap<(u32, String), (String, Option<i64>)>;

/// A node with its files.
pub struct Bench {
    pub node: Arc<Shared<Node>>,
    pub persistence: Persistence,
    pub disk: MemoryVfs,
    pub vfs: Arc<FailingVfs>,
    client: Session,
}

impl Bench {
    /// A node that has loaded nothing yet.
    pub fn new(disk: MemoryVfs, configure: impl FnOnce(&mut Config)) -> Bench {
        let mut config = Config::default();
        config.snapshotting.dir = PathBuf::from(DIR);
        config.snapshotting.save.clear();
        configure(&mut config);
        disk.create_dir(Path::new(DIR)).expect("a directory");
        let node = Arc::new(Shared::new(Node::new(config, table())));
        let vfs = Arc::new(FailingVfs::new(Arc::new(disk.clone())));
        let persistence = Persistence::with_vfs(Arc::clone(&node), vfs.clone());
        Bench { node, persistence, disk, vfs, client: Session::internal(ClientKind::Normal) }
    }

    /// A node that has started on this disk with the log on.
    pub fn with_log(disk: MemoryVfs, configure: impl FnOnce(&mut Config)) -> Bench {
        let bench = Bench::new(disk, |config| {
            config.append_only.appendonly = true;
            configure(config);
        });
        bench.persistence.load().expect("loads");
        bench.persistence.open_log().expect("opens");
        bench
    }

    /// Runs a request as a client, which must not fail; the turn ends with it.
    pub fn run(&mut self, line: &str) {
        assert!(self.try_run(line), "{line}");
    }

    /// Runs a request as a client; whether it was not refused. The turn ends with it.
    pub fn try_run(&mut self, line: &str) -> bool {
        let words: Vec<&[u8]> = line.split(' ').map(str::as_bytes).collect();
        let request = OwnedRequest::new(words);
        let mut guard = self.node.lock();
        let mut reply = Vec::new();
        guard.engine.clock = TurnClock::read();
        let _ = dispatch::dispatch(&mut guard, &mut self.client, request.as_request(), &mut reply);
        guard.engine.propagation.submit();
        guard.engine.propagation.tail.trim();
        guard.engine.hear_disk();
        reply.first() != Some(&b'-')
    }

    /// Does something under the execution lock.
    pub fn with<T>(&self, work: impl FnOnce(&Persistence, &mut Node) -> T) -> T {
        let mut guard = self.node.lock();
        guard.engine.clock = TurnClock::read();
        work(&self.persistence, &mut guard)
    }

    /// Waits until something holds, which other threads bring about. The disk is listened to meanwhile.
    pub fn wait_until(&self, condition: impl Fn(&Node) -> bool) {
        loop {
            let mut guard = self.node.lock();
            guard.engine.hear_disk();
            if condition(&guard) {
                return;
            }
            drop(guard);
            std::thread::yield_now();
        }
    }

    /// Waits until no job runs.
    pub fn wait_for_jobs(&self) {
        self.wait_until(|node| {
            node.engine.health.save.job.is_none() && node.engine.health.append_only.rewrite.is_none()
        });
    }

    /// Waits until everything is on disk.
    pub fn wait_for_disk(&self) {
        self.wait_until(|node| node.engine.commit.durable() >= node.engine.propagation.end());
    }

    /// All that the node holds.
    pub fn data(&self) -> Data {
        let mut guard = self.node.lock();
        let mut data = Data::new();
        for database in 0..guard.keyspace.database_count() {
            let view = View { database, now_ms: 0, expiry: ExpiryMode::Ignore, touch: false };
            let mut cursor = 0;
            loop {
                cursor = guard.keyspace.keys(view).scan(cursor, 100, &mut |entry| {
                    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
                    let value = text(entry.string().expect("a string"));
                    data.insert((database, text(entry.key())), (value, entry.expire_at_ms()));
                });
                if cursor == 0 {
                    break;
                }
            }
        }
        data
    }

    /// Value of a key in database 0.
    pub fn value(&self, key: &str) -> Option<String> {
        self.data().get(&(0, key.to_string())).map(|(value, _)| value.clone())
    }

    /// Ends in order.
    pub fn close(self) -> MemoryVfs {
        self.with(Persistence::close_log).expect("closes");
        self.disk
    }
}

/// The names in the append-only directory, without what is only kept for replicas.
pub fn log_names(disk: &MemoryVfs) -> Vec<String> {
    let mut names = disk.list(Path::new(LOG_DIR)).unwrap_or_default();
    names.retain(|name| !name.contains(".kept"));
    names
}

/// Writes a file as somebody else would have.
pub fn write_file(disk: &MemoryVfs, path: &str, bytes: &[u8]) {
    let path = Path::new(path);
    disk.create_dir(path.parent().expect("a directory")).expect("made");
    disk.create(path).expect("created").write_all(bytes).expect("written");
}

/// Appends to a file.
pub fn append_to(disk: &MemoryVfs, path: &str, bytes: &[u8]) {
    disk.open_append(Path::new(path)).expect("there").write_all(bytes).expect("written");
}

/// The bytes of a file.
pub fn read_file(disk: &MemoryVfs, path: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    disk.open_read(Path::new(path)).expect("there").read_to_end(&mut bytes).expect("readable");
    bytes
}
