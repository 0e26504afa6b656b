//! Small values by identifier, several to a leaf.

use std::ops::Bound;

use super::{Id, is_before_end, is_past_start};
use crate::room;
use crate::tree::{At, Block, Cut, Edge, LastWhere, Tree};

/// An ordered map from identifiers to small values; allocations of the values themselves are not counted. The parameters are
/// for tests: values of a leaf, children of an inner node.
#[derive(Clone)]
pub struct IdMap<V: Clone, const LEAF: usize = 48, const FAN: usize = 32> {
    tree: Tree<Leaf<V>, FAN>,
}

/// Identifiers and values in order.
#[derive(Clone)]
struct Leaf<V> {
    entries: Vec<(Id, V)>,
}

impl<V: Clone> Block for Leaf<V> {
    type Key = Id;
    type Lead = ();
    /// The most entries.
    type Limit = usize;

    fn lead(_: &Id) {}

    fn key(&self) -> Id {
        self.entries[0].0
    }
    fn count(&self) -> usize {
        self.entries.len()
    }
    fn outside_bytes(&self) -> usize {
        self.entries.capacity() * size_of::<(Id, V)>()
    }
    fn is_sparse(&self, limit: usize) -> bool {
        self.entries.len() < limit / 3
    }
    fn can_absorb(&self, next: &Self, limit: usize) -> bool {
        self.entries.len() + next.entries.len() <= limit - limit / 4
    }
    fn absorb(&mut self, next: &Self) {
        self.entries.reserve_exact(next.entries.len());
        self.entries.extend_from_slice(&next.entries);
    }
}

impl<V: Clone> Leaf<V> {
    /// Where an identifier stands, or where it would.
    fn search(&self, id: Id) -> Result<usize, usize> {
        self.entries.binary_search_by_key(&id, |(id, _)| *id)
    }

    /// Puts an entry in; gives the upper part if the leaf was full.
    fn insert(&mut self, index: usize, entry: (Id, V), limit: usize) -> Option<Self> {
        let len = self.entries.len();
        if len < limit {
            room::make_room(&mut self.entries, 1);
            self.entries.insert(index, entry);
            return None;
        }
        // Who appends leaves full leaves behind.
        let middle = if index == len { len } else { len / 2 };
        let mut upper = Leaf { entries: self.entries.split_off(middle) };
        let half = if index >= middle { &mut upper } else { &mut *self };
        half.insert(if index >= middle { index - middle } else { index }, entry, limit);
        room::fit(&mut self.entries);
        Some(upper)
    }

    fn remove(&mut self, index: usize) -> (Id, V) {
        let removed = self.entries.remove(index);
        room::give_back(&mut self.entries);
        removed
    }

    /// How many entries a lower bound keeps out.
    fn count_before(&self, start: Bound<Id>) -> usize {
        self.entries.partition_point(|(id, _)| !is_past_start(*id, start))
    }
}

/// The way to the leaf that must hold an identifier.
fn at_or_before<V: Clone, const FAN: usize>(id: Id) -> LastWhere<impl FnMut(&Edge<Leaf<V>, FAN>) -> bool> {
    LastWhere(move |edge: &Edge<Leaf<V>, FAN>| *edge.key() <= id)
}

impl<V: Clone, const LEAF: usize, const FAN: usize> Default for IdMap<V, LEAF, FAN> {
    fn default() -> Self {
        Self { tree: Tree::default() }
    }
}

