//! Blocks by the identifier of their first entry.

use super::Id;
use crate::tree::{At, Block, Cut, Edge, LastWhere, Tree, Walk};

/// What a block must tell.
pub trait Entries: Clone {
    /// How many entries it holds. A block that holds none is taken out.
    fn count(&self) -> usize;
    /// Bytes that it has allocated, without itself.
    fn allocated_bytes(&self) -> usize;
}

/// Blocks in the order of their identifiers. The parameter is for tests: children of an inner node.
#[derive(Clone)]
pub struct IdBlocks<V: Entries, const FAN: usize = 32> {
    tree: Tree<Keyed<V>, FAN>,
}

/// A block and its identifier.
#[derive(Clone)]
struct Keyed<V> {
    id: Id,
    value: V,
}

impl<V: Entries> Block for Keyed<V> {
    type Key = Id;
    type Lead = ();
    type Limit = ();

    fn lead(_: &Id) {}

    fn key(&self) -> Id {
        self.id
    }
    fn count(&self) -> usize {
        self.value.count()
    }
    fn outside_bytes(&self) -> usize {
        self.value.allocated_bytes()
    }
    fn is_sparse(&self, _limit: ()) -> bool {
        false
    }
    fn can_absorb(&self, _next: &Self, _limit: ()) -> bool {
        false
    }
    fn absorb(&mut self, _next: &Self) {
        unreachable!("blocks stay as they are");
    }
}

/// The way to the last block whose identifier is not above this one; to the first block if there is none.
fn at_or_before<V: Entries, const FAN: usize>(id: Id) -> LastWhere<impl FnMut(&Edge<Keyed<V>, FAN>) -> bool> {
    LastWhere(move |edge: &Edge<Keyed<V>, FAN>| *edge.key() <= id)
}

impl<V: Entries, const FAN: usize> Default for IdBlocks<V, FAN> {
    fn default() -> Self {
        Self { tree: Tree::default() }
    }
}

impl<V: Entries> IdBlocks<V> {
    /// Without blocks.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl<V: Entries, const FAN: usize> IdBlocks<V, FAN> {
    /// How many entries all blocks hold.
    #[must_use]
    pub fn len(&self) -> usize {
        self.tree.len()
    }

    /// Whether there is no block.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tree.is_empty()
    }

    /// How many blocks there are.
    #[must_use]
    pub fn block_count(&self) -> usize {
        self.tree.block_count()
    }

    /// About how many bytes are allocated; what clones share counts for each.
    #[must_use]
    pub fn allocated_bytes(&self) -> usize {
        self.tree.allocated_bytes()
    }

    /// Puts a block in its place, instead of the one with the same identifier if there is one. An empty block is left out.
    pub fn insert(&mut self, id: Id, value: V) {
        let block = Keyed { id, value };
        if block.count() == 0 {
            self.edit(id, |_| ());
        } else if self.tree.is_empty() {
            self.tree.push_back(block, ());
        } else {
            self.tree.edit(&mut at_or_before(id), (), |there, _| {
                let is_behind = there.id < id;
                if is_behind {
                    return ((), Some(block));
                }
                let there = std::mem::replace(there, block);
                ((), (there.id > id).then_some(there))
            });
        }
    }

    /// The last block whose identifier is not above `id`: the one that holds the entry `id`, if any does.
    #[must_use]
    pub fn holding(&self, id: Id) -> Option<(Id, &V)> {
        let (block, _) = self.holding_place(id)?;
        Some((block.id, &block.value))
    }

    /// How many entries stand in front of the block that must hold the entry `id`. 0 if there is no such block.
    #[must_use]
    pub fn count_before(&self, id: Id) -> usize {
        self.holding_place(id).map_or(0, |(_, start)| start)
    }

    fn holding_place(&self, id: Id) -> Option<(&Keyed<V>, usize)> {
        self.tree.place(&mut at_or_before(id)).filter(|(block, _)| block.id <= id)
    }

    /// The first block.
    #[must_use]
    pub fn first(&self) -> Option<(Id, &V)> {
        self.tree.block(&mut At(0)).map(|block| (block.id, &block.value))
    }

    /// The last block.
    #[must_use]
    pub fn last(&self) -> Option<(Id, &V)> {
        self.tree.block(&mut At(usize::MAX)).map(|block| (block.id, &block.value))
    }

    /// Changes the block with exactly this identifier; it goes if no entry is left in it. None if there is no such block.
    pub fn edit<R>(&mut self, id: Id, change: impl FnOnce(&mut V) -> R) -> Option<R> {
        // Looked at first: nothing is to be copied for a block that is not there.
        self.holding(id).filter(|(found, _)| *found == id)?;
        self.tree.edit(&mut at_or_before(id), (), |block, _| (change(&mut block.value), None))
    }

    /// Changes the last block; it goes if no entry is left in it. None if there is no block.
    pub fn edit_last<R>(&mut self, change: impl FnOnce(&mut V) -> R) -> Option<R> {
        self.tree.edit(&mut At(usize::MAX), (), |block, _| (change(&mut block.value), None))
    }

    /// Takes out the block with exactly this identifier; false if there is none.
    pub fn remove(&mut self, id: Id) -> bool {
        let Some((block, start)) = self.holding_place(id).filter(|(block, _)| block.id == id) else {
            return false;
        };
        let end = start + block.count();
        self.cut(start, end);
        true
    }

    /// The block that holds the entry at a position among all, and how many entries stand in front of that block. None
    /// behind the end.
    pub fn block_at(&self, position: usize) -> Option<(usize, Id, &V)> {
        let (block, start) = self.tree.place(&mut At(position)).filter(|_| position < self.len())?;
        Some((start, block.id, &block.value))
    }

    /// Takes out the first blocks, which together hold so many entries.
    pub fn remove_first(&mut self, entries: usize) {
        self.cut(0, entries);
    }

    fn cut(&mut self, start: usize, end: usize) {
        self.tree.cut(start, end, (), |cut| {
            debug_assert!(matches!(cut, Cut::Whole(_)), "whole blocks are cut");
        });
    }

    /// The blocks upwards, from the one that must hold the entry `id` on, or from the first one above.
    pub fn ascending(&self, id: Id) -> impl Iterator<Item = (Id, &V)> {
        let walk = self.tree.walk(&mut at_or_before(id));
        walk_by(walk, Walk::forward)
    }

    /// The blocks downwards, from the one that must hold the entry `id` on. Nothing if all are above.
    pub fn descending(&self, id: Id) -> impl Iterator<Item = (Id, &V)> {
        let walk = self.tree.walk(&mut at_or_before(id)).filter(|walk| walk.block().id <= id);
        walk_by(walk, Walk::back)
    }

    #[cfg(test)]
    pub(super) fn check(&self) {
        self.tree.check();
    }
}

fn walk_by<'a, V: Entries, const FAN: usize>(
    mut walk: Option<Walk<'a, Keyed<V>, FAN>>,
    step: impl Fn(&mut Walk<'a, Keyed<V>, FAN>) -> bool,
) -> impl Iterator<Item = (Id, &'a V)> {
    std::iter::from_fn(move || {
        let block = walk.as_ref()?.block();
        if !walk.as_mut().is_some_and(&step) {
            walk = None;
        }
        Some((block.id, &block.value))
    })
}
