//! A request: to its command, through the gates, to the call or into the queue of a transaction.

use super::{call, gates, room, tell};
use crate::client::card::{ClientKind, flag};
use crate::client::session::{ReplyMode, Session, WaitEnd};
use crate::command::flags::Flags;
use crate::command::index::Indexed;
use crate::command::{Stop, WaitOn, until_nul};
use crate::engine::{Engine, Node};
use resp::reply::Reply;
use resp::request::Request;
use std::sync::atomic::Ordering::Relaxed;

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// It was answered.
    Done,
    /// It waits: [`resume`] is called with the same request.
    Wait(WaitOn),
}

/// A request whose command and first key were looked up ahead, so that memory could be fetched meanwhile.
#[derive(Clone, Copy, Default)]
pub struct Prepared {
    /// The command, if it is known and no container.
    pub command: Option<&'static Indexed>,
    /// The hash of the first key.
    pub key_hash: Option<u64>,
}

/// Looks a request up ahead and asks for the bucket of its first key.
#[inline]
pub fn prepare(node: &Node, session: &Session, request: Request<'_>) -> Prepared {
    let Some(command) = node.engine.table.find(request.word(0)) else { return Prepared::default() };
    if command.first_key == 0 || command.first_key >= request.len() {
        return Prepared { command: command.subcommands.is_empty().then_some(command), key_hash: None };
    }
    let hash = node.keyspace.hash(request.word(command.first_key));
    node.keyspace.prefetch_bucket(session.database, hash);
    Prepared { command: Some(command), key_hash: Some(hash) }
}

/// Runs one request of a client; the reply is appended to `out`.
#[inline]
pub fn dispatch(node: &mut Node, session: &mut Session, request: Request<'_>, out: &mut Vec<u8>) -> Flow {
    dispatch_prepared(node, session, request, Prepared::default(), out)
}

/// Runs a request that was looked up ahead.
#[inline]
pub fn dispatch_prepared(
    node: &mut Node,
    session: &mut Session,
    request: Request<'_>,
    prepared: Prepared,
    out: &mut Vec<u8>,
) -> Flow {
    if !node.engine.notify.inboxes.are_empty() && session.wait_end.is_none() {
        // What came before this request's reply stands before it. One that runs again may have to wait on, without a reply.
        node.engine.notify.inboxes.collect(&session.card, out);
    }
    let mark = out.len();
    let flow = execute(node, session, request, prepared, out);
    if let Flow::Wait(on) = flow {
        session.waits_on = Some(on);
    }
    if session.reply_mode != ReplyMode::On && flow == Flow::Done {
        withhold(session, out, mark);
    }
    if node.engine.notify.is_busy() {
        tell::end_request(node, session, out);
    }
    flow
}

/// Runs a request again that waited.
pub fn resume(
    node: &mut Node,
    session: &mut Session,
    request: Request<'_>,
    why: WaitEnd,
    out: &mut Vec<u8>,
) -> Flow {
    session.wait_end = Some(why);
    node.engine.stop_timing();
    let flow = dispatch(node, session, request, out);
    node.engine.stop_timing();
    session.wait_end = None;
    if flow == Flow::Done {
        session.waits_on = None;
    }
    flow
}

/// Takes back a reply that the client does not want.
pub(super) fn withhold(session: &mut Session, out: &mut Vec<u8>, mark: usize) {
    let mark = if std::mem::take(&mut session.reply_is_due) { out.len() } else { mark };
    match session.reply_mode {
        ReplyMode::On => {}
        ReplyMode::Off => out.truncate(mark),
        ReplyMode::SkipNext => {
            out.truncate(mark);
            session.reply_mode = ReplyMode::Skip;
        }
        ReplyMode::Skip => {
            out.truncate(mark);
            session.reply_mode = ReplyMode::On;
        }
    }
}

#[inline]
fn execute(
    node: &mut Node,
    session: &mut Session,
    request: Request<'_>,
    prepared: Prepared,
    out: &mut Vec<u8>,
) -> Flow {
    let found = match prepared.command {
        Some(command) => right_words(command, request),
        None => find(&node.engine, request),
    };
    let command = match found {
        Ok(command) => command,
        Err(stop) => return unknown(node, session, request, &stop, out),
    };
    session.card.last_command.store(command.id.0, Relaxed);
    if node.engine.config.memory.maxmemory != 0 {
        room::make_room(node);
    }
    if let Err(stop) = gates::check(&node.engine, session, command) {
        if let Stop::Wait(on) = stop {
            return Flow::Wait(on);
        }
        node.engine.stats.by_command[usize::from(command.id.0)].rejected += 1;
        if command.command.spec.flags.has(Flags::RUNS_QUEUE) {
            return abort(node, session, &stop, out);
        }
        return refuse(&mut node.engine, session, &stop, out);
    }
    let flags = gates::flags_to_run(session, command);
    let is_queued = session.transaction.is_some() && !flags.has(Flags::RUNS_IN_MULTI);
    if is_queued && flags.has(Flags::NO_MULTI) {
        let stop = Stop::error("ERR Command not allowed inside a transaction");
        return refuse(&mut node.engine, session, &stop, out);
    }
    if node.engine.health.pauses.in_force().is_some() && is_paused(&node.engine, session, flags) {
        return Flow::Wait(WaitOn::PauseEnd);
    }
    if is_queued {
        return queue(session, command, request, out);
    }
    match call::call_unit(node, session, command, request, prepared.key_hash, out) {
        Some(wait) => Flow::Wait(wait),
        None => Flow::Done,
    }
}

