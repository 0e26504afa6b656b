//! An inner node: a row of children. Finding, splitting, joining.

use std::ptr::NonNull;

use triomphe::Arc;

use super::edge::{Cut, Edge, Node};
use super::{Block, Seek, Totals};

/// What processors fetch at a time.
const LINE_BYTES: usize = 64;

/// A row of children, at most `FAN`. Only the root of an empty tree has none.
#[derive(Clone)]
pub(crate) struct Inner<B: Block, const FAN: usize> {
    pub(super) edges: Vec<Edge<B, FAN>>,
    /// The leads of the children's keys, as many as there are children.
    leads: [B::Lead; FAN],
    /// What is below all of them.
    pub(super) totals: Totals,
}

impl<B: Block, const FAN: usize> Default for Inner<B, FAN> {
    fn default() -> Self {
        Self::of_edges(Vec::new())
    }
}

impl<B: Block, const FAN: usize> Inner<B, FAN> {
    /// The node above these children, with as many levels between as it takes.
    pub(super) fn tower(mut edges: Vec<Edge<B, FAN>>) -> Self {
        while edges.len() > FAN {
            let mut rest = edges.into_iter();
            let rows = std::iter::from_fn(|| Some(rest.by_ref().take(FAN).collect::<Vec<_>>()));
            let rows = rows.take_while(|row| !row.is_empty());
            edges = rows.map(|edges| Edge::of_inner(Arc::new(Self::of_edges(edges)))).collect();
        }
        Self::of_edges(edges)
    }

    fn of_edges(edges: Vec<Edge<B, FAN>>) -> Self {
        let mut totals = Totals::default();
        edges.iter().for_each(|edge| totals += edge.totals());
        let mut inner = Self { edges, leads: [B::Lead::default(); FAN], totals };
        inner.note_leads(0);
        inner
    }

    /// Puts the leads of the children from an index on where searches look at them.
    pub(super) fn note_leads(&mut self, from: usize) {
        let edges = self.edges.iter().skip(from);
        self.leads.iter_mut().skip(from).zip(edges).for_each(|(lead, edge)| *lead = B::lead(&edge.key));
    }

    /// Which of the children a search goes to. There is at least one.
    #[inline]
    pub(super) fn choose<S: Seek<B, FAN>>(&self, seek: &mut S) -> usize {
        seek.choose(&self.edges, &self.leads[..self.edges.len()])
    }

    /// The block below this lowest node that a search leads to.
    #[inline]
    pub(crate) fn block_below<S: Seek<B, FAN>>(&self, seek: &mut S) -> Option<&B> {
        self.child(self.choose(seek)).ok()
    }

    /// The lowest node on the way of a search.
    #[inline]
    pub(super) fn lowest_node<S: Seek<B, FAN>>(&self, seek: &mut S) -> Option<&Self> {
        let mut node = self;
        loop {
            match &node.edges.first()?.node {
                Node::Leaf(_) => return Some(node),
                Node::Inner(_) => node = node.child(node.choose(seek)).err()?,
            }
        }
    }

