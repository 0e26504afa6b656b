//! Which stream of writes bytes belong to, and who may go on with it.
//!
//! An offset means something only within a history: two nodes with the same replication id and the same
//! offset hold the same data. A promoted replica begins a new history that shares its beginning with the
//! old one; the chain of such branches is kept in the log's files.

use crate::offset::Offset;
use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

/// Characters of a replication id.
pub const REPLICATION_ID_LENGTH: usize = 40;

/// The name of a history: 40 hexadecimal digits in lower case.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReplicationId([u8; REPLICATION_ID_LENGTH]);

impl ReplicationId {
    /// Spells 20 random bytes as an id.
    #[must_use]
    pub fn from_random(random: [u8; REPLICATION_ID_LENGTH / 2]) -> Self {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = [0; REPLICATION_ID_LENGTH];
        for (pair, byte) in text.chunks_exact_mut(2).zip(random) {
            pair[0] = DIGITS[usize::from(byte >> 4)];
            pair[1] = DIGITS[usize::from(byte & 15)];
        }
        Self(text)
    }

    /// Reads an id as it stands on the wire or in a file: exactly 40 digits, lower case.
    ///
    /// # Errors
    /// When the length or a character is wrong.
    pub fn parse(text: &[u8]) -> Result<Self, MalformedId> {
        let digits: [u8; REPLICATION_ID_LENGTH] = text.try_into().map_err(|_| MalformedId)?;
        let valid = digits.iter().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
        if valid { Ok(Self(digits)) } else { Err(MalformedId) }
    }

    /// The id as it goes onto the wire.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; REPLICATION_ID_LENGTH] {
        &self.0
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("an id holds hexadecimal digits only")
    }
}

impl fmt::Display for ReplicationId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.as_str())
    }
}

impl fmt::Debug for ReplicationId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "ReplicationId({self})")
    }
}

impl FromStr for ReplicationId {
    type Err = MalformedId;

    fn from_str(text: &str) -> Result<Self, MalformedId> {
        Self::parse(text.as_bytes())
    }
}

/// The text is not a replication id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MalformedId;

impl fmt::Display for MalformedId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a replication id must be 40 hexadecimal digits in lower case")
    }
}

impl std::error::Error for MalformedId {}

/// Histories before the second that a node remembers.
const OLDER_MAX: usize = CHAIN_LENGTH_MAX - 2;

/// The history that a node is in, and those before it as far as they agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct History {
    /// The current history.
    pub id: ReplicationId,
    /// The history that this one branched from, and the offset up to which both hold the same bytes.
    pub second_id: Option<(ReplicationId, Offset)>,
    /// The histories before that one, newest first, each with the offset up to which the next holds its bytes.
    older: [Option<(ReplicationId, Offset)>; OLDER_MAX],
}

/// Whether someone who asks to go on from an offset of a history can.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Continuation {
    /// Yes: a partial resync.
    Yes,
    /// The history is not ours, or was left before that offset.
    UnknownId,
    /// The history is ours but the bytes are no longer, or not yet, here.
    OffsetOutOfRange,
}

impl History {
    /// A history without a past.
    #[must_use]
    pub fn new(id: ReplicationId) -> Self {
        Self { id, second_id: None, older: [None; OLDER_MAX] }
    }

    /// Begins a history of its own at `at`, as a promoted replica does; the old ids stay valid up to where they were
    /// left.
    pub fn shift(&mut self, new_id: ReplicationId, at: Offset) {
        if self.second_id.is_some() {
            self.older.rotate_right(1);
            self.older[0] = self.second_id;
        }
        self.second_id = Some((self.id, at));
        self.id = new_id;
    }

    /// Forgets the previous histories, as after a full resync.
    pub fn forget_second(&mut self) {
        *self = Self::new(self.id);
    }

    /// The histories before this one, newest first, each with the offset up to which this one holds its bytes.
    pub fn past(&self) -> impl Iterator<Item = (ReplicationId, Offset)> {
        let mut shared = Offset::MAX;
        self.second_id.into_iter().chain(self.older.into_iter().flatten()).map(move |(id, left_at)| {
            shared = shared.min(left_at);
            (id, shared)
        })
    }

    /// Up to which offset the history `id` holds the same bytes as this one: [`Offset::MAX`] for this one itself, `None`
    /// when it is not of its past.
    #[must_use]
    pub fn shared_up_to(&self, id: &ReplicationId) -> Option<Offset> {
        if self.id == *id {
            return Some(Offset::MAX);
        }
        self.past().find(|(past, _)| past == id).map(|(_, shared)| shared)
    }

    /// Whether a reader that has all bytes of history `id` before `from` can go on here, when the bytes
    /// `available` can be read. (PSYNC names the byte after `from`, counted from one: subtract one.)
    #[must_use]
    pub fn can_continue(
        &self,
        id: &ReplicationId,
        from: Offset,
        available: &RangeInclusive<Offset>,
    ) -> Continuation {
        if self.shared_up_to(id).is_none_or(|shared| from > shared) {
            Continuation::UnknownId
        } else if available.contains(&from) {
            Continuation::Yes
        } else {
            Continuation::OffsetOutOfRange
        }
    }

    /// `master_replid2` and `second_repl_offset` as INFO shows them: zeros and -1 when there is none.
    #[must_use]
    pub fn second_for_info(&self) -> (String, i64) {
        match self.second_id {
            Some((id, valid_up_to)) => {
                (id.to_string(), i64::try_from(valid_up_to.next_byte()).unwrap_or(i64::MAX))
            }
            None => ("0".repeat(REPLICATION_ID_LENGTH), -1),
        }
    }
}

