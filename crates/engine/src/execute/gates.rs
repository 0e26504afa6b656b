//! The gates: one small function for each reason to refuse a command before it runs.

use crate::client::card::ClientKind;
use crate::client::session::Session;
use crate::command::flags::Flags;
use crate::command::index::Indexed;
use crate::command::{Stop, WaitOn};
use crate::engine::Engine;
use crate::facts::health::Outcome;
use crate::facts::memory::Room;
use resp::reply::Version;

/// A reason to refuse.
type Gate = fn(&Engine, &Session, Flags) -> Result<(), Stop>;

/// The gates in the order in which Redis asks them. Between the two lists a subscriber is told that it may do little.
const GATES: &[Gate] = &[memory, disk, enough_replicas, read_only_replica];
const LAST_GATES: &[Gate] = &[stale_replica, loading, bystander];

/// May this client run this command now? Authentication is asked before everything else.
#[inline]
pub fn check(engine: &Engine, session: &Session, command: &Indexed) -> Result<(), Stop> {
    let flags = flags_to_run(session, command);
    authenticated(session, flags)?;
    if session.is_history() {
        return Ok(());
    }
    if flags.has(Flags::PROTECTED) {
        protected(engine, session, command)?;
    }
    if session.follows_redirects {
        redirect(engine, session, flags)?;
    }
    for gate in GATES {
        gate(engine, session, flags)?;
    }
    if session.is_subscriber {
        subscriber(session, command)?;
    }
    for gate in LAST_GATES {
        gate(engine, session, flags)?;
    }
    Ok(())
}

/// The flags that gates ask about: for EXEC, those of the queue too.
#[inline]
pub fn flags_to_run(session: &Session, command: &Indexed) -> Flags {
    let flags = command.command.spec.flags;
    match &session.transaction {
        Some(transaction) if flags.has(Flags::RUNS_QUEUE) => transaction.flags_to_run(flags),
        _ => flags,
    }
}

#[inline]
fn authenticated(session: &Session, flags: Flags) -> Result<(), Stop> {
    if session.is_authenticated || flags.has(Flags::NO_AUTH) {
        return Ok(());
    }
    Err(Stop::error("NOAUTH Authentication required."))
}

/// DEBUG and the like are for those whom the configuration names.
fn protected(engine: &Engine, session: &Session, command: &Indexed) -> Result<(), Stop> {
    use crate::config::options::Permission;
    let allowed = match engine.config.security.enable_debug_command {
        Permission::Nobody => false,
        Permission::Everybody => true,
        Permission::Local => session.card.is_local(),
    };
    if allowed {
        return Ok(());
    }
    let name = command.command.spec.name;
    let option = format!("enable-{}-command", name.to_ascii_lowercase());
    Err(Stop::from(format!(
        "ERR {name} command not allowed. If the {option} option is set to \"local\", you can run it from a local \
         connection, otherwise you need to set this option in the configuration file, and then restart the server."
    )))
}

/// A replica sends those who follow to its primary.
fn redirect(engine: &Engine, session: &Session, flags: Flags) -> Result<(), Stop> {
    let Some(link) = &engine.replication.primary else { return Ok(()) };
    let is_read = flags.has(Flags::READONLY) && !session.reads_anywhere;
    if is_read || flags.has_any(Flags::WRITE.and(Flags::MAY_REPLICATE)) {
        if engine.replication.hands_over() {
            // The one who is to take over would still send the client back.
            return Err(Stop::Wait(WaitOn::PauseEnd));
        }
        return Err(Stop::from(format!("REDIRECT {}:{}", link.host, link.port)));
    }
    Ok(())
}

/// Among the messages that a subscriber gets in RESP2, it could not tell replies from messages.
fn subscriber(session: &Session, command: &Indexed) -> Result<(), Stop> {
    if session.version == Version::Resp3 || command.command.spec.flags.has(Flags::RUNS_WHEN_SUBSCRIBED) {
        return Ok(());
    }
    Err(Stop::from(format!(
        "ERR Can't execute '{}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context",
        command.full_name
    )))
}

