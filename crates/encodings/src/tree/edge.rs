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
pub(crate) enum Cut<'a, B: Block, const FAN: usize> {
    /// Everything below goes.
    Whole(&'a Edge<B, FAN>),
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
        Self { key: inner.edges[0].key.clone(), count: inner.totals.elements, node: Node::Inner(inner) }
    }

    /// What is below.
    pub(super) fn totals(&self) -> Totals {
        match &self.node {
            Node::Leaf(block) => Totals::of(&**block),
            Node::Inner(inner) => inner.totals,
        }
    }

    /// Visits all blocks below, in order.
    pub(crate) fn each_block(&self, visit: &mut dyn FnMut(&B)) {
        match &self.node {
            Node::Leaf(block) => visit(block),
            Node::Inner(inner) => inner.edges.iter().for_each(|edge| edge.each_block(visit)),
        }
    }

    /// Changes the block that a search leads to; gives what must stand behind this child.
    pub(super) fn edit<S: Seek<B, FAN>, R>(
        &mut self,
        seek: &mut S,
        limit: B::Limit,
        change: impl FnOnce(&mut B, usize) -> (R, Option<B>),
    ) -> (R, Option<Self>) {
        match &mut self.node {
            Node::Leaf(block) => {
                let block = Arc::make_mut(block);
                let (outcome, spill) = change(block, seek.offset());
                self.count = block.count();
                if self.count > 0 {
                    refresh(&mut self.key, block);
                }
                (outcome, spill.map(Self::of_block))
            }
            Node::Inner(inner) => {
                let inner = Arc::make_mut(inner);
                let (outcome, upper) = inner.edit(seek, limit, change);
                self.count = inner.totals.elements;
                if let Some(first) = inner.edges.first() {
                    copy(&first.key, &mut self.key);
                }
                (outcome, upper.map(|upper| Self::of_inner(Arc::new(upper))))
            }
        }
    }

    /// Cuts a part of the elements below out; everything is left where it is if that is all of them.
    pub(super) fn cut(
        &mut self,
        from: usize,
        to: usize,
        limit: B::Limit,
        remove: &mut impl FnMut(Cut<'_, B, FAN>),
    ) {
        match &mut self.node {
            _ if from == 0 && to == self.count => remove(Cut::Whole(self)),
            Node::Leaf(block) => {
                let block = Arc::make_mut(block);
                remove(Cut::Part(block, from, to));
                refresh(&mut self.key, block);
            }
            Node::Inner(inner) => {
                let inner = Arc::make_mut(inner);
                inner.cut(from, to, limit, remove);
                copy(&inner.edges[0].key, &mut self.key);
            }
        }
        self.count -= to - from;
    }

    pub(super) fn is_sparse(&self, limit: B::Limit) -> bool {
        match &self.node {
            Node::Leaf(block) => block.is_sparse(limit),
            Node::Inner(inner) => inner.edges.len() < FAN / 4,
        }
    }

    /// Takes in the child behind, if one node can hold both and has some room left.
    pub(super) fn absorb(&mut self, next: &Self, limit: B::Limit) -> bool {
        match (&mut self.node, &next.node) {
            (Node::Leaf(block), Node::Leaf(next)) if block.can_absorb(next, limit) => {
                Arc::make_mut(block).absorb(next);
            }
            (Node::Inner(inner), Node::Inner(next))
                if inner.edges.len() + next.edges.len() <= FAN - FAN / 4 =>
            {
                let inner = Arc::make_mut(inner);
                let before = inner.edges.len();
                inner.edges.extend_from_slice(&next.edges);
                inner.note_leads(before);
                inner.totals += next.totals;
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
