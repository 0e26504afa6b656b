//! Runs a command: times it, counts it, passes on what it changed.

use super::context::{Context, PassedOn};
use super::noteworthy::{self, Measures};
use super::{serve, tell};
use crate::client::card::ClientKind;
use crate::client::session::Session;
use crate::command::args::Args;
use crate::command::index::Indexed;
use crate::command::{Stop, WaitOn};
use crate::engine::{Engine, Node};
use crate::notify::monitor::HiddenWords;
use keyspace::{ExpiryMode, Keys, Keyspace, Removal, View};
use resp::reply::Reply;
use resp::request::Request;

/// Runs `command` for a client as a unit of its own. Returns what the request has to wait for.
#[inline]
pub fn call_unit(
    node: &mut Node,
    session: &mut Session,
    command: &'static Indexed,
    request: Request<'_>,
    key_hash: Option<u64>,
    out: &mut Vec<u8>,
) -> Option<WaitOn> {
    let Node { keyspace, engine } = node;
    let reply = Reply::new(out, session.version);
    let mut keys = view(keyspace, engine, session);
    if let Some(hash) = key_hash {
        keys.remember_hash(request.word(command.first_key), hash);
    }
    let passed_on = PassedOn::AsSent;
    let hidden = HiddenWords::default();
    let mut context =
        Context { keys, reply, client: session, engine, request, passed_on, is_nested: false, hidden };
    let wait = run(&mut context, command);
    end_unit(engine, session);
    serve::serve(node);
    wait
}

/// Ends a unit: what its commands recorded goes to the log together.
#[inline]
pub fn end_unit(engine: &mut Engine, session: &mut Session) {
    if engine.propagation.has_pending() {
        session.last_write = engine.propagation.commit();
    }
}

/// Runs a queued command of a transaction inside the unit of the command that runs it.
pub fn call_nested(context: &mut Context<'_>, command: &'static Indexed, request: Request<'_>) {
    let database = context.client.database;
    let mut nested = Context {
        keys: context.keys.in_database(database),
        reply: context.reply.reborrow(),
        client: context.client,
        engine: context.engine,
        request,
        passed_on: PassedOn::AsSent,
        is_nested: true,
        hidden: HiddenWords::default(),
    };
    if run(&mut nested, command).is_some() {
        nested.reply.ok();
    }
}

fn run(context: &mut Context<'_>, command: &'static Indexed) -> Option<WaitOn> {
    let dirty = context.keys.keyspace().changes().dirty;
    let mark = context.reply.written_bytes();
    let database = context.keys.database();
    let args = Args::new(context.request, if command.parent.is_some() { 2 } else { 1 });
    let since = context.engine.start_timing(command.id);
    let outcome = (command.command.run)(context, args);
    let mut wait = None;
    let mut failed = false;
    match outcome {
        Ok(()) => {}
        Err(Stop::Error(text)) => {
            context.reply.truncate(mark);
            context.reply.error_bytes(&text);
            context.engine.stats.count_error(&text);
            failed = true;
        }
        Err(Stop::Wait(on)) => {
            context.reply.truncate(mark);
            wait = Some(on);
        }
    }
    pass_on_removals(context);
    free_deferred(context.keys.keyspace(), context.engine);
    if !context.keys.keyspace().changes().modified.is_empty() {
        let current = Some(context.client.card.id);
        tell::tell_of_changes(context.keys.keyspace(), context.engine, current);
    }
    if context.engine.notify.observes_requests() {
        tell::tell_of_request(context, command);
    }
    pass_on(context, command, database, dirty);
    let ns = context.engine.end_timing(command.id, since);
    // What the process answers is not run again.
    if wait.is_none_or(|on| on == WaitOn::Process) {
        count(context.engine, command, failed, ns);
        let request_bytes = context.request.raw().map_or(0, <[u8]>::len);
        let reply_bytes = context.reply.written_bytes().saturating_sub(mark);
        noteworthy::note(context, command, Measures { ns, request_bytes, reply_bytes });
    }
    wait
}

/// The keys that expired under the command go to the log as deletions, before the command itself.
pub(super) fn pass_on_removals(context: &mut Context<'_>) {
    let changes = context.keys.keyspace().changes();
    if !changes.removed.is_empty() || !changes.removed_fields.is_empty() {
        record_removals(context.keys.keyspace(), context.engine);
    }
}