impl<V: Clone> IdMap<V> {
    /// Without entries.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl<V: Clone, const LEAF: usize, const FAN: usize> IdMap<V, LEAF, FAN> {
    /// How many entries there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.tree.len()
    }

    /// Whether there is no entry.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tree.is_empty()
    }

    /// About how many bytes are allocated; what clones share counts for each.
    #[must_use]
    pub fn allocated_bytes(&self) -> usize {
        self.tree.allocated_bytes()
    }

    /// Puts a value in; gives the one that was there.
    pub fn insert(&mut self, id: Id, value: V) -> Option<V> {
        if self.tree.is_empty() {
            self.tree.push_back(Leaf { entries: vec![(id, value)] }, LEAF);
            return None;
        }
        let replaced = self.tree.edit(&mut at_or_before(id), LEAF, |leaf, _| match leaf.search(id) {
            Ok(index) => (Some(std::mem::replace(&mut leaf.entries[index].1, value)), None),
            Err(index) => (None, leaf.insert(index, (id, value), LEAF)),
        });
        replaced.flatten()
    }

    /// The value of an identifier.
    #[must_use]
    pub fn get(&self, id: Id) -> Option<&V> {
        let leaf = self.tree.block(&mut at_or_before(id))?;
        leaf.search(id).ok().map(|index| &leaf.entries[index].1)
    }

    /// Whether the identifier has a value.
    #[must_use]
    pub fn contains(&self, id: Id) -> bool {
        self.get(id).is_some()
    }

    /// The value of an identifier, to be changed where it is. Nothing is copied if there is none.
    pub fn get_mut(&mut self, id: Id) -> Option<&mut V> {
        self.get(id)?;
        let leaf = self.tree.block_mut(&mut at_or_before(id))?;
        let index = leaf.search(id).ok()?;
        Some(&mut leaf.entries[index].1)
    }

    /// Takes a value out. Nothing is copied if there is none.
    pub fn remove(&mut self, id: Id) -> Option<V> {
        self.get(id)?;
        let removed = self.tree.edit(&mut at_or_before(id), LEAF, |leaf, _| {
            let index = leaf.search(id).ok();
            (index.map(|index| leaf.remove(index).1), None)
        });
        removed.flatten()
    }

    /// The entry with the lowest identifier.
    #[must_use]
    pub fn first(&self) -> Option<(Id, &V)> {
        let (id, value) = self.tree.block(&mut At(0))?.entries.first()?;
        Some((*id, value))
    }

    /// The entry with the highest identifier.
    #[must_use]
    pub fn last(&self) -> Option<(Id, &V)> {
        let (id, value) = self.tree.block(&mut At(usize::MAX))?.entries.last()?;
        Some((*id, value))
    }

    /// How many entries a lower bound keeps out.
    #[must_use]
    pub fn count_before(&self, start: Bound<Id>) -> usize {
        let place = self.tree.place(&mut at_or_before(id_of(start)));
        place.map_or(0, |(leaf, before)| before + leaf.count_before(start))
    }

    /// The entries between two bounds, upwards.
    pub fn range(&self, start: Bound<Id>, end: Bound<Id>) -> impl Iterator<Item = (Id, &V)> {
        let mut walk = self.tree.walk(&mut at_or_before(id_of(start)));
        let mut index = walk.as_ref().map_or(0, |walk| walk.block().count_before(start));
        let entries = std::iter::from_fn(move || {
            let walk = walk.as_mut()?;
            if index == walk.block().count() {
                (walk.forward()).then_some(())?;
                index = 0;
            }
            index += 1;
            walk.block().entries.get(index - 1)
        });
        entries.map(|(id, value)| (*id, value)).take_while(move |(id, _)| is_before_end(*id, end))
    }

    /// The entries between two bounds, downwards.
    pub fn range_back(&self, start: Bound<Id>, end: Bound<Id>) -> impl Iterator<Item = (Id, &V)> {
        let last = match end {
            Bound::Unbounded => Id::MAX,
            Bound::Included(end) | Bound::Excluded(end) => end,
        };
        let mut walk = self.tree.walk(&mut at_or_before(last));
        let lets_in = |(id, _): &(Id, V)| is_before_end(*id, end);
        let mut index = walk.as_ref().map_or(0, |walk| walk.block().entries.partition_point(lets_in));
        let entries = std::iter::from_fn(move || {
            let walk = walk.as_mut()?;
            if index == 0 {
                walk.back().then_some(())?;
                index = walk.block().count();
            }
            index -= 1;
            walk.block().entries.get(index)
        });
        let entries = entries.map(|(id, value)| (*id, value));
        entries.take_while(move |(id, _)| is_past_start(*id, start))
    }

    /// All entries, upwards.
    pub fn iter(&self) -> impl Iterator<Item = (Id, &V)> {
        self.range(Bound::Unbounded, Bound::Unbounded)
    }

    /// Takes out the entries below an identifier; tells how many they were.
    pub fn remove_below(&mut self, id: Id) -> usize {
        let count = self.count_before(Bound::Included(id));
        self.tree.cut(0, count, LEAF, |cut| {
            if let Cut::Part(leaf, from, to) = cut {
                leaf.entries.drain(from..to);
                room::fit(&mut leaf.entries);
            }
        });
        count
    }

    #[cfg(test)]
    pub(super) fn check(&self) {
        self.tree.check();
    }
}

/// Where a search for a lower bound begins.
fn id_of(start: Bound<Id>) -> Id {
    match start {
        Bound::Unbounded => Id::MIN,
        Bound::Included(id) | Bound::Excluded(id) => id,
    }
}

impl<V: Clone, const LEAF: usize, const FAN: usize> FromIterator<(Id, V)> for IdMap<V, LEAF, FAN> {
    fn from_iter<I: IntoIterator<Item = (Id, V)>>(entries: I) -> Self {
        let mut map = Self::default();
        entries.into_iter().for_each(|(id, value)| drop(map.insert(id, value)));
        map
    }
}
