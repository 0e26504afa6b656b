//! What truly happened: every history with its bytes, as their writers appended them.
//!
//! An offset means the same bytes everywhere: whatever a host appends is compared with what is known of the history.

use log::{Offset, ReplicationId};
use std::collections::BTreeMap;

/// A place in a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The history.
    pub id: ReplicationId,
    /// How much of it.
    pub offset: Offset,
}

impl std::fmt::Display for Position {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", &self.id.as_str()[..8], self.offset)
    }
}

/// One history.
#[derive(Debug)]
struct Written {
    /// What it branched from, and where.
    parent: Option<Position>,
    /// Where its own bytes begin.
    begins: Offset,
    bytes: Vec<u8>,
}

impl Written {
    fn end(&self) -> Offset {
        self.begins.plus(self.bytes.len())
    }
}

/// All histories.
#[derive(Debug, Default)]
pub struct Chronicle {
    histories: BTreeMap<ReplicationId, Written>,
    /// The data's digest at places where somebody looked.
    digests: BTreeMap<Position, u64>,
}

impl Chronicle {
    /// A host is in this history: it is known from now on.
    pub fn meet(&mut self, id: ReplicationId, parent: Option<Position>, at: Offset) {
        let begins = parent.map_or(at, |parent| parent.offset);
        self.histories.entry(id).or_insert(Written { parent, begins, bytes: Vec::new() });
    }

    /// A host has appended bytes. Only whoever writes a history (`leads`) may have bytes that are not known yet.
    pub fn append(
        &mut self,
        id: ReplicationId,
        from: Offset,
        bytes: &[u8],
        leads: bool,
    ) -> Result<(), String> {
        let Some(written) = self.histories.get_mut(&id) else {
            return Err(format!("history {id} is unknown"));
        };
        if from < written.begins {
            let own =
                usize::try_from(written.begins.bytes_since(from)).unwrap_or(usize::MAX).min(bytes.len());
            let (before, after) = bytes.split_at(own);
            let (parent, begins) = (written.parent, written.begins);
            if let Some(parent) = parent {
                self.append(parent.id, from, before, false)?;
            }
            return if after.is_empty() { Ok(()) } else { self.append(id, begins, after, leads) };
        }
        let at = usize::try_from(from.bytes_since(written.begins)).unwrap_or(usize::MAX);
        let known = written.bytes.get(at..).unwrap_or_default();
        let shared = known.len().min(bytes.len());
        if known[..shared] != bytes[..shared] {
            let shown = |bytes: &[u8]| String::from_utf8_lossy(&bytes[..bytes.len().min(80)]).into_owned();
            return Err(format!(
                "at {id}:{from} stands {:?}, and somebody has {:?}",
                shown(known),
                shown(bytes)
            ));
        }
        let more = &bytes[shared..];
        if more.is_empty() {
            return Ok(());
        }
        if !leads {
            return Err(format!("nobody wrote what somebody has at {id}:{}", from.plus(shared)));
        }
        if at > written.bytes.len() {
            return Err(format!("{id} has a hole before {from}, it ends at {}", written.end()));
        }
        written.bytes.extend_from_slice(more);
        Ok(())
    }

    /// Whether data at one place hold all that was written up to another.
    pub fn includes(&self, held: Position, wanted: Position) -> bool {
        // Chains are short; a cycle would be somebody's mistake.
        self.goes_on_from(held, wanted, 10_000)
    }

    /// The same, where the second place's history is so many branches back at most and known by that name.
    pub fn names(&self, held: Position, wanted: Position, branches: usize) -> bool {
        let parent = |at: Position| self.histories.get(&at.id).and_then(|written| written.parent);
        let mut held = Some(held);
        for _ in 0..=branches {
            let Some(at) = held else { return false };
            if at.id == wanted.id {
                return wanted.offset <= at.offset;
            }
            held = parent(at).map(|up| Position { offset: up.offset.min(at.offset), ..up });
        }
        false
    }

    fn goes_on_from(&self, held: Position, wanted: Position, branches: usize) -> bool {
        let mut held = held;
        for _ in 0..=branches {
            if held.id == wanted.id {
                return wanted.offset <= held.offset;
            }
            let Some(parent) = self.histories.get(&held.id).and_then(|written| written.parent) else {
                return self.is_unwritten(wanted, held);
            };
            if self.is_unwritten(wanted, held) {
                return true;
            }
            held = Position { id: parent.id, offset: parent.offset.min(held.offset) };
        }
        false
    }

    /// A history in which nothing was written up to a place is no more than what it branched from.
    fn is_unwritten(&self, wanted: Position, held: Position) -> bool {
        let parent = self.histories.get(&wanted.id).and_then(|written| written.parent);
        parent.is_some_and(|parent| {
            parent.offset == wanted.offset && parent.id == held.id && wanted.offset <= held.offset
        })
    }

    /// The data at a place have this digest: as everywhere else at the same place.
    pub fn compare(&mut self, at: Position, digest: u64) -> Result<(), String> {
        match self.digests.insert(at, digest) {
            Some(known) if known != digest => {
                Err(format!("the data at {at} are not what they are elsewhere"))
            }
            _ => Ok(()),
        }
    }
}
