//! Small or large in one word: a packed buffer as it is, or a box.
//!
//! Most collections are small, and there are many, so it takes no room to tell which ones are: the two lowest bits of an
//! address do, which alignment leaves free. Without them the word is the packed buffer's own, as it stands; `LARGE` is a box
//! of the large side, `MARKED` a box of a packed buffer that its user wants to know from others.

use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::ptr::NonNull;

use crate::intset::Intset;
use crate::listpack::Listpack;
use crate::packed_set::PackedSet;

const LARGE: usize = 1;
const MARKED: usize = 2;
const BITS: usize = LARGE | MARKED;

/// What may be the packed side: a word that owns an aligned buffer.
///
/// # Safety
///
/// A value is one `NonNull<u8>` and nothing else (`repr(transparent)`), and its address is a multiple of four, whatever is
/// done with the value.
pub unsafe trait Packed: Sized {}

// SAFETY: a transparent `Thin`, which is a transparent pointer to an allocation aligned to 8.
unsafe impl Packed for Listpack {}
// SAFETY: as above.
unsafe impl Packed for Intset {}
// SAFETY: a transparent pointer, which is the word of an intset or of a listpack.
unsafe impl Packed for PackedSet {}

/// The word that a packed buffer is, and that owns it from now on.
pub(crate) fn into_word<P: Packed>(packed: P) -> NonNull<u8> {
    const { assert!(size_of::<P>() == size_of::<NonNull<u8>>() && align_of::<P>() == align_of::<NonNull<u8>>()) };
    // SAFETY: a `P` is a `NonNull<u8>`, and is not dropped where it was.
    let word = unsafe { NonNull::from(&ManuallyDrop::new(packed)).cast::<NonNull<u8>>().read() };
    debug_assert_eq!(word.addr().get() & BITS, 0, "a packed buffer is aligned");
    word
}

/// The owner of a packed buffer or of something large.
///
/// Invariant: with neither of its two lowest bits, `word` is a `P`; with one of them, a box of an `L` (`LARGE`) or of a `P`
/// (`MARKED`), to whose address it was added.
pub struct Either<P: Packed, L> {
    word: NonNull<u8>,
    sides: PhantomData<(P, Box<L>)>,
}

/// A look at one of two sides.
#[derive(Clone, Copy, Debug)]
pub enum View<P, L> {
    /// The packed side.
    Packed(P),
    /// The large side.
    Large(L),
}

// SAFETY: it owns a `P` or an `L`, as an enum of both does.
unsafe impl<P: Packed + Send, L: Send> Send for Either<P, L> {}
// SAFETY: as above: shared access gives shared access to what it owns, and nothing else.
unsafe impl<P: Packed + Sync, L: Sync> Sync for Either<P, L> {}

impl<P: Packed, L> Either<P, L> {
    /// The packed side.
    #[inline]
    pub fn packed(packed: P) -> Either<P, L> {
        Either { word: into_word(packed), sides: PhantomData }
    }

    /// The packed side with a mark, which costs the word that the buffer is kept in elsewhere.
    pub fn marked(packed: P) -> Either<P, L> {
        Either { word: boxed(packed, MARKED), sides: PhantomData }
    }

    /// The large side.
    pub fn large(large: L) -> Either<P, L> {
        Either { word: boxed(large, LARGE), sides: PhantomData }
    }

    #[inline]
    fn bits(&self) -> usize {
        self.word.addr().get() & BITS
    }

    /// Whether it was made by [`Either::marked`].
    #[inline]
    pub fn is_marked(&self) -> bool {
        self.bits() == MARKED
    }

    /// Where what it owns begins, to be fetched before it is read.
    #[inline]
    pub fn address(&self) -> NonNull<u8> {
        // SAFETY: by the invariant, taking its bits away leads to the start of what it owns.
        unsafe { self.word.byte_sub(self.bits()) }
    }

    /// Where what it owns lies, told by its word; this may be used as the reference that `word` was made of may.
    ///
    /// # Safety
    /// `word` is that of a living `Either<P, L>`.
    #[inline]
    unsafe fn place(word: NonNull<NonNull<u8>>) -> View<NonNull<P>, NonNull<L>> {
        // SAFETY: by the invariant: the word can be read, and taking its bits away leads to the start of the box.
        unsafe {
            let address = word.read();
            match address.addr().get() & BITS {
                0 => View::Packed(word.cast()),
                LARGE => View::Large(address.byte_sub(LARGE).cast()),
                _ => View::Packed(address.byte_sub(MARKED).cast()),
            }
        }
    }

    /// A look at what is there.
    #[inline]
    pub fn view(&self) -> View<&P, &L> {
        // SAFETY: the word is this one's, which owns what lies there and is borrowed for as long as the look is.
        unsafe {
            match Self::place(NonNull::from(&self.word)) {
                View::Packed(packed) => View::Packed(packed.as_ref()),
                View::Large(large) => View::Large(large.as_ref()),
            }
        }
    }

    /// A look at what is there, which may be changed: a packed buffer that is moved stays in its place.
    #[inline]
    pub fn view_mut(&mut self) -> View<&mut P, &mut L> {
        // SAFETY: as in `view`, and borrowed for writing. Another `P` in the place of the word keeps the invariant.
        unsafe {
            match Self::place(NonNull::from(&mut self.word)) {
                View::Packed(mut packed) => View::Packed(packed.as_mut()),
                View::Large(mut large) => View::Large(large.as_mut()),
            }
        }
    }
}