/// Replicas and monitors look on: they neither read nor change.
#[inline]
fn bystander(_: &Engine, session: &Session, flags: Flags) -> Result<(), Stop> {
    let looks_on = session.is_monitor || session.kind == ClientKind::Replica;
    if !looks_on || !flags.has_any(Flags::WRITE.and(Flags::READONLY).and(Flags::MAY_REPLICATE)) {
        return Ok(());
    }
    Err(Stop::error("ERR Replica can't interact with the keyspace"))
}

/// Without room nothing is run that needs memory, nor queued: a queue needs it too.
#[inline]
fn memory(engine: &Engine, session: &Session, flags: Flags) -> Result<(), Stop> {
    if engine.memory.room != Room::Exhausted || engine.config.memory.maxmemory == 0 {
        return Ok(());
    }
    let is_queued = session.transaction.is_some() && !flags.has(Flags::RUNS_IN_MULTI);
    if !flags.has(Flags::DENYOOM) && !is_queued {
        return Ok(());
    }
    Err(Stop::error("OOM command not allowed when used memory > 'maxmemory'."))
}

#[inline]
fn disk(engine: &Engine, session: &Session, flags: Flags) -> Result<(), Stop> {
    let health = &engine.health;
    let failed_save = health.save.last_outcome == Outcome::Failed;
    if !(failed_save || health.append_only.write_error.is_some()) || !flags.has(Flags::WRITE) {
        return Ok(());
    }
    if engine.replication.is_replica() || session.is_history() {
        return Ok(());
    }
    if failed_save
        && engine.config.snapshotting.stop_writes_on_bgsave_error
        && !engine.config.snapshotting.save.is_empty()
    {
        return Err(Stop::error(
            "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk. \
             Commands that may modify the data set are disabled, because this instance is configured to report errors \
             during writes if RDB snapshotting fails (stop-writes-on-bgsave-error option). Please check the Redis logs \
             for details about the RDB error.",
        ));
    }
    match &health.append_only.write_error {
        Some(reason) => Err(Stop::from(format!("MISCONF Errors writing to the AOF file: {reason}"))),
        None => Ok(()),
    }
}

#[inline]
fn enough_replicas(engine: &Engine, _: &Session, flags: Flags) -> Result<(), Stop> {
    let wanted = engine.config.replication.min_replicas_to_write;
    if wanted == 0 || !flags.has(Flags::WRITE) || engine.replication.is_replica() {
        return Ok(());
    }
    let max_lag_s = engine.config.replication.min_replicas_max_lag;
    if max_lag_s == 0 {
        return Ok(());
    }
    let good = engine.replication.good_replicas(engine.clock.monotonic_ms, u64::from(max_lag_s) * 1000);
    if good >= wanted as usize {
        return Ok(());
    }
    Err(Stop::error("NOREPLICAS Not enough good replicas to write."))
}

#[inline]
fn read_only_replica(engine: &Engine, _: &Session, flags: Flags) -> Result<(), Stop> {
    if !flags.has(Flags::WRITE)
        || !engine.replication.is_replica()
        || !engine.config.replication.replica_read_only
    {
        return Ok(());
    }
    Err(Stop::error("READONLY You can't write against a read only replica."))
}

#[inline]
fn stale_replica(engine: &Engine, _: &Session, flags: Flags) -> Result<(), Stop> {
    if !engine.replication.is_replica() || flags.has(Flags::STALE) {
        return Ok(());
    }
    if engine.replication.link_is_up() || engine.config.replication.replica_serve_stale_data {
        return Ok(());
    }
    Err(Stop::error("MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'."))
}

#[inline]
fn loading(engine: &Engine, _: &Session, flags: Flags) -> Result<(), Stop> {
    match &engine.health.loading {
        None => Ok(()),
        Some(loading) if loading.is_async && !flags.has(Flags::NO_ASYNC_LOADING) => Ok(()),
        Some(loading) if !loading.is_async && flags.has(Flags::LOADING) => Ok(()),
        Some(_) => Err(Stop::error("LOADING Redis is loading the dataset in memory")),
    }
}
