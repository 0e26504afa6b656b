//! Keys with an expiry that clients wrote on a replica which takes writes: its primary knows nothing of them, so the
//! replica removes them itself.

use std::collections::BTreeSet;
use std::ops::Bound;

/// A key of a database.
pub type OwnKey = (u32, Box<[u8]>);

/// The keys, and where the last look at them ended.
#[derive(Clone, Debug, Default)]
pub struct OwnKeys {
    keys: BTreeSet<OwnKey>,
    seen_up_to: Option<OwnKey>,
}

impl OwnKeys {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Remembers a key.
    pub fn add(&mut self, database: u32, key: &[u8]) {
        self.keys.insert((database, key.into()));
    }

    /// Forgets a key that is gone or does not expire any more.
    pub fn forget(&mut self, key: &OwnKey) {
        self.keys.remove(key);
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        *self = OwnKeys::default();
    }

    /// The next keys to be looked at, so many at most; after the last the first again.
    pub fn next(&mut self, most: usize) -> Vec<OwnKey> {
        let behind = self.seen_up_to.take().map_or(Bound::Unbounded, Bound::Excluded);
        let next: Vec<OwnKey> = self.keys.range((behind, Bound::Unbounded)).take(most).cloned().collect();
        self.seen_up_to = next.last().filter(|_| next.len() == most).cloned();
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_has_a_turn() {
        let mut own = OwnKeys::default();
        for key in [b"a", b"b", b"c"] {
            own.add(0, key);
        }
        let turn = |own: &mut OwnKeys| own.next(2).into_iter().map(|(_, key)| key[0]).collect::<Vec<u8>>();
        assert_eq!(
            (turn(&mut own), turn(&mut own), turn(&mut own)),
            (b"ab".into(), b"c".into(), b"ab".into())
        );
        own.forget(&(0, b"c".as_slice().into()));
        assert_eq!((turn(&mut own), turn(&mut own)), (Vec::new(), b"ab".into()));
    }
}
