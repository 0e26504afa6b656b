//! Options whose change has an effect outside of the configuration. All take effect, or none does.

use crate::worker::{FIRST_LISTENER, Worker};
use crate::{listen, room, system};
use engine::engine::Node;
use std::os::fd::AsRawFd;

/// An option by name, and what is done when it was changed.
type Effect = fn(&mut Worker, &mut Node) -> Result<(), String>;

const EFFECTS: &[(&[&str], Effect)] = &[
    (&["maxclients"], max_clients),
    (&["bind", "port"], rebind),
    (&["dir"], change_directory),
    (&["loglevel"], log_level),
    (&["requirepass"], password),
    (&["repl-backlog-size"], backlog_size),
    (&["appendonly"], append_only),
    (&["appendfsync"], append_fsync),
    (&["oom-score-adj", "oom-score-adj-values"], oom_score),
    (&["proc-title-template"], title),
    (&["jemalloc-bg-thread"], allocator_thread),
    (ENCODINGS, encodings),
    (&["maxmemory"], room::limit_changed),
    (&["maxmemory-policy", "lfu-log-factor", "lfu-decay-time"], noted_uses),
    (&["maxmemory-clients"], room::clients_limit_changed),
    (&["notify-keyspace-events"], events),
];

const ENCODINGS: &[&str] = &[
    "hash-max-listpack-entries",
    "hash-max-listpack-value",
    "list-max-listpack-size",
    "list-compress-depth",
    "set-max-intset-entries",
    "set-max-listpack-entries",
    "set-max-listpack-value",
    "zset-max-listpack-entries",
    "zset-max-listpack-value",
    "stream-node-max-bytes",
    "stream-node-max-entries",
];

/// Carries out what the changed options ask for. `changed` holds each with the value it had, to be put back when one fails.
pub fn apply(
    worker: &mut Worker,
    node: &mut Node,
    changed: &[(&'static str, Vec<u8>)],
) -> Result<(), String> {
    node.engine.clients.wake_all();
    for (index, (names, effect)) in EFFECTS.iter().enumerate() {
        let Some((name, _)) = changed.iter().find(|(name, _)| names.contains(name)) else { continue };
        if let Err(reason) = effect(worker, node) {
            let reason =
                if *name == "bind" { "Failed to bind to specified addresses.".to_string() } else { reason };
            put_back(worker, node, changed, index);
            return Err(format!("ERR CONFIG SET failed (possibly related to argument '{name}') - {reason}"));
        }
    }
    Ok(())
}

/// Gives the options their old values again, and their effects for those that had taken place.
fn put_back(worker: &mut Worker, node: &mut Node, changed: &[(&'static str, Vec<u8>)], done: usize) {
    let old: Vec<(&[u8], &[u8])> =
        changed.iter().map(|(name, value)| (name.as_bytes(), value.as_slice())).collect();
    if let Err(error) = node.engine.config.set(&old, engine::config::Caller::Local) {
        stdx::logging::warning!("Putting options back after a failed CONFIG SET: {error}");
    }
    for (names, effect) in &EFFECTS[..=done] {
        if changed.iter().any(|(name, _)| names.contains(name))
            && let Err(reason) = effect(worker, node)
        {
            stdx::logging::warning!("Putting {} back: {reason}", names[0]);
        }
    }
}

fn max_clients(_: &mut Worker, node: &mut Node) -> Result<(), String> {
    let wanted = node.engine.config.clients.maxclients;
    let allowed = system::limits::allow_clients(wanted).map_err(|error| error.to_string())?;
    if allowed < wanted {
        return Err(format!(
            "The operating system is not able to handle the specified number of clients, try with {allowed}"
        ));
    }
    Ok(())
}

/// Listens anew: the old sockets are closed first, since the new addresses may be the same.
fn rebind(worker: &mut Worker, node: &mut Node) -> Result<(), String> {
    let opened = {
        let mut listeners = worker.server.listeners.lock();
        listeners.clear();
        listen::open(&node.engine.config).map(|opened| *listeners = opened)
    };
    node.engine.process.port = node.engine.config.network.port;
    if worker.index == 0 {
        watch_listeners(worker);
    } else {
        worker.server.mailboxes[0].post(crate::shared::Letter::Listen);
        node.engine.clients.wake(0);
    }
    opened.map_err(|lines| {
        for line in &lines {
            stdx::logging::warning!("{line}");
        }
        "Unable to listen on this port. Check server logs.".to_string()
    })
}

/// Watches the listening sockets. The old ones left the poller when they were closed.
pub fn watch_listeners(worker: &mut Worker) {
    for (index, listener) in worker.server.listeners.lock().iter().enumerate() {
        if let Err(error) = worker.poller.add(listener.as_raw_fd(), FIRST_LISTENER + index, false) {
            stdx::logging::warning!("Watching a listening socket: {error}");
        }
    }
}

fn encodings(_: &mut Worker, node: &mut Node) -> Result<(), String> {
    node.keyspace.set_limits(node.engine.config.encodings.limits());
    Ok(())
}

fn noted_uses(_: &mut Worker, node: &mut Node) -> Result<(), String> {
    node.keyspace.set_use_rule(node.engine.config.memory.use_rule());
    Ok(())
}

fn events(_: &mut Worker, node: &mut Node) -> Result<(), String> {
    node.update_interest();
    Ok(())
}

fn change_directory(_: &mut Worker, node: &mut Node) -> Result<(), String> {
    std::env::set_current_dir(&node.engine.config.snapshotting.dir)
        .map_err(|error| net::listener::os_text(&error))
}

fn log_level(_: &mut Worker, node: &mut Node) -> Result<(), String> {
    stdx::logging::set_level(crate::startup::level(node.engine.config.logging.loglevel));
    Ok(())
}

fn password(_: &mut Worker, node: &mut Node) -> Result<(), String> {
    let engine = &mut node.engine;
    engine.acl.set_default_password(engine.config.security.requirepass.as_bytes());
    Ok(())
}

fn backlog_size(_: &mut Worker, node: &mut Node) -> Result<(), String> {
    let bytes = node.engine.config.replication.repl_backlog_size;
    node.engine.propagation.tail.set_backlog_bytes(bytes);
    Ok(())
}

fn append_only(worker: &mut Worker, node: &mut Node) -> Result<(), String> {
    let on = node.engine.config.append_only.appendonly;
    worker.server.persistence.set_append_only(node, on)
}

fn append_fsync(worker: &mut Worker, node: &mut Node) -> Result<(), String> {
    worker.server.persistence.set_fsync(node);
    Ok(())
}

fn oom_score(_: &mut Worker, node: &mut Node) -> Result<(), String> {
    crate::startup::adjust_oom_score(&node.engine).map_err(|error| {
        format!("Failed to apply new oom_score_adj configuration, check server logs. ({error})")
    })
}

fn allocator_thread(_: &mut Worker, node: &mut Node) -> Result<(), String> {
    crate::startup::run_allocator_thread(&node.engine.config);
    Ok(())
}

fn title(_: &mut Worker, node: &mut Node) -> Result<(), String> {
    crate::startup::set_title(&node.engine.config);
    Ok(())
}