/// The address of a box that owns `owned`, with a bit added.
fn boxed<T>(owned: T, bit: usize) -> NonNull<u8> {
    const {
        assert!(align_of::<T>() > BITS && size_of::<T>() > BITS, "the bits are free, and lead nowhere else");
    };
    let start = NonNull::from(Box::leak(Box::new(owned))).cast::<u8>();
    // SAFETY: the allocation is longer than the bits.
    unsafe { start.byte_add(bit) }
}

impl<P: Packed, L> Drop for Either<P, L> {
    fn drop(&mut self) {
        let bits = self.bits();
        // SAFETY: by the invariant; nothing uses the word any more.
        unsafe {
            match Self::place(NonNull::from(&mut self.word)) {
                View::Packed(packed) if bits == 0 => packed.drop_in_place(),
                View::Packed(packed) => drop(Box::from_raw(packed.as_ptr())),
                View::Large(large) => drop(Box::from_raw(large.as_ptr())),
            }
        }
    }
}

impl<P: Packed + Clone, L: Clone> Clone for Either<P, L> {
    fn clone(&self) -> Either<P, L> {
        match self.view() {
            View::Packed(packed) if self.is_marked() => Either::marked(packed.clone()),
            View::Packed(packed) => Either::packed(packed.clone()),
            View::Large(large) => Either::large(large.clone()),
        }
    }
}

impl<P: Packed + Default, L> Default for Either<P, L> {
    fn default() -> Either<P, L> {
        Either::packed(P::default())
    }
}

impl<P: Packed + std::fmt::Debug, L: std::fmt::Debug> std::fmt::Debug for Either<P, L> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.view().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;

    type Either = super::Either<Listpack, Rc<u64>>;

    fn listpack(words: &[&str]) -> Listpack {
        words.iter().map(|word| word.as_bytes().into()).collect()
    }

    fn elements(either: &Either) -> Option<usize> {
        if let View::Packed(packed) = either.view() { Some(packed.len()) } else { None }
    }

    fn number(either: &Either) -> Option<u64> {
        if let View::Large(number) = either.view() { Some(**number) } else { None }
    }

    #[test]
    fn is_one_word_that_may_be_nothing() {
        assert_eq!(size_of::<Option<Either>>(), size_of::<usize>());
    }

    #[test]
    fn either_side_is_read_and_changed() {
        let mut either = Either::packed(listpack(&["a"]));
        for (is_marked, word) in [(false, "packed"), (true, "marked")] {
            for count in 2..200 {
                let View::Packed(packed) = either.view_mut() else { panic!("it is packed") };
                // It grows, and so its buffer moves.
                packed.push_back(word.as_bytes());
                assert_eq!((elements(&either), either.is_marked()), (Some(count), is_marked));
            }
            either = Either::marked(listpack(&["a"]));
        }
        let mut large = Either::large(Rc::new(7));
        let View::Large(seven) = large.view_mut() else { panic!("it is large") };
        *Rc::get_mut(seven).expect("nobody else has it") += 1;
        assert_eq!((number(&large), large.is_marked()), (Some(8), false));
    }

    #[test]
    fn one_side_takes_the_place_of_the_other() {
        let counted = Rc::new(1);
        let mut either = Either::packed(listpack(&["a", "b"]));
        for count in [1, 5, 9] {
            either = Either::large(Rc::clone(&counted));
            assert_eq!((Rc::strong_count(&counted), elements(&either), number(&either)), (2, None, Some(1)));
            either = Either::marked(listpack(&vec!["x"; count]));
            assert_eq!((Rc::strong_count(&counted), elements(&either)), (1, Some(count)));
        }
        if let View::Packed(packed) = either.view_mut() {
            *packed = listpack(&["another"]);
        }
        assert_eq!(elements(&either), Some(1));
    }

    #[test]
    fn a_clone_is_another() {
        for either in [Either::packed(listpack(&["a"])), Either::marked(listpack(&["a"]))] {
            let mut clone = either.clone();
            let View::Packed(packed) = clone.view_mut() else { panic!("it is packed") };
            packed.push_back(b"b");
            assert_eq!((elements(&either), elements(&clone)), (Some(1), Some(2)));
            assert_eq!(either.is_marked(), clone.is_marked());
        }
        let counted = Rc::new(1);
        let large = Either::large(Rc::clone(&counted));
        let clone = large.clone();
        assert_eq!(Rc::strong_count(&counted), 3);
        drop(large);
        assert_eq!((Rc::strong_count(&counted), number(&clone)), (2, Some(1)));
        drop(clone);
        assert_eq!(Rc::strong_count(&counted), 1);
    }

    #[test]
    fn goes_to_other_threads_if_its_sides_do() {
        fn goes<T: Send + Sync>() {}
        goes::<super::Either<Listpack, Vec<u8>>>();
        let either = super::Either::<Listpack, Vec<u8>>::packed(listpack(&["a"]));
        let len = std::thread::spawn(
            move || if let View::Packed(packed) = either.view() { packed.len() } else { 0 },
        );
        assert_eq!(len.join().expect("it ends"), 1);
    }
}
