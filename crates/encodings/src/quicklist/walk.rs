//! Reading a list: one element, or one after the other in either direction.

use super::block::{Block, Unpacked};
use crate::listpack::{Element, Position};
use crate::tree::{At, Tree, Walk};

/// An element that was looked up, with the copy of its block if that is compressed.
pub struct Found<'a> {
    block: Unpacked<'a>,
    spot: Spot,
}

/// Where an element stands in its block.
#[derive(Clone, Copy)]
enum Spot {
    Packed(Position),
    /// The block has no other.
    Only,
}

impl<'a> Found<'a> {
    pub(super) fn new(block: Unpacked<'a>, offset: usize) -> Option<Self> {
        let spot = block.seek(offset as i64)?;
        Some(Self { block, spot })
    }

    /// The element.
    #[must_use]
    pub fn element(&self) -> Element<'_> {
        self.block.element(self.spot)
    }
}

impl Unpacked<'_> {
    /// The spot of an element, which may count from the end.
    fn seek(&self, index: i64) -> Option<Spot> {
        match self.view() {
            Ok(view) => view.seek(index).map(Spot::Packed),
            Err(_) => (index == 0 || index == -1).then_some(Spot::Only),
        }
    }

    fn beside(&self, spot: Spot, is_backward: bool) -> Option<Spot> {
        match (self.view(), spot) {
            (Ok(view), Spot::Packed(position)) => {
                let beside = if is_backward { view.previous(position) } else { view.next(position) };
                beside.map(Spot::Packed)
            }
            _ => None,
        }
    }

    fn element(&self, spot: Spot) -> Element<'_> {
        match (self.view(), spot) {
            (Ok(view), Spot::Packed(position)) => view.get(position),
            (Err(bytes), _) => Element::Bytes(bytes),
            (Ok(_), Spot::Only) => unreachable!("spots of packed blocks are positions"),
        }
    }

    /// Shows the elements from an offset on, up to `count` of them; tells how many there were.
    #[inline]
    pub(super) fn visit(&self, offset: usize, count: usize, show: &mut impl FnMut(Element<'_>)) -> usize {
        match self.view() {
            Ok(view) => view.seek(offset as i64).map_or(0, |from| view.visit(from, count, show)),
            Err(bytes) => {
                show(Element::Bytes(bytes));
                1
            }
        }
    }
}

/// The elements from a position on, in one direction. Not an `Iterator`: an element of a compressed block is lent until the
/// next one is asked for.
pub struct Elements<'a, const FAN: usize> {
    is_backward: bool,
    state: Option<State<'a, FAN>>,
}

struct State<'a, const FAN: usize> {
    walk: Walk<'a, Block, FAN>,
    block: Unpacked<'a>,
    /// Of the element to come. None at the end of the block.
    next: Option<Spot>,
}

impl<'a, const FAN: usize> Elements<'a, FAN> {
    pub(super) fn new(tree: &'a Tree<Block, FAN>, position: usize, is_backward: bool) -> Self {
        let mut seek = At(position);
        let walk = tree.walk(&mut seek).filter(|_| position < tree.len());
        let state = walk.map(|walk| {
            let block = walk.block().unpacked();
            let next = block.seek(seek.0 as i64);
            State { walk, block, next }
        });
        Self { is_backward, state }
    }

    /// The next element in the direction of the walk.
    pub fn next_element(&mut self) -> Option<Element<'_>> {
        let state = self.state.as_mut()?;
        if state.next.is_none() {
            let is_there = if self.is_backward { state.walk.back() } else { state.walk.forward() };
            if !is_there {
                return None;
            }
            state.block = state.walk.block().unpacked();
            state.next = state.block.seek(if self.is_backward { -1 } else { 0 });
        }
        let spot = state.next?;
        state.next = state.block.beside(spot, self.is_backward);
        Some(state.block.element(spot))
    }
}