/// One link of the chain of histories: where a history left its parent, and how much there was to lose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Branch {
    /// The history that began.
    pub id: ReplicationId,
    /// The history that it left; `None` for the first history of a data set.
    pub parent: Option<ReplicationId>,
    /// Up to here both hold the same bytes.
    pub at: Offset,
    /// Keys in the data set at that moment: what an emptier node must not overwrite.
    pub keys: u64,
}

/// Links kept in the files; older ones are forgotten.
pub const CHAIN_LENGTH_MAX: usize = 16;

/// The chain of histories, oldest first, at most [`CHAIN_LENGTH_MAX`] links.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chain(Vec<Branch>);

impl Chain {
    /// An empty chain.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the newest link, unless it is there already.
    pub fn push(&mut self, branch: Branch) {
        if self.0.last() == Some(&branch) {
            return;
        }
        if self.0.len() >= CHAIN_LENGTH_MAX {
            self.0.remove(0);
        }
        self.0.push(branch);
    }

    /// The links, oldest first.
    #[must_use]
    pub fn branches(&self) -> &[Branch] {
        &self.0
    }

    /// Whether `id` is in the chain, as a history or as the parent of one.
    #[must_use]
    pub fn contains(&self, id: &ReplicationId) -> bool {
        self.0.iter().any(|branch| branch.id == *id || branch.parent == Some(*id))
    }

    /// The history `id` with the past that the chain names for it.
    #[must_use]
    pub fn history_of(&self, id: ReplicationId) -> History {
        let mut history = History::new(id);
        let mut past = self.0.iter().rev().skip_while(|branch| branch.id != id);
        let mut parent = past.next().and_then(|branch| Some((branch.parent?, branch.at)));
        history.second_id = parent;
        for place in &mut history.older {
            let Some((child, _)) = parent else { break };
            let link = past.find(|branch| branch.id == child);
            parent = link.and_then(|branch| Some((branch.parent?, branch.at)));
            *place = parent;
        }
        history
    }
}

#[cfg(test)]
mod tests {
    use super::{Branch, CHAIN_LENGTH_MAX, Chain, Continuation, History, ReplicationId};
    use crate::offset::Offset;

    fn id(byte: u8) -> ReplicationId {
        ReplicationId::from_random([byte; 20])
    }

    #[test]
    fn an_id_is_forty_lower_case_digits() {
        let text = "0123456789abcdef0123456789abcdef01234567";
        assert_eq!(text.parse::<ReplicationId>().expect("valid").to_string(), text);
        assert!(text.to_uppercase().parse::<ReplicationId>().is_err());
        assert!(text[1..].parse::<ReplicationId>().is_err());
        assert_eq!(id(0xa0).as_str(), "a0".repeat(20));
    }

    #[test]
    fn a_promotion_keeps_the_old_id_up_to_its_end() {
        let mut history = History::new(id(1));
        assert_eq!(history.second_for_info(), ("0".repeat(40), -1));
        history.shift(id(2), Offset(100));
        assert_eq!(history.second_for_info(), (id(1).to_string(), 101));
        let here = Offset(50)..=Offset(300);
        assert_eq!(history.can_continue(&id(1), Offset(100), &here), Continuation::Yes);
        assert_eq!(history.can_continue(&id(1), Offset(101), &here), Continuation::UnknownId);
        assert_eq!(history.can_continue(&id(1), Offset(49), &here), Continuation::OffsetOutOfRange);
        assert_eq!(history.can_continue(&id(2), Offset(300), &here), Continuation::Yes);
        assert_eq!(history.can_continue(&id(2), Offset(301), &here), Continuation::OffsetOutOfRange);
        assert_eq!(history.can_continue(&id(3), Offset(100), &here), Continuation::UnknownId);
    }

    #[test]
    fn all_of_the_past_can_be_gone_on_from() {
        let (mut history, mut chain) = (History::new(id(1)), Chain::new());
        for (step, at) in [(2, 100), (3, 250), (4, 200)] {
            chain.push(Branch { id: id(step), parent: Some(history.id), at: Offset(at), keys: 0 });
            history.shift(id(step), Offset(at));
        }
        assert_eq!(chain.history_of(id(4)), history);
        let shared = [4, 3, 2, 1, 9].map(|past| history.shared_up_to(&id(past)));
        let at = |offset| Some(Offset(offset));
        assert_eq!(shared, [Some(Offset::MAX), at(200), at(200), at(100), None]);
        let here = Offset(50)..=Offset(300);
        assert_eq!(history.can_continue(&id(1), Offset(100), &here), Continuation::Yes);
        assert_eq!(history.can_continue(&id(2), Offset(201), &here), Continuation::UnknownId);
        for step in 5..40 {
            history.shift(id(step), Offset(300));
        }
        assert_eq!((history.shared_up_to(&id(24)), history.shared_up_to(&id(23))), (at(300), None));
        history.forget_second();
        assert_eq!(history, History::new(id(39)));
    }

    #[test]
    fn a_chain_is_bounded_and_restores_the_second_id() {
        let mut chain = Chain::new();
        for step in 0..40 {
            let branch =
                Branch { id: id(step + 1), parent: Some(id(step)), at: Offset(u64::from(step)), keys: 7 };
            chain.push(branch);
            chain.push(branch);
        }
        assert_eq!(chain.branches().len(), CHAIN_LENGTH_MAX);
        assert_eq!(chain.history_of(id(40)).second_id, Some((id(39), Offset(39))));
        assert!(chain.contains(&id(39)) && !chain.contains(&id(3)));
        assert_eq!(chain.history_of(id(99)), History::new(id(99)));
    }
}
