//! Which identifier a new entry gets.

use encodings::id_tree::Id;

use super::log::Log;

/// The identifier that is wanted for a new entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NewId {
    /// By the clock, but above all others.
    Clock,
    /// The next one of this millisecond.
    Millisecond(u64),
    /// This one.
    Exactly(Id),
}

/// Why an entry cannot get an identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdError {
    /// The highest of all identifiers was given.
    Exhausted,
    /// It is not above all others.
    TooSmall,
}

impl std::fmt::Display for IdError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            IdError::Exhausted => "The stream has exhausted the last possible ID, unable to add more items",
            IdError::TooSmall => {
                "The ID specified in XADD is equal or smaller than the target stream top item"
            }
        })
    }
}

impl Log {
    /// The identifier of the next entry, the clock being at so many milliseconds since 1970.
    pub fn next_id(&self, wanted: NewId, now_ms: u64) -> Result<Id, IdError> {
        let last = self.marks.last_id;
        let behind_last = last.next().ok_or(IdError::Exhausted)?;
        let id = match wanted {
            NewId::Clock if now_ms > last.ms => Id { ms: now_ms, seq: 0 },
            NewId::Clock => behind_last,
            NewId::Millisecond(ms) if ms == last.ms => {
                Id { ms, seq: last.seq.checked_add(1).ok_or(IdError::TooSmall)? }
            }
            NewId::Millisecond(ms) => Id { ms, seq: 0 },
            NewId::Exactly(id) => id,
        };
        if id > last { Ok(id) } else { Err(IdError::TooSmall) }
    }
}