/// The command (or subcommand) that a request names, if the number of its words is right.
#[inline]
pub fn find(engine: &Engine, request: Request<'_>) -> Result<&'static Indexed, Stop> {
    let table = engine.table;
    let mut command = table.find(request.word(0)).ok_or_else(|| unknown_command(request))?;
    if !command.subcommands.is_empty() && request.len() > 1 {
        command = table
            .find_subcommand(command, request.word(1))
            .ok_or_else(|| unknown_subcommand(command, request))?;
    }
    right_words(command, request)
}

#[inline]
fn right_words(command: &'static Indexed, request: Request<'_>) -> Result<&'static Indexed, Stop> {
    if command.command.spec.arity.allows(request.len()) {
        return Ok(command);
    }
    Err(Stop::from(format!("ERR wrong number of arguments for '{}' command", command.full_name)))
}

fn unknown_command(request: Request<'_>) -> Stop {
    let mut text = Vec::new();
    for word in request.words().skip(1) {
        if text.len() >= 128 {
            break;
        }
        let room = 128 - text.len();
        text.push(b'\'');
        text.extend_from_slice(until_nul(&word[..word.len().min(room)]));
        text.extend_from_slice(b"' ");
    }
    let name = request.word(0);
    let quoted = [until_nul(&name[..name.len().min(128)]), b"', with args beginning with: ", &text].concat();
    Stop::quoting("ERR unknown command '", &quoted, "")
}

fn unknown_subcommand(container: &Indexed, request: Request<'_>) -> Stop {
    let word = request.word(1);
    let after = format!("'. Try {} HELP.", container.command.spec.name);
    Stop::quoting("ERR unknown subcommand '", &word[..word.len().min(128)], &after)
}

/// An unknown command or a wrong number of words, of which even those hear who have not said who they are. Words of
/// HTTP close the connection: a browser was tricked into it.
fn unknown(
    node: &mut Node,
    session: &mut Session,
    request: Request<'_>,
    stop: &Stop,
    out: &mut Vec<u8>,
) -> Flow {
    let name = request.word(0);
    count_rejected(&mut node.engine, request);
    if name.eq_ignore_ascii_case(b"POST") || name.eq_ignore_ascii_case(b"host:") {
        stdx::logging::warning!(
            "Possible SECURITY ATTACK detected. It looks like somebody is sending POST or Host: commands to Redis. This \
             is likely due to an attacker attempting to use Cross Protocol Scripting to compromise your Redis instance. \
             Connection from {} aborted.",
            session.card.address
        );
        session.close_after_reply();
        return Flow::Done;
    }
    let runs_queue = |command: &Indexed| command.command.spec.flags.has(Flags::RUNS_QUEUE);
    if node.engine.table.find(name).is_some_and(runs_queue) {
        return abort(node, session, stop, out);
    }
    refuse(&mut node.engine, session, stop, out)
}

/// EXEC is refused itself: the transaction is over.
fn abort(node: &mut Node, session: &mut Session, stop: &Stop, out: &mut Vec<u8>) -> Flow {
    session.set_transaction(None);
    node.forget_watched(session);
    let Stop::Error(text) = stop else { return Flow::Done };
    let reason = text.strip_prefix(b"ERR ").unwrap_or(text);
    let stop = Stop::quoting("EXECABORT Transaction discarded because of: ", reason, "");
    refuse(&mut node.engine, session, &stop, out)
}

/// A known command with a wrong number of words counts as rejected.
fn count_rejected(engine: &mut Engine, request: Request<'_>) {
    let Some(command) = engine.table.find(request.word(0)) else { return };
    let command = engine.table.find_subcommand(command, request.word(1)).unwrap_or(command);
    engine.stats.by_command[usize::from(command.id.0)].rejected += 1;
}

fn refuse(engine: &mut Engine, session: &mut Session, stop: &Stop, out: &mut Vec<u8>) -> Flow {
    if let Some(transaction) = &mut session.transaction {
        transaction.is_broken = true;
    }
    if let Stop::Error(text) = stop {
        Reply::new(out, session.version).error_bytes(text);
        engine.stats.count_error(text);
    }
    Flow::Done
}

fn queue(session: &mut Session, command: &'static Indexed, request: Request<'_>, out: &mut Vec<u8>) -> Flow {
    if let Some(transaction) = &mut session.transaction {
        transaction.push(command, request);
        let queued = transaction.queue.len() as u32 + 1;
        session.card.queued_plus_one.store(queued, Relaxed);
        session.card.queue_bytes.fetch_add(transaction.last_bytes() as u64, Relaxed);
    }
    Reply::new(out, session.version).simple("QUEUED");
    Flow::Done
}

fn is_paused(engine: &Engine, session: &Session, flags: Flags) -> bool {
    let Some(pause) = engine.health.pauses.in_force() else { return false };
    if session.is_history() || engine.clock.monotonic_ms >= pause.until_ms {
        return false;
    }
    let waits =
        pause.all || flags.has_any(Flags::WRITE.and(Flags::MAY_REPLICATE)) || session.card.has(flag::PAUSED);
    waits && session.kind != ClientKind::Replica
}
