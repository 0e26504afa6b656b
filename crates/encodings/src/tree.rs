//! A counted B+tree of blocks that is copied on write: large collections in order, whatever their elements are.
//!
//! The leaves are [`Block`]s: each holds some elements in a form of its own. An inner node knows for each child how many
//! elements are below it and the key of the first block there, so a place is found by position or by order. Clones share all
//! nodes; a write copies those on its path that a clone still holds, and none when there is no clone.
//!
//! All blocks are equally deep. A node is filled by splitting at the place of the insertion, so that what is
//! appended or prepended in order leaves full nodes behind.

mod edge;
mod inner;
mod seek;
#[cfg(test)]
mod tests;
mod walk;

use std::ops::{AddAssign, SubAssign};

use triomphe::Arc;

pub(crate) use edge::{Cut, Edge};
pub(crate) use inner::Inner;
pub(crate) use seek::{At, LastWhere, Seek};
pub(crate) use walk::Walk;

/// A leaf: some elements in a row.
pub(crate) trait Block: Clone {
    /// What inner nodes remember of a block's first element, to find a place by order. `()` if nobody looks by order.
    type Key: Clone + PartialEq;
    /// The part of a key that decides most searches. A node has those of its children side by side, so that a search in it
    /// reads a few lines. `()` if there is none.
    type Lead: Copy + Default + PartialEq + std::fmt::Debug;
    /// What decides whether neighbours should become one block.
    type Limit: Copy;

    /// The key of the first element. Never asked of an empty block.
    fn key(&self) -> Self::Key;
    /// The lead of a key.
    fn lead(key: &Self::Key) -> Self::Lead;
    /// Whether this is the key of the first element. Never asked of an empty block.
    fn has_key(&self, key: &Self::Key) -> bool {
        self.key() == *key
    }
    /// How many elements it holds. A block that holds none is taken out of its tree.
    fn count(&self) -> usize;
    /// Bytes that it has allocated, without the block itself.
    fn outside_bytes(&self) -> usize;
    /// Whether this block is so small that a neighbour should be asked to take it in.
    fn is_sparse(&self, limit: Self::Limit) -> bool;
    /// Whether one block can hold the elements of both.
    fn can_absorb(&self, next: &Self, limit: Self::Limit) -> bool;
    /// Takes in the elements of the block behind this one.
    fn absorb(&mut self, next: &Self);
}

/// What some blocks sum up to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Totals {
    elements: usize,
    blocks: usize,
    /// Allocated by the blocks themselves.
    bytes: usize,
}

impl Totals {
    fn of<B: Block>(block: &B) -> Self {
        Self { elements: block.count(), blocks: 1, bytes: block.outside_bytes() }
    }
}

impl AddAssign for Totals {
    fn add_assign(&mut self, more: Self) {
        self.elements += more.elements;
        self.blocks += more.blocks;
        self.bytes += more.bytes;
    }
}

impl SubAssign for Totals {
    fn sub_assign(&mut self, less: Self) {
        self.elements -= less.elements;
        self.blocks -= less.blocks;
        self.bytes -= less.bytes;
    }
}

/// Blocks in a row, by position and by order. At most `FAN` children a node.
#[derive(Clone)]
pub(crate) struct Tree<B: Block, const FAN: usize> {
    root: Arc<Inner<B, FAN>>,
}

impl<B: Block, const FAN: usize> Default for Tree<B, FAN> {
    fn default() -> Self {
        Self { root: Arc::new(Inner::default()) }
    }
}

impl<B: Block, const FAN: usize> FromIterator<B> for Tree<B, FAN> {
    /// A tree of full nodes. Empty blocks are left out.
    fn from_iter<I: IntoIterator<Item = B>>(blocks: I) -> Self {
        let blocks = blocks.into_iter().filter(|block| block.count() > 0);
        Self { root: Arc::new(Inner::tower(blocks.map(Edge::of_block).collect())) }
    }
}

impl<B: Block, const FAN: usize> Tree<B, FAN> {
    /// How many elements all blocks hold.
    pub(crate) fn len(&self) -> usize {
        self.root.totals.elements
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.root.totals.blocks == 0
    }

    /// How many blocks there are.
    pub(crate) fn block_count(&self) -> usize {
        self.root.totals.blocks
    }

    /// About how many bytes are allocated; what clones share counts for each.
    pub(crate) fn allocated_bytes(&self) -> usize {
        // A block has its reference count beside it; inner nodes are two thirds full.
        let each = size_of::<B>() + size_of::<usize>() + size_of::<Edge<B, FAN>>() * 3 / 2;
        self.root.totals.bytes + self.root.totals.blocks * each
    }