/// Large values that are to be freed in the background.
#[inline]
pub fn free_deferred(keyspace: &mut Keyspace, engine: &Engine) {
    if keyspace.has_deferred() {
        engine.lazy_free.drop_later(keyspace.take_deferred());
    }
}

/// Records the deletion of the keys and the fields that expired or were evicted since the last call, and tells of it.
pub fn settle_removals(keyspace: &mut Keyspace, engine: &mut Engine) {
    record_removals(keyspace, engine);
    tell::tell_of_changes(keyspace, engine, None);
}

fn record_removals(keyspace: &mut Keyspace, engine: &mut Engine) {
    let lazy = &engine.config.lazy_free;
    let (lazy_expire, lazy_eviction) = (lazy.lazyfree_lazy_expire, lazy.lazyfree_lazy_eviction);
    // A replica that evicts does so for itself: its log is its primary's.
    let is_ours = !engine.replication.is_replica();
    let removed = &mut keyspace.changes_mut().removed;
    for (database, key, removal) in removed.iter() {
        let is_lazy = match removal {
            Removal::Expired => lazy_expire,
            Removal::Evicted => lazy_eviction,
        };
        if is_ours {
            let verb: &[u8] = if is_lazy { b"UNLINK" } else { b"DEL" };
            engine.propagation.record_words(database, &[verb, key]);
        }
        match removal {
            Removal::Expired => engine.watches.touch_expired(database, key),
            Removal::Evicted => engine.watches.touch(database, key),
        }
    }
    removed.clear();
    record_removed_fields(keyspace, engine);
}

/// Fields of a hash that expired together are deleted by one command.
fn record_removed_fields(keyspace: &mut Keyspace, engine: &mut Engine) {
    let removed = &mut keyspace.changes_mut().removed_fields;
    let mut fields = removed.fields().peekable();
    while let Some((database, key, name)) = fields.next() {
        let mut words: Vec<&[u8]> = vec![b"HDEL", key, name];
        while let Some((_, _, name)) = fields.next_if(|(of, other, _)| *of == database && *other == key) {
            words.push(name);
        }
        engine.propagation.record_words(database, &words);
    }
    drop(fields);
    removed.clear();
}

#[inline]
fn pass_on(context: &mut Context<'_>, command: &Indexed, database: u32, dirty: u64) {
    let changed = context.keys.keyspace().changes().dirty != dirty;
    let wanted = match context.passed_on {
        PassedOn::AsSent => changed,
        PassedOn::Always => true,
        PassedOn::Recorded => false,
    };
    if context.client.is_history() {
        return;
    }
    if context.engine.replication.is_replica() {
        if changed {
            remember_own_keys(context, command, database);
        }
    } else if wanted {
        context.engine.propagation.record(database, context.request);
    }
}

/// A client of a replica wrote: the primary will not say when those of its keys are to go that expire.
#[cold]
fn remember_own_keys(context: &mut Context<'_>, command: &Indexed, database: u32) {
    for key in tell::keys_of(command, context.request) {
        let mut keys = context.keys.in_database(database);
        if keys.peek(key).is_some_and(|entry| entry.expire_at_ms().is_some()) {
            context.engine.replication.own_keys.add(database, key);
        }
    }
}

#[inline]
fn count(engine: &mut Engine, command: &Indexed, failed: bool, ns: u64) {
    let stats = &mut engine.stats;
    stats.commands += 1;
    let own = &mut stats.by_command[usize::from(command.id.0)];
    own.calls += 1;
    own.failed += u64::from(failed);
    if ns > 0 && engine.config.statistics.latency_tracking {
        stats.latencies[usize::from(command.id.0)].get_or_insert_default().record(ns);
    }
}

/// The view of the data that a client's command gets.
#[inline]
pub fn view<'k>(keyspace: &'k mut Keyspace, engine: &Engine, session: &Session) -> Keys<'k> {
    let mode = if session.is_history() {
        ExpiryMode::Ignore
    } else if engine.replication.is_replica() || engine.health.is_paused(engine.clock.monotonic_ms) {
        ExpiryMode::Hide
    } else {
        ExpiryMode::Delete
    };
    keyspace.defer(engine.config.lazy_free.deferral());
    let touches = !session.no_touch && session.kind != ClientKind::Primary;
    let now_ms = engine.clock.wall_ms;
    keyspace.keys(View { database: session.database, now_ms, expiry: mode, touch: touches })
}
