//! Large entries that leave the keyspace are kept back where that is wanted, to be freed on another thread.

use std::any::Any;

use crate::db::Detached;
use crate::entry::Entry;
use crate::keyspace::Keyspace;

/// From this size of an entry on its memory goes straight back to the system, page by page, which takes longer than
/// handing it to another thread. What is smaller stays with the allocator.
const LARGE_BYTES: usize = 8 << 20;
/// A collection of more allocations than this is always kept back: freeing a million of them would stop everything.
pub(crate) const LARGE_PART_COUNT: usize = 64;

/// Whose large entries are kept back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Deferral {
    /// Those that commands remove or replace.
    pub removed: bool,
    /// Those whose time has come.
    pub expired: bool,
    /// Those that make room.
    pub evicted: bool,
}

/// What is kept back.
#[derive(Default)]
pub(crate) struct Deferred {
    wanted: Deferral,
    entries: Vec<Entry>,
    parts: Vec<Box<dyn Any + Send + Sync>>,
}

impl Deferred {
    /// What a collection has lost is kept back.
    pub(crate) fn keep(&mut self, part: Box<dyn Any + Send + Sync>) {
        self.parts.push(part);
    }

    /// An entry that nobody needs any more is dropped, or kept back.
    #[inline]
    pub(crate) fn let_go(&mut self, entry: Option<Entry>, wanted: impl FnOnce(Deferral) -> bool) {
        let Some(entry) = entry else { return };
        let view = entry.view();
        let is_large = || view.allocated_bytes() >= LARGE_BYTES;
        if view.part_count() > LARGE_PART_COUNT || wanted(self.wanted) && is_large() {
            self.entries.push(entry);
        }
    }
}

impl Keyspace {
    /// From now on large entries are kept back so.
    #[inline]
    pub fn defer(&mut self, wanted: Deferral) {
        self.deferred.wanted = wanted;
    }

    /// How large entries are kept back.
    pub fn deferral(&self) -> Deferral {
        self.deferred.wanted
    }

    /// Whether something was kept back.
    #[inline]
    pub fn has_deferred(&self) -> bool {
        !self.deferred.entries.is_empty() || !self.deferred.parts.is_empty()
    }

    /// What was kept back: the caller drops it.
    pub fn take_deferred(&mut self) -> Detached {
        let Deferred { entries, parts, .. } = &mut self.deferred;
        Detached { entries: std::mem::take(entries), parts: std::mem::take(parts), ..Detached::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ExpireBudget, ExpiryMode, NewExpiry, View};

    const VIEW: View = View { database: 0, now_ms: 1_000, expiry: ExpiryMode::Delete, touch: true };

    fn large() -> Vec<u8> {
        vec![b'x'; LARGE_BYTES]
    }

    #[test]
    fn large_entries_are_kept_back_where_that_is_wanted() {
        let mut keyspace = Keyspace::new(1, [1, 2]);
        for (removed, expected) in [(false, 0), (true, 2)] {
            keyspace.defer(Deferral { removed, ..Deferral::default() });
            let mut keys = keyspace.keys(VIEW);
            keys.set_string(b"a", &large(), NewExpiry::Clear);
            keys.set_string(b"a", b"small", NewExpiry::Clear);
            keys.set_string(b"b", &large(), NewExpiry::Clear);
            assert!(keys.remove(b"a") && keys.remove(b"b"));
            assert_eq!(keyspace.has_deferred(), expected > 0);
            assert_eq!(keyspace.take_deferred().keys(), expected);
        }
        assert!(!keyspace.has_deferred());
    }

    #[test]
    fn so_are_those_whose_time_has_come() {
        let mut keyspace = Keyspace::new(1, [1, 2]);
        keyspace.defer(Deferral { expired: true, ..Deferral::default() });
        for key in [b"a", b"b"] {
            keyspace.keys(VIEW).set_string(key, &large(), NewExpiry::At(1_500));
        }
        assert!(keyspace.keys(View { now_ms: 2_000, ..VIEW }).peek(b"a").is_none());
        keyspace.expire_cycle(2_000, ExpireBudget::of_effort(1));
        assert_eq!((keyspace.len(0), keyspace.take_deferred().keys()), (0, 2));
    }
}