    /// Where a search in this node looks, line by line.
    #[inline]
    pub(crate) fn lines(&self) -> impl Iterator<Item = NonNull<u8>> + '_ {
        let leads = self.leads.iter().step_by((LINE_BYTES / size_of::<B::Lead>().max(1)).max(1));
        std::iter::once(NonNull::from(&self.edges).cast()).chain(leads.map(|lead| NonNull::from(lead).cast()))
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
            let index = node.choose(seek);
            pass(&node.edges[..index]);
            match node.child(index) {
                Ok(block) => return Some(block),
                Err(inner) => node = inner,
            }
        }
    }

    /// The block that a search leads to, not shared any more, and how many bytes it took more while it was.
    pub(super) fn block_mut<S: Seek<B, FAN>>(&mut self, seek: &mut S) -> (&mut B, usize) {
        let index = self.choose(seek);
        let (block, less_bytes) = match &mut self.edges[index].node {
            Node::Leaf(block) => {
                let shared_bytes = block.outside_bytes();
                let block = Arc::make_mut(block);
                let less_bytes = shared_bytes.wrapping_sub(block.outside_bytes());
                (block, less_bytes)
            }
            Node::Inner(inner) => Arc::make_mut(inner).block_mut(seek),
        };
        self.totals.bytes = self.totals.bytes.wrapping_sub(less_bytes);
        (block, less_bytes)
    }

    /// Changes the block that a search leads to; gives the upper part if this node had to be split.
    pub(super) fn edit<S: Seek<B, FAN>, R>(
        &mut self,
        seek: &mut S,
        limit: B::Limit,
        change: impl FnOnce(&mut B, usize) -> (R, Option<B>),
    ) -> (R, Option<Self>) {
        let index = self.choose(seek);
        let child = &mut self.edges[index];
        // What a copy allocates may differ: the child as it stands is counted out.
        let before = child.totals();
        self.totals -= before;
        let (outcome, spill) = child.edit(seek, limit, change);
        let after = child.totals();
        self.totals += after;
        self.leads[index] = B::lead(&child.key);
        let upper = match spill {
            Some(spill) => self.insert(index + 1, spill),
            None => {
                // What has not become less is no reason to look for a neighbour. Nor must it be: whoever finds no room in a
                // block counts on its ends being where they were.
                if after.elements < before.elements || after.bytes < before.bytes {
                    self.settle(index, limit);
                }
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
            self.totals += edge.totals();
            self.edges.insert(index, edge);
            self.note_leads(index);
            return None;
        }
        // Who fills the tree from one end leaves full nodes behind.
        let middle = if index == len || index == 1 { index } else { len / 2 };
        let mut upper = Self::of_edges(self.edges.split_off(middle));
        self.totals -= upper.totals;
        let half = if index >= middle { &mut upper } else { &mut *self };
        half.insert(if index >= middle { index - middle } else { index }, edge);
        Some(upper)
    }

    /// After a change of a child: takes it out if it is empty, joins it with a neighbour if it is sparse.
    fn settle(&mut self, index: usize, limit: B::Limit) {
        let edge = &self.edges[index];
        if edge.count == 0 {
            self.totals -= edge.totals();
            self.edges.remove(index);
            self.note_leads(index);
        } else if edge.is_sparse(limit) && !self.join(index, limit) && index > 0 {
            self.join(index - 1, limit);
        }
    }

    /// Makes a child and the one behind it one, if that can be.
    fn join(&mut self, index: usize, limit: B::Limit) -> bool {
        let Some([child, next]) = self.edges.get_mut(index..).and_then(|edges| edges.first_chunk_mut())
        else {
            return false;
        };
        let (before, next_before) = (child.totals(), next.totals());
        let is_joined = child.absorb(next, limit);
        if is_joined {
            self.totals += child.totals();
            self.totals -= before;
            self.totals -= next_before;
            self.edges.remove(index + 1);
            self.note_leads(index);
        }
        is_joined
    }

    /// Cuts the elements between two positions out.
    pub(super) fn cut(
        &mut self,
        from: usize,
        to: usize,
        limit: B::Limit,
        remove: &mut impl FnMut(Cut<'_, B, FAN>),
    ) {
        let Self { edges, totals, .. } = self;
        let (mut start, mut untouched) = (0, 0);
        for edge in edges.iter_mut() {
            let end = start + edge.count;
            if end <= from {
                untouched += 1;
            } else if start < to {
                *totals -= edge.totals();
                edge.cut(from.max(start) - start, to.min(end) - start, limit, remove);
                if edge.count > 0 {
                    *totals += edge.totals();
                }
            }
            start = end;
        }
        edges.retain(|edge| edge.count > 0);
        self.note_leads(0);
        // What was cut in part are these two at most: the one that the cut begins in and the one that it ends in.
        for index in [untouched + 1, untouched] {
            if index < self.edges.len() {
                self.settle(index, limit);
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
        let (mut heights, mut totals) = (Vec::new(), Totals::default());
        for (edge, lead) in self.edges.iter().zip(&self.leads) {
            assert_eq!(B::lead(&edge.key), *lead);
            assert!(edge.count > 0 && edge.key == edge.first_block().key());
            let (count, height) = match &edge.node {
                Node::Leaf(block) => (block.count(), 0),
                Node::Inner(inner) => inner.check(false),
            };
            assert_eq!(count, edge.count);
            totals += edge.totals();
            heights.push(height + 1);
        }
        assert!(heights.windows(2).all(|pair| pair[0] == pair[1]), "equally deep");
        assert_eq!(totals, self.totals);
        (totals.elements, heights.first().copied().unwrap_or(0))
    }
}
