//! A child seen from its parent: what is below it, and changes there.

use triomphe::Arc;

use super::inner::Inner;
use super::{Block, Seek, Totals};

/// A child seen from its parent.
#[derive(Clone)]
pub(crate) struct Edge<B: Block, const FAN: usize> {
    pub(super) key: B::Key,
    pub(super) count: usize,
    pub(super) node: Node<B, FAN>,
}

/// What is below an edge.
#[derive(Clone)]
pub(super) enum Node<B: Block, const FAN: usize> {
    Leaf(Arc<B>),
    Inner(Arc<Inner<B, FAN>>),
}

/// What [`super::Tree::cut`] asks for.
pub(crate) enum Cut<'a, B> {
    /// All elements of this block go, and it with them.
    Whole(&'a B),
    /// The elements from the first offset up to the second are to be taken out of this block.
    Part(&'a mut B, usize, usize),
}

impl<B: Block, const FAN: usize> Edge<B, FAN> {
    /// The key of the first block below.
    #[inline]
    pub(crate) fn key(&self) -> &B::Key {
        &self.key
    }

    /// How many elements are below.
    #[inline]
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// The first block below, for a search that the key does not decide.
    pub(crate) fn first_block(&self) -> &B {
        let mut edge = self;
        loop {
            match &edge.node {
                Node::Leaf(block) => return block,
                Node::Inner(inner) => edge = &inner.edges[0],
            }
        }
    }

    pub(super) fn of_block(block: B) -> Self {
        Self { key: block.key(), count: block.count(), node: Node::Leaf(Arc::new(block)) }
    }

    pub(super) fn of_inner(inner: Arc<Inner<B, FAN>>) -> Self {
        let count = inner.edges.iter().map(Self::count).sum();
        Self { key: inner.edges[0].key.clone(), count, node: Node::Inner(inner) }
    }

    /// Changes the block that a search leads to; gives what must stand behind this child.
    pub(super) fn edit<S: Seek<B, FAN>, R>(
        &mut self,
        seek: &mut S,
        limit: B::Limit,
        totals: &mut Totals,
        change: impl FnOnce(&mut B, usize) -> (R, Option<B>),
    ) -> (R, Option<Self>) {
        match &mut self.node {
            Node::Leaf(block) => {
                // What a copy allocates may differ: the block as it stands is counted out.
                totals.subtract(&**block);
                let block = Arc::make_mut(block);
                let (outcome, spill) = change(block, seek.offset());
                totals.add(block);
                self.count = block.count();
                if self.count > 0 {
                    refresh(&mut self.key, block);
                }
                let spill = spill.inspect(|spill| totals.add(spill));
                (outcome, spill.map(Self::of_block))
            }
            Node::Inner(inner) => {
                let others = totals.elements - self.count;
                let inner = Arc::make_mut(inner);
                let (outcome, upper) = inner.edit(seek, limit, totals, change);
                let upper = upper.map(|upper| Self::of_inner(Arc::new(upper)));
                self.count = totals.elements - others - upper.as_ref().map_or(0, Self::count);
                if let Some(first) = inner.edges.first() {
                    copy(&first.key, &mut self.key);
                }
                (outcome, upper)
            }
        }
    }

    /// Cuts a part of the elements below out.
    pub(super) fn cut(
        &mut self,
        from: usize,
        to: usize,
        limit: B::Limit,
        totals: &mut Totals,
        remove: &mut impl FnMut(Cut<'_, B>),
    ) {
        match &mut self.node {
            _ if from == 0 && to == self.count => self.clear(totals, remove),
            Node::Leaf(block) => {
                totals.subtract(&**block);
                let block = Arc::make_mut(block);
                remove(Cut::Part(block, from, to));
                totals.add(block);
                refresh(&mut self.key, block);
            }
            Node::Inner(inner) => {
                let inner = Arc::make_mut(inner);
                inner.cut(from, to, limit, totals, remove);
                copy(&inner.edges[0].key, &mut self.key);
            }
        }
        self.count -= to - from;
    }

    /// Takes leave of everything below.
    fn clear(&self, totals: &mut Totals, remove: &mut impl FnMut(Cut<'_, B>)) {
        match &self.node {
            Node::Leaf(block) => {
                totals.subtract(&**block);
                remove(Cut::Whole(block));
            }
            Node::Inner(inner) => inner.edges.iter().for_each(|edge| edge.clear(totals, remove)),
        }
    }

    pub(super) fn is_sparse(&self, limit: B::Limit) -> bool {
        match &self.node {
            Node::Leaf(block) => block.is_sparse(limit),
            Node::Inner(inner) => inner.edges.len() < FAN / 4,
        }
    }

    /// Takes in the child behind, if one node can hold both and has some room left.
    pub(super) fn absorb(&mut self, next: &Self, limit: B::Limit, totals: &mut Totals) -> bool {
        match (&mut self.node, &next.node) {
            (Node::Leaf(block), Node::Leaf(next)) if block.can_absorb(next, limit) => {
                totals.subtract(&**block);
                totals.subtract(&**next);
                let block = Arc::make_mut(block);
                block.absorb(next);
                totals.add(block);
            }
            (Node::Inner(inner), Node::Inner(next))
                if inner.edges.len() + next.edges.len() <= FAN - FAN / 4 =>
            {
                Arc::make_mut(inner).edges.extend_from_slice(&next.edges);
            }
            _ => return false,
        }
        self.count += next.count;
        true
    }
}

/// Keys seldom change, and some are dear to make.
fn refresh<B: Block>(key: &mut B::Key, block: &B) {
    if !block.has_key(key) {
        *key = block.key();
    }
}

fn copy<K: Clone + PartialEq>(from: &K, to: &mut K) {
    if from != to {
        to.clone_from(from);
    }
}
