//! The process's parts, put together; nothing runs yet.

use crate::allocator;
use crate::shared::{Letter, Mailbox, Server};
use crate::supervision::Supervisor;
use crate::system::{kernel, usage};
use engine::config::Config;
use engine::engine::{Engine, Node};
use engine::facts::process::MemoryFigures;
use engine::shared::Shared;
use persistence::Persistence;
use replication::catch_up::CatchUps;
use replication::full_sync::FullSyncs;
use replication::notes::NodeNotes;
use replication::replica::Follower;
use std::sync::Arc;

/// Puts the process's parts together.
pub fn assemble(config: Config, supervisor: Supervisor) -> Result<Arc<Server>, String> {
    let workers = config.general.io_threads as usize;
    let table = commands::table();
    // Members and fields are hashed too: whoever chooses them must not know how.
    encodings::seed::set_seed(stdx::random::hash_seed());
    let mut node = Node::new(config, table);
    fill_facts(&mut node.engine, supervisor);
    let node = Arc::new(Shared::new(node));
    let server = Arc::new_cyclic(|weak: &std::sync::Weak<Server>| {
        let copies = weak.clone();
        let report = move |finished: replication::full_sync::Finished| {
            if let Some(server) = copies.upgrade() {
                server.post(finished.worker, Letter::SnapshotSent(finished));
            }
        };
        let fed = weak.clone();
        let report_fed = move |finished: replication::catch_up::Finished| {
            if let Some(server) = fed.upgrade() {
                server.post(finished.worker, Letter::CaughtUp(finished));
            }
        };
        let persistence = Persistence::new(Arc::clone(&node));
        Server {
            full_syncs: FullSyncs::new(Arc::clone(&node), persistence.vfs(), Box::new(report)),
            notes: NodeNotes::new(persistence.vfs()),
            catch_ups: CatchUps::new(Arc::clone(&node), Box::new(report_fed)),
            follower: Follower::new(Arc::clone(&node), persistence.clone()),
            persistence,
            migration_links: Default::default(),
            mailboxes: (0..workers).map(|_| Mailbox::default()).collect(),
            signal: Default::default(),
            pending_shutdown: Shared::default(),
            listeners: Shared::default(),
            sent_bytes: Default::default(),
            supervisor,
            is_at_rest: Default::default(),
            is_over: Default::default(),
            node,
        }
    });
    Ok(server)
}

fn fill_facts(engine: &mut Engine, supervisor: Supervisor) {
    let executable = std::env::current_exe().unwrap_or_default();
    let process = &mut engine.process;
    process.executable = executable.to_string_lossy().into_owned();
    process.started_s = engine.clock.wall_ms / 1000;
    process.started_monotonic_ms = engine.clock.monotonic_ms;
    process.port = engine.config.network.port;
    process.os = kernel::os();
    process.allocator = allocator::name();
    process.supervisor = supervisor.name();
    process.memory = memory_figures;
    engine.migrations.send_now = Some(crate::migration::send_now);
    process.purge_memory = allocator::purge;
    process.allocator_report = allocator::report;
    process.thread_bytes = allocator::thread_bytes;
    let figures = process.read_figures();
    process.startup_bytes = figures.allocated_bytes;
    process.peak_bytes = figures.allocated_bytes;
    engine.health.save.last_save_s = process.started_s;
    if let Some(primary) = engine.config.replication.replicaof.clone() {
        engine.follow(&primary.host, primary.port);
    }
}

fn memory_figures() -> MemoryFigures {
    let heap = allocator::figures();
    let cpu = usage::process_cpu();
    let thread = usage::thread_cpu();
    MemoryFigures {
        allocated_bytes: heap.allocated,
        active_bytes: heap.active,
        resident_bytes: heap.resident,
        rss_bytes: usage::pages().resident_bytes,
        system_bytes: kernel::memory_bytes(),
        cpu_system_us: cpu.system_us,
        cpu_user_us: cpu.user_us,
        thread_system_us: thread.system_us,
        thread_user_us: thread.user_us,
    }
}
