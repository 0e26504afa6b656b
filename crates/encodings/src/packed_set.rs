//! A small set in one word: an intset, or a listpack of members.
//!
//! The first word of the buffer tells which: of an intset it is the width of an element, which no listpack has as its length.

use std::marker::PhantomData;
use std::ptr::NonNull;

use crate::either::into_word;
use crate::intset::Intset;
use crate::listpack::Listpack;
use crate::thin::is_element_width;

/// The members of a small set.
///
/// Invariant: `word` is that of an `Intset` if the buffer begins with a width, else that of a `Listpack`.
#[repr(transparent)]
pub struct PackedSet {
    word: NonNull<u8>,
    kinds: PhantomData<(Intset, Listpack)>,
}

/// A look at one of the two kinds.
#[derive(Clone, Copy, Debug)]
pub enum Kind<I, P> {
    /// Integers in ascending order.
    Ints(I),
    /// Members in the order in which they came.
    Packed(P),
}

// SAFETY: it owns an `Intset` or a `Listpack`, which may go to other threads.
unsafe impl Send for PackedSet {}
// SAFETY: as above: shared access gives shared access to one of these.
unsafe impl Sync for PackedSet {}

impl PackedSet {
    #[inline]
    fn holds_ints(&self) -> bool {
        // SAFETY: buffers of both kinds are longer than a word, and initialised.
        let word = unsafe { self.word.cast::<[u8; 4]>().read() };
        is_element_width(u32::from_le_bytes(word) as usize)
    }

    /// A look at the members.
    #[inline]
    pub fn view(&self) -> Kind<&Intset, &Listpack> {
        let place = NonNull::from(&self.word);
        // SAFETY: by the invariant, and both are one `NonNull<u8>`.
        unsafe {
            if self.holds_ints() {
                Kind::Ints(place.cast().as_ref())
            } else {
                Kind::Packed(place.cast().as_ref())
            }
        }
    }

    /// A look at the members, which may be changed.
    #[inline]
    pub fn view_mut(&mut self) -> Kind<&mut Intset, &mut Listpack> {
        let holds_ints = self.holds_ints();
        let place = NonNull::from(&mut self.word);
        // SAFETY: as in `view`, and borrowed for writing; an intset stays one, and so does a listpack.
        unsafe {
            if holds_ints { Kind::Ints(place.cast().as_mut()) } else { Kind::Packed(place.cast().as_mut()) }
        }
    }
}

impl From<Intset> for PackedSet {
    fn from(ints: Intset) -> PackedSet {
        PackedSet { word: into_word(ints), kinds: PhantomData }
    }
}

impl From<Listpack> for PackedSet {
    fn from(members: Listpack) -> PackedSet {
        PackedSet { word: into_word(members), kinds: PhantomData }
    }
}

impl Default for PackedSet {
    fn default() -> PackedSet {
        Intset::new().into()
    }
}

impl Clone for PackedSet {
    fn clone(&self) -> PackedSet {
        match self.view() {
            Kind::Ints(ints) => ints.clone().into(),
            Kind::Packed(members) => members.clone().into(),
        }
    }
}

impl Drop for PackedSet {
    fn drop(&mut self) {
        // SAFETY: what is owned is dropped once; nothing uses the word any more.
        unsafe {
            match self.view_mut() {
                Kind::Ints(ints) => std::ptr::drop_in_place(ints),
                Kind::Packed(members) => std::ptr::drop_in_place(members),
            }
        }
    }
}

impl std::fmt::Debug for PackedSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.view().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ints(set: &PackedSet) -> Option<Vec<i64>> {
        if let Kind::Ints(ints) = set.view() { Some(ints.iter().collect()) } else { None }
    }

    #[test]
    fn is_one_word_that_may_be_nothing() {
        assert_eq!(size_of::<Option<PackedSet>>(), size_of::<usize>());
    }

    #[test]
    fn integers_of_every_width_are_integers() {
        let mut set = PackedSet::default();
        assert_eq!(ints(&set), Some(Vec::new()));
        for value in [1, 70_000, i64::MAX] {
            let Kind::Ints(members) = set.view_mut() else { panic!("it is an intset") };
            members.insert(value);
            assert_eq!(ints(&set).expect("it stays one").last(), Some(&value));
            assert_eq!(ints(&set.clone()), ints(&set));
        }
    }

    #[test]
    fn a_listpack_is_none_at_any_length() {
        let mut set = PackedSet::from(Listpack::new());
        for count in 0..300 {
            let Kind::Packed(members) = set.view_mut() else { panic!("it is a listpack") };
            assert_eq!(members.len(), count);
            members.push_back(&b""[..]);
        }
        let Kind::Packed(members) = set.view_mut() else { panic!("it is a listpack") };
        members.truncate(0);
        members.push_back(&b"2"[..]);
        assert_eq!(ints(&set.clone()), None);
        set = Intset::from_iter([5]).into();
        assert_eq!(ints(&set), Some(vec![5]));
    }
}
