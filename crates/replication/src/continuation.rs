//! Whether the stream can go on for a replica that comes back: from memory, from the files on disk, or not, and why not.

use crate::stream_start::{Kept, StreamStart};
use engine::engine::Engine;
use engine::facts::replication_events::{Cause, Side, What};
use log::tail::ReaderId;
use log::{Offset, ReplicationId};

/// Where the stream goes on.
#[derive(Debug)]
pub enum Place {
    /// In memory, at this reader's place.
    Memory(ReaderId),
    /// In the files, until memory is reached.
    Files(StreamStart),
}

/// Why it cannot go on.
#[derive(Debug)]
pub struct Refusal {
    /// For the events.
    pub cause: Cause,
    /// What was seen.
    pub evidence: String,
    /// For the server's log.
    pub line: String,
}

/// Finds the place for a replica that asks for the byte `next` (counted from one) of the history `id`.
pub fn find(engine: &mut Engine, id: &[u8], next: Offset) -> Result<(Offset, Place), Refusal> {
    let have = Offset(next.0.saturating_sub(1));
    let shared = ReplicationId::parse(id).ok().and_then(|id| engine.propagation.history.shared_up_to(&id));
    let end = engine.propagation.end();
    match shared {
        None if have == Offset::ZERO => return Err(unknown(engine, id, Cause::FirstCopy, next)),
        None => return Err(unknown(engine, id, Cause::UnknownHistory, next)),
        Some(shared) if have > shared => {
            let ahead = have.bytes_since(shared);
            let refusal = unknown(engine, id, Cause::ReplicaAhead, next);
            let evidence = format!(
                "has {ahead} bytes of history {} behind offset {shared}, where it was left",
                text(id)
            );
            return Err(Refusal { evidence, ..refusal });
        }
        Some(_) if have > end => {
            let evidence = format!("asked for offset {next}, the end is {end}");
            return Err(Refusal { cause: Cause::ReplicaAhead, evidence, line: lack(next) });
        }
        Some(_) => {}
    }
    let place = in_memory(engine, have).or_else(|| in_files(engine, have));
    place.map(|place| (have, place)).ok_or_else(|| gone(engine, next))
}

fn in_memory(engine: &mut Engine, have: Offset) -> Option<Place> {
    let tail = &mut engine.propagation.tail;
    // While nobody reads the log, changes do not move its end.
    if tail.is_active() { tail.pin(have).map(Place::Memory) } else { None }
}

fn in_files(engine: &Engine, have: Offset) -> Option<Place> {
    let files = engine.propagation.held_files()?;
    let hold = files.hold(have);
    let is_held = files.range().is_some_and(|range| *range.start() <= have);
    is_held.then(|| Place::Files(StreamStart { from: have, kept: Kept::in_files(files, hold) }))
}

/// The history is none of ours, or we left it before that offset: the same to who reads the server's log.
fn unknown(engine: &Engine, id: &[u8], cause: Cause, next: Offset) -> Refusal {
    let history = &engine.propagation.history;
    let (second, shown) = (history.second_for_info().0, text(id));
    let line = format!(
        "Partial resynchronization not accepted: Replication ID mismatch (Replica asked for '{shown}', my replication IDs \
         are '{}' and '{second}')",
        history.id
    );
    let evidence = format!("asked for offset {next} of history {shown}; the history here is {}", history.id);
    Refusal { cause, evidence, line }
}

fn gone(engine: &Engine, next: Offset) -> Refusal {
    let propagation = &engine.propagation;
    let files = propagation.held_files().and_then(|files| files.range()).map(|range| *range.start());
    let backlog = propagation.tail.backlog_facts();
    let in_memory = backlog.active.then(|| propagation.tail.start());
    let oldest = files.into_iter().chain(in_memory).min();
    let (evidence, line) = match oldest {
        Some(oldest) => {
            let oldest = Offset(oldest.next_byte());
            let short = oldest.bytes_since(next);
            (format!("asked for byte {next}, the oldest held is {oldest}: {short} bytes short"), lack(next))
        }
        None => (
            format!("asked for byte {next}, and nothing is held"),
            format!("Unable to partial resync with replica: no backlog (Replica request was: {next})."),
        ),
    };
    Refusal { cause: Cause::BytesGone, evidence, line }
}

fn lack(next: Offset) -> String {
    format!("Unable to partial resync with replica for lack of backlog (Replica request was: {next}).")
}

fn text(id: &[u8]) -> String {
    String::from_utf8_lossy(id.get(..64).unwrap_or(id)).into_owned()
}

/// For how long a replica was away, if its last link is remembered: a part of the evidence.
pub fn absence(engine: &Engine, peer: &str) -> String {
    let is_its = |side: Side, name: &str| side == Side::Replica && name == peer;
    let mut events = engine.replication.events.iter().rev();
    let last = events.find(|event| is_its(event.side, &event.peer) && event.what == What::LinkLost);
    let away_s = last.map(|event| (stdx::clock::wall_ms() - event.last_at_ms).max(0) / 1000);
    away_s.map_or_else(String::new, |seconds| format!(", after {seconds} seconds away"))
}
