//! Lists: byte strings in the order in which they were pushed.
//!
//! A short list is one listpack; a longer one a quicklist, a tree of listpacks. A list becomes a quicklist when what is added
//! would take it beyond `list-max-listpack-size`, and a listpack again when it has shrunk to half of that: between the two it
//! stays what it is.

use encodings::either::{Either, View};
use encodings::listpack::{Element, Listpack};
use encodings::quicklist::{BlockView, Fill, QuickList};

use crate::collection::Collection;
use crate::limits::ListLimits;
use crate::types::Type;

mod edit;
#[cfg(test)]
mod tests;
mod walk;

pub use walk::Walk;

/// A list: one word.
#[derive(Clone, Default)]
pub struct List {
    form: Either<Listpack, QuickList>,
}

/// One of the two ends of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Where the first element is: LEFT.
    Front,
    /// Where the last element is: RIGHT.
    Back,
}

impl ListLimits {
    /// What one block of a list may hold.
    pub(crate) fn fill(self) -> Fill {
        Fill::new(i64::from(self.listpack_size), self.compress_depth)
    }
}

impl List {
    /// Number of elements.
    #[inline]
    pub fn len(&self) -> usize {
        match self.form.view() {
            View::Packed(listpack) => listpack.len(),
            View::Large(list) => list.len(),
        }
    }

    /// Whether there is no element.
    #[inline]
    pub fn is_empty(&self) -> bool {
        match self.form.view() {
            View::Packed(listpack) => listpack.is_empty(),
            View::Large(list) => list.is_empty(),
        }
    }

    /// The position of an index that counts from the end if it is negative; none if there is no such element.
    pub fn position(&self, index: i64) -> Option<usize> {
        let distance = usize::try_from(index.unsigned_abs()).ok()?;
        let position = if index < 0 { self.len().checked_sub(distance)? } else { distance };
        (position < self.len()).then_some(position)
    }

    /// Shows the elements from `start` on, `count` of them or as many as there are, to `show`.
    #[inline]
    pub fn visit(&self, start: usize, count: usize, mut show: impl FnMut(Element<'_>)) {
        match self.form.view() {
            View::Packed(listpack) => {
                let first = i64::try_from(start).ok().and_then(|index| listpack.seek(index));
                if let Some(first) = first {
                    listpack.view().visit(first, count, &mut show);
                }
            }
            View::Large(list) => list.visit(start, count, &mut show),
        }
    }

    /// The position of the first element that equals `wanted`.
    pub fn find(&self, wanted: &[u8]) -> Option<usize> {
        let wanted = Element::of(wanted);
        let mut walk = self.walk(0, false);
        let mut position = 0;
        while walk.next_element()? != wanted {
            position += 1;
        }
        Some(position)
    }

    /// The listpacks and large elements that it is made of, in order, as files hold them.
    pub fn blocks(&self) -> Box<dyn Iterator<Item = BlockView<'_>> + '_> {
        match self.form.view() {
            View::Packed(listpack) => {
                let block = BlockView::Packed(listpack.view());
                Box::new(std::iter::once(block).filter(|_| !listpack.is_empty()))
            }
            View::Large(list) => Box::new(list.blocks()),
        }
    }

    /// How many blocks [`List::blocks`] gives.
    pub fn block_count(&self) -> usize {
        match self.form.view() {
            View::Packed(listpack) => usize::from(!listpack.is_empty()),
            View::Large(list) => list.block_count(),
        }
    }

    /// Adds a block of a file behind all others, as it is. To be followed by [`List::settle`] when all are added.
    pub fn append_packed(&mut self, listpack: Listpack, limits: ListLimits) {
        self.make_quick(limits).append_packed(listpack, limits.fill());
    }

    /// Adds a large element of a file behind all others, in a block of its own.
    pub fn append_plain(&mut self, bytes: &[u8], limits: ListLimits) {
        self.make_quick(limits).append_plain(bytes, limits.fill());
    }

    /// A list that was built of blocks takes the encoding that its size asks for.
    pub fn settle(&mut self, limits: ListLimits) {
        self.pack_if(|bytes, count| limits.fill().holds(bytes, count));
    }

    /// A quicklist that has shrunk to half of what a listpack may hold becomes one.
    pub(crate) fn shrink(&mut self, limits: ListLimits) {
        self.pack_if(|bytes, count| limits.fill().holds(bytes * 2, count * 2));
    }

    fn pack_if(&mut self, fits: impl Fn(usize, usize) -> bool) {
        let View::Large(list) = self.form.view() else { return };
        if list.block_count() != 1 {
            return;
        }
        let only: Listpack = match list.blocks().next() {
            Some(BlockView::Packed(view)) if fits(view.total_bytes(), view.len()) => view.into(),
            Some(BlockView::Unpacked(listpack)) if fits(listpack.total_bytes(), listpack.len()) => listpack,
            _ => return,
        };
        self.form = Either::packed(only);
    }

    /// Makes room for so many more elements of so many bytes together: beyond the limit it becomes a quicklist.
    pub(crate) fn grow(&mut self, count: usize, bytes: usize, limits: ListLimits) {
        if let View::Packed(listpack) = self.form.view()
            && !limits.fill().holds(listpack.total_bytes().saturating_add(bytes), listpack.len() + count)
        {
            self.make_quick(limits);
        }
    }

    fn make_quick(&mut self, limits: ListLimits) -> &mut QuickList {
        if let View::Packed(listpack) = self.form.view_mut() {
            let mut list = QuickList::new();
            list.append_packed(std::mem::take(listpack), limits.fill());
            self.form = Either::large(list);
        }
        match self.form.view_mut() {
            View::Large(list) => list,
            View::Packed(_) => unreachable!("it was made a quicklist"),
        }
    }
}

/// Lists are equal when their elements are.
impl PartialEq for List {
    fn eq(&self, other: &List) -> bool {
        let (mut one, mut two) = (self.walk(0, false), other.walk(0, false));
        loop {
            match (one.next_element(), two.next_element()) {
                (None, None) => return true,
                (Some(one), Some(two)) if one == two => {}
                _ => return false,
            }
        }
    }
}

impl std::fmt::Debug for List {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut list = formatter.debug_list();
        self.visit(0, self.len(), |element| {
            list.entry(&element);
        });
        list.finish()
    }
}

impl Collection for List {
    const TYPE: Type = Type::List;

    fn len(&self) -> usize {
        List::len(self)
    }

    fn is_empty(&self) -> bool {
        List::is_empty(self)
    }

    fn part_count(&self) -> usize {
        match self.form.view() {
            View::Packed(_) => 1,
            View::Large(list) => list.block_count(),
        }
    }

    fn allocated_bytes(&self) -> usize {
        match self.form.view() {
            View::Packed(listpack) => listpack.total_bytes(),
            View::Large(list) => size_of::<QuickList>() + list.allocated_bytes(),
        }
    }

    fn encoding(&self) -> &'static str {
        match self.form.view() {
            View::Packed(_) => "listpack",
            View::Large(_) => "quicklist",
        }
    }
}
