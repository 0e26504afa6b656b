//! An inner node: a row of children. Finding, splitting, joining.

use triomphe::Arc;

use super::edge::{Cut, Edge, Node};
use super::{Block, Seek, Totals};

/// A row of children, at most `FAN`. Only the root of an empty tree has none.
#[derive(Clone)]
pub(super) struct Inner<B: Block, const FAN: usize> {
    pub(super) edges: Vec<Edge<B, FAN>>,
}

impl<B: Block, const FAN: usize> Default for Inner<B, FAN> {
    fn default() -> Self {
        Self { edges: Vec::new() }
    }
}

impl<B: Block, const FAN: usize> Inner<B, FAN> {
    /// The node above these children, with as many levels between as it takes.
    pub(super) fn tower(mut edges: Vec<Edge<B, FAN>>) -> Self {
        while edges.len() > FAN {
            let mut rest = edges.into_iter();
            let rows = std::iter::from_fn(|| Some(rest.by_ref().take(FAN).collect::<Vec<_>>()));
            let rows = rows.take_while(|row| !row.is_empty());
            edges = rows.map(|edges| Edge::of_inner(Arc::new(Self { edges }))).collect();
        }
        Self { edges }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.edges.is_empty()
    }

    pub(super) fn edges(&self) -> &[Edge<B, FAN>] {
        &self.edges
    }

    /// The block at a place, or the node.
    #[inline]
    pub(super) fn child(&self, index: usize) -> Result<&B, &Self> {
        match &self.edges[index].node {
            Node::Leaf(block) => Ok(block),
            Node::Inner(inner) => Err(inner),
        }
    }

    /// The child, if it is the only one and not a block.
    pub(super) fn only_inner_child(&self) -> Option<Arc<Self>> {
        match self.edges.as_slice() {
            [Edge { node: Node::Inner(child), .. }] => Some(Arc::clone(child)),
            _ => None,
        }
    }

    /// The block that a search leads to. The callback gets the children that it passes, level by level.
    #[inline]
    pub(super) fn block<S: Seek<B, FAN>>(
        &self,
        seek: &mut S,
        pass: &mut impl FnMut(&[Edge<B, FAN>]),
    ) -> Option<&B> {
        let mut node = self;
        if node.is_empty() {
            return None;
        }
        loop {
            let index = seek.choose(&node.edges);
            pass(&node.edges[..index]);
            match node.child(index) {
                Ok(block) => return Some(block),
                Err(inner) => node = inner,
            }
        }
    }

    /// The block that a search leads to, not shared any more.
    pub(super) fn block_mut<S: Seek<B, FAN>>(&mut self, seek: &mut S, totals: &mut Totals) -> &mut B {
        let mut node = self;
        loop {
            let index = seek.choose(&node.edges);
            match &mut node.edges[index].node {
                Node::Leaf(block) => {
                    totals.subtract(&**block);
                    let block = Arc::make_mut(block);
                    totals.add(block);
                    return block;
                }
                Node::Inner(inner) => node = Arc::make_mut(inner),
            }
        }
    }

    /// Changes the block that a search leads to; gives the upper part if this node had to be split.
    pub(super) fn edit<S: Seek<B, FAN>, R>(
        &mut self,
        seek: &mut S,
        limit: B::Limit,
        totals: &mut Totals,
        change: impl FnOnce(&mut B, usize) -> (R, Option<B>),
    ) -> (R, Option<Self>) {
        let index = seek.choose(&self.edges);
        let (outcome, spill) = self.edges[index].edit(seek, limit, totals, change);
        let upper = match spill {
            Some(spill) => self.insert(index + 1, spill),
            None => {
                self.settle(index, limit, totals);
                None
            }
        };
        (outcome, upper)
    }

    /// Puts a child in; gives the upper part if the node had to be split.
    fn insert(&mut self, index: usize, edge: Edge<B, FAN>) -> Option<Self> {
        let len = self.edges.len();
        if len < FAN {
            if len == self.edges.capacity() {
                self.edges.reserve_exact(len.clamp(1, FAN - len));
            }
            self.edges.insert(index, edge);
            return None;
        }
        // Who fills the tree from one end leaves full nodes behind.
        let middle = if index == len || index == 1 { index } else { len / 2 };
        let mut upper = Self { edges: self.edges.split_off(middle) };
        let half = if index >= middle { &mut upper } else { &mut *self };
        half.insert(if index >= middle { index - middle } else { index }, edge);
        Some(upper)
    }

    /// After a change of a child: takes it out if it is empty, joins it with a neighbour if it is sparse.
    fn settle(&mut self, index: usize, limit: B::Limit, totals: &mut Totals) {
        let edge = &self.edges[index];
        if edge.count == 0 {
            if let Node::Leaf(block) = &edge.node {
                totals.subtract(&**block);
            }
            self.edges.remove(index);
        } else if edge.is_sparse(limit) && !self.join(index, limit, totals) && index > 0 {
            self.join(index - 1, limit, totals);
        }
    }

    /// Makes a child and the one behind it one, if that can be.
    fn join(&mut self, index: usize, limit: B::Limit, totals: &mut Totals) -> bool {
        let Some([child, next]) = self.edges.get_mut(index..).and_then(|edges| edges.first_chunk_mut())
        else {
            return false;
        };
        let is_joined = child.absorb(next, limit, totals);
        if is_joined {
            self.edges.remove(index + 1);
        }
        is_joined
    }

    /// Cuts the elements between two positions out.
    pub(super) fn cut(
        &mut self,
        from: usize,
        to: usize,
        limit: B::Limit,
        totals: &mut Totals,
        remove: &mut impl FnMut(Cut<'_, B>),
    ) {
        let (mut start, mut untouched) = (0, 0);
        for edge in &mut self.edges {
            let end = start + edge.count;
            if end <= from {
                untouched += 1;
            } else if start < to {
                edge.cut(from.max(start) - start, to.min(end) - start, limit, totals, remove);
            }
            start = end;
        }
        self.edges.retain(|edge| edge.count > 0);
        // What was cut in part are these two at most: the one that the cut begins in and the one that it ends in.
        for index in [untouched + 1, untouched] {
            if index < self.edges.len() {
                self.settle(index, limit, totals);
            }
        }
    }

    /// Compares what each edge says with what is below it. Gives the number of elements and the height.
    #[cfg(test)]
    pub(super) fn check(&self, is_root: bool) -> (usize, usize)
    where
        B::Key: std::fmt::Debug,
    {
        assert!(self.edges.len() <= FAN && (is_root || !self.is_empty()));
        let mut heights = Vec::new();
        for edge in &self.edges {
            assert!(edge.count > 0 && edge.key == edge.first_block().key());
            let (count, height) = match &edge.node {
                Node::Leaf(block) => (block.count(), 0),
                Node::Inner(inner) => inner.check(false),
            };
            assert_eq!(count, edge.count);
            heights.push(height + 1);
        }
        assert!(heights.windows(2).all(|pair| pair[0] == pair[1]), "equally deep");
        (self.edges.iter().map(|edge| edge.count).sum(), heights.first().copied().unwrap_or(0))
    }
}