    /// The block that a search leads to. None if the tree is empty.
    #[inline]
    pub(crate) fn block<S: Seek<B, FAN>>(&self, seek: &mut S) -> Option<&B> {
        self.root.block(seek, &mut |_| ())
    }

    /// The block that a search leads to, and how many elements stand before it.
    #[inline]
    pub(crate) fn place<S: Seek<B, FAN>>(&self, seek: &mut S) -> Option<(&B, usize)> {
        let mut start = 0;
        let block = self.root.block(seek, &mut |passed| {
            start += passed.iter().map(Edge::count).sum::<usize>();
        })?;
        Some((block, start))
    }

    /// The lowest node on the way of a search: above the block that it leads to. None if the tree is empty.
    #[inline]
    pub(crate) fn lowest_node<S: Seek<B, FAN>>(&self, seek: &mut S) -> Option<&Inner<B, FAN>> {
        self.root.lowest_node(seek)
    }

    /// Walks the blocks from where a search leads to. None if the tree is empty.
    pub(crate) fn walk<S: Seek<B, FAN>>(&self, seek: &mut S) -> Option<Walk<'_, B, FAN>> {
        Walk::new(&self.root, seek)
    }

    /// Walks the blocks from the first one on.
    pub(crate) fn blocks(&self) -> impl Iterator<Item = &B> {
        let mut walk = self.walk(&mut At(0));
        std::iter::from_fn(move || {
            let block = walk.as_ref()?.block();
            if !walk.as_mut()?.forward() {
                walk = None;
            }
            Some(block)
        })
    }

    /// Changes the block that a search leads to, which gets the offset that is left of a position. The change may give a
    /// block that is to stand behind this one. A block that it leaves empty goes; one that it leaves sparse may be
    /// joined with a neighbour. None if the tree is empty: nothing is changed then.
    pub(crate) fn edit<S, R>(
        &mut self,
        seek: &mut S,
        limit: B::Limit,
        change: impl FnOnce(&mut B, usize) -> (R, Option<B>),
    ) -> Option<R>
    where
        S: Seek<B, FAN>,
    {
        if self.is_empty() {
            return None;
        }
        let (outcome, upper) = Arc::make_mut(&mut self.root).edit(seek, limit, change);
        match upper {
            Some(upper) => self.grow(upper),
            None => self.collapse(),
        }
        Some(outcome)
    }

    /// The block that a search leads to, for a change that leaves number, order and size of its elements as they are.
    pub(crate) fn block_mut<S: Seek<B, FAN>>(&mut self, seek: &mut S) -> Option<&mut B> {
        if self.is_empty() {
            return None;
        }
        Some(Arc::make_mut(&mut self.root).block_mut(seek).0)
    }

    /// Puts a block in at a position that is between two blocks; behind all others if it is behind the end.
    pub(crate) fn insert_block(&mut self, position: usize, block: B, limit: B::Limit) {
        if self.is_empty() {
            *self = Self::from_iter([block]);
            return;
        }
        self.edit(&mut At(position), limit, |there, offset| match offset {
            0 => ((), Some(std::mem::replace(there, block))),
            _ => ((), Some(block)),
        });
    }

    /// Puts a block behind all others.
    pub(crate) fn push_back(&mut self, block: B, limit: B::Limit) {
        self.insert_block(usize::MAX, block, limit);
    }

    /// Cuts the elements of these positions out. The callback is handed in order what goes as a whole, which costs nothing
    /// but its freeing however much it is, and the blocks that it must take a part out of.
    pub(crate) fn cut(
        &mut self,
        from: usize,
        to: usize,
        limit: B::Limit,
        mut remove: impl FnMut(Cut<'_, B, FAN>),
    ) {
        let to = to.min(self.len());
        if from >= to {
            return;
        }
        Arc::make_mut(&mut self.root).cut(from, to, limit, &mut remove);
        self.collapse();
    }

    /// The root was split: a new one above both halves.
    fn grow(&mut self, upper: Inner<B, FAN>) {
        let lower = std::mem::replace(&mut self.root, Arc::new(Inner::default()));
        self.root = Arc::new(Inner::tower(vec![Edge::of_inner(lower), Edge::of_inner(Arc::new(upper))]));
    }

    /// Takes roots off that have a single node below.
    fn collapse(&mut self) {
        while let Some(child) = self.root.only_inner_child() {
            self.root = child;
        }
    }

    /// Counts everything anew and compares.
    #[cfg(test)]
    pub(crate) fn check(&self)
    where
        B::Key: std::fmt::Debug,
    {
        self.root.check(true);
    }
}
