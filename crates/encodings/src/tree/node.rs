//! The nodes of the tree: finding, changing, splitting, joining.

use triomphe::Arc;

use super::{Block, Seek, Totals};

/// A child seen from its parent.
#[derive(Clone)]
pub(crate) struct Edge<B: Block, const FAN: usize> {
    key: B::Key,
    count: usize,
    node: Node<B, FAN>,
}

#[derive(Clone)]
enum Node<B: Block, const FAN: usize> {
    Leaf(Arc<B>),
    Inner(Arc<Inner<B, FAN>>),
}

/// A row of children, at most `FAN`. Only the root of an empty tree has none.
#[derive(Clone)]
pub(super) struct Inner<B: Block, const FAN: usize> {
    edges: Vec<Edge<B, FAN>>,
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
    fn edit<S: Seek<B, FAN>, R>(
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
                    self.key = block.key();
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
                    self.key.clone_from(&first.key);
                }
                (outcome, upper)
            }
        }
    }

    /// Cuts a part of the elements below out.
    fn cut(
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
                self.key = block.key();
            }
            Node::Inner(inner) => {
                let inner = Arc::make_mut(inner);
                inner.cut(from, to, limit, totals, remove);
                self.key.clone_from(&inner.edges[0].key);
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

    fn is_sparse(&self, limit: B::Limit) -> bool {
        match &self.node {
            Node::Leaf(block) => block.is_sparse(limit),
            Node::Inner(inner) => inner.edges.len() < FAN / 4,
        }
    }

    /// Takes in the child behind, if one node can hold both and has some room left.
    fn absorb(&mut self, next: &Self, limit: B::Limit, totals: &mut Totals) -> bool {
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
        B::Key: PartialEq + std::fmt::Debug,
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
