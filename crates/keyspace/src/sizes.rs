//! How many keys of a database have values of which size: strings by bytes, collections by elements.
//!
//! Sizes are counted in powers of two, at the moment at which an entry comes, goes or changes: a comparison of two
//! logarithms, and nothing is written where a value stays within its power.

use datatypes::types::Type;

use crate::entry::EntryRef;
use crate::keyspace::Keyspace;
#[cfg(test)]
use crate::segment::BUCKET_SLOTS;

/// Powers of two that are told apart, empty values besides.
const STEPS: usize = 50;
/// The types that are counted: all but streams.
const TYPES: usize = 5;

/// The sizes of the values of one database.
#[derive(Default)]
pub(crate) struct Sizes {
    /// Of each type; nothing before the first entry, for there may be many databases that are never used.
    counts: Vec<[u64; STEPS]>,
}

/// 0 for nothing, else one more than the logarithm.
#[inline]
fn step_of(size: usize) -> usize {
    ((usize::BITS - size.leading_zeros()) as usize).min(STEPS - 1)
}

impl Sizes {
    /// An entry came into the database.
    #[inline]
    pub(crate) fn note_arrival(&mut self, entry: EntryRef<'_>) {
        if self.counts.is_empty() {
            self.counts.resize(TYPES, [0; STEPS]);
        }
        if let Some(counts) = self.counts.get_mut(entry.kind() as usize) {
            counts[step_of(entry.element_count())] += 1;
        }
    }

    /// An entry left the database.
    #[inline]
    pub(crate) fn note_departure(&mut self, entry: EntryRef<'_>) {
        if let Some(counts) = self.counts.get_mut(entry.kind() as usize) {
            counts[step_of(entry.element_count())] -= 1;
        }
    }

    /// A value has another size than before.
    #[inline]
    pub(crate) fn note_change(&mut self, kind: Type, before: usize, after: usize) {
        let (before, after) = (step_of(before), step_of(after));
        if before != after
            && let Some(counts) = self.counts.get_mut(kind as usize)
        {
            counts[before] -= 1;
            counts[after] += 1;
        }
    }
}

impl Keyspace {
    /// How many keys of a database hold values of a type, by size: the least size of each step (0, 1, 2, 4 and so on) with
    /// its number of keys, where there are any. Strings are measured in bytes, collections in elements; streams are not.
    pub fn value_sizes(&self, database: u32, kind: Type) -> impl Iterator<Item = (u64, u64)> {
        let counts =
            self.databases.get(database as usize).and_then(|one| one.sizes.counts.get(kind as usize));
        let counts = counts.into_iter().flatten().enumerate();
        counts
            .filter(|(_, count)| **count > 0)
            .map(|(step, &count)| (if step == 0 { 0 } else { 1 << (step - 1) }, count))
    }

    /// The same as [`Keyspace::value_sizes`], counted anew.
    #[cfg(test)]
    pub(crate) fn walk_value_sizes(&self, database: u32, kind: Type) -> Vec<(u64, u64)> {
        let mut found = std::collections::BTreeMap::new();
        for segment in self.databases[database as usize].entries.segments() {
            let spots = (0..segment.bucket_count())
                .flat_map(|bucket| (0..BUCKET_SLOTS).map(move |slot| (bucket, slot)));
            let entries = spots.filter_map(|(bucket, slot)| segment.entry_at(bucket, slot));
            for entry in entries.filter(|entry| entry.kind() == kind) {
                let size = entry.element_count() as u64;
                *found.entry(if size == 0 { 0 } else { 1 << size.ilog2() }).or_insert(0) += 1;
            }
        }
        found.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ExpiryMode, NewExpiry, View};

    const VIEW: View = View { database: 0, now_ms: 1_000, expiry: ExpiryMode::Delete, touch: true };

    fn strings(keyspace: &Keyspace) -> Vec<(u64, u64)> {
        keyspace.value_sizes(0, Type::String).collect()
    }

    #[test]
    fn strings_by_bytes() {
        let mut keyspace = Keyspace::new(2, [1, 2]);
        let mut keys = keyspace.keys(VIEW);
        keys.set_string(b"a", b"", NewExpiry::Clear);
        keys.set_string(b"b", b"123", NewExpiry::Clear);
        keys.set_string(b"c", b"1234", NewExpiry::At(5_000));
        assert_eq!(strings(&keyspace), [(0, 1), (2, 1), (4, 1)]);
        let mut keys = keyspace.keys(VIEW);
        keys.set_string(b"b", b"12", NewExpiry::Clear);
        keys.append(b"a", b"12345").expect("a string");
        keys.set_range(b"c", 5_000, b"x").expect("a string");
        keys.set_range(b"new", 1, b"x").expect("a string");
        assert_eq!(strings(&keyspace), [(2, 2), (4, 1), (4096, 1)]);
        let mut keys = keyspace.keys(VIEW);
        keys.rename(b"a", b"b");
        keys.remove(b"new");
        keys.move_to(b"c", 1);
        assert_eq!(strings(&keyspace), [(4, 1)]);
        assert_eq!(keyspace.value_sizes(1, Type::String).collect::<Vec<_>>(), [(4096, 1)]);
        drop(keyspace.flush_all());
        assert!(strings(&keyspace).is_empty());
    }

    #[test]
    fn collections_by_elements() {
        let mut keyspace = Keyspace::new(1, [1, 2]);
        let limits = keyspace.limits().set;
        let mut keys = keyspace.keys(VIEW);
        let mut set = keys.set_or_create(b"l").expect("a set");
        for member in 0..9 {
            set.add(format!("{member}").as_bytes(), limits);
        }
        drop(set);
        keys.stream_or_create(b"s").expect("a stream");
        let sizes = |keyspace: &Keyspace, kind| keyspace.value_sizes(0, kind).collect::<Vec<_>>();
        assert_eq!(sizes(&keyspace, Type::Set), [(8, 1)]);
        assert!(Type::ALL.iter().all(|&kind| kind == Type::Set || sizes(&keyspace, kind).is_empty()));
        let mut keys = keyspace.keys(VIEW);
        let mut set = keys.set_mut(b"l").expect("a set").expect("it is there");
        (0..9).for_each(|member| assert!(set.remove(format!("{member}").as_bytes())));
        drop(set);
        assert!(sizes(&keyspace, Type::Set).is_empty());
    }
}
