//! An intset: a sorted set of integers in one run of bytes, exactly as RDB files and DUMP hold it.
//!
//! The width of an element (2, 4 or 8) and the number of elements, 32 bits each, then the elements in ascending order, all
//! little-endian. The width is that of the widest element there has been; it never goes back.

use crate::thin::{IntsetFormat, Thin};

/// Width and number of elements.
const HEADER_BYTES: usize = 8;

/// A sorted set of integers: one word, one exact allocation.
#[derive(Clone)]
#[repr(transparent)]
pub struct Intset {
    thin: Thin<IntsetFormat>,
}

/// Why bytes are no intset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damaged {
    /// The header tells another length than there is, or there is no whole header.
    Length,
    /// Elements are not 2, 4 or 8 bytes wide.
    Width,
    /// An element is not greater than the one before it.
    Order,
}

impl std::fmt::Display for Damaged {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Damaged::Length => "the intset's length is not what its header tells",
            Damaged::Width => "the intset's elements are not 2, 4 or 8 bytes wide",
            Damaged::Order => "the intset's elements are not in ascending order",
        })
    }
}

impl std::error::Error for Damaged {}

/// The narrowest width that holds a value.
fn width_of(value: i64) -> usize {
    match value {
        -0x8000..=0x7fff => 2,
        -0x8000_0000..=0x7fff_ffff => 4,
        _ => 8,
    }
}

/// The element with this number, of `elements` that are each `width` bytes wide.
#[inline]
fn element(elements: &[u8], width: usize, index: usize) -> i64 {
    let mut whole = [0; 8];
    let unused = 8 - width;
    whole[unused..].copy_from_slice(&elements[index * width..][..width]);
    i64::from_le_bytes(whole) >> (8 * unused)
}

/// The bytes of an intset of these values, which are in ascending order.
fn encode(width: usize, values: impl ExactSizeIterator<Item = i64>) -> Vec<u8> {
    let len = u32::try_from(values.len()).expect("an intset has fewer than 2^32 elements");
    let mut bytes = Vec::with_capacity(HEADER_BYTES + width * values.len());
    bytes.extend_from_slice(&(width as u32).to_le_bytes());
    bytes.extend_from_slice(&len.to_le_bytes());
    for value in values {
        bytes.extend_from_slice(&value.to_le_bytes()[..width]);
    }
    bytes
}

impl Intset {
    /// An empty intset.
    pub fn new() -> Intset {
        Intset { thin: Thin::copy_of(&encode(2, [].into_iter())) }
    }

    /// An intset from outside: its header and the order of its elements are checked.
    pub fn from_bytes(bytes: &[u8]) -> Result<Intset, Damaged> {
        let (header, elements) = bytes.split_at_checked(HEADER_BYTES).ok_or(Damaged::Length)?;
        let width = usize::from(header[0]);
        if !matches!(width, 2 | 4 | 8) || header[1..4] != [0; 3] {
            return Err(Damaged::Width);
        }
        if !Thin::<IntsetFormat>::is_whole(bytes) {
            return Err(Damaged::Length);
        }
        let len = elements.len() / width;
        let ascends = |index: &usize| element(elements, width, index - 1) < element(elements, width, *index);
        if !(1..len).all(|index| ascends(&index)) {
            return Err(Damaged::Order);
        }
        Ok(Intset { thin: Thin::copy_of(bytes) })
    }

    /// The whole intset, as files and DUMP hold it.
    pub fn as_bytes(&self) -> &[u8] {
        self.thin.bytes()
    }

    /// Its length in bytes, which is also what it takes of the heap.
    pub fn total_bytes(&self) -> usize {
        self.thin.total_bytes()
    }

    /// The number of elements.
    #[inline]
    pub fn len(&self) -> usize {
        (self.total_bytes() - HEADER_BYTES) / self.width()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.total_bytes() == HEADER_BYTES
    }

    #[inline]
    fn width(&self) -> usize {
        usize::from(self.as_bytes()[0])
    }

    /// The element with this number in ascending order, from 0.
    pub fn get(&self, index: usize) -> Option<i64> {
        (index < self.len()).then(|| element(&self.as_bytes()[HEADER_BYTES..], self.width(), index))
    }

    /// The smallest element.
    pub fn min(&self) -> Option<i64> {
        self.get(0)
    }

    /// The greatest element.
    pub fn max(&self) -> Option<i64> {
        self.get(self.len().checked_sub(1)?)
    }

    /// Where a value stands, or where it would.
    fn search(&self, value: i64) -> Result<usize, usize> {
        let (elements, width) = (&self.as_bytes()[HEADER_BYTES..], self.width());
        let (mut low, mut high) = (0, elements.len() / width);
        while low < high {
            let middle = low.midpoint(high);
            match element(elements, width, middle).cmp(&value) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Equal => return Ok(middle),
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        Err(low)
    }

    /// Whether it holds a value.
    pub fn contains(&self, value: i64) -> bool {
        width_of(value) <= self.width() && self.search(value).is_ok()
    }

    /// Puts a value in; false if it was there.
    pub fn insert(&mut self, value: i64) -> bool {
        if width_of(value) > self.width() {
            self.widen(value);
            return true;
        }
        let Err(index) = self.search(value) else { return false };
        let width = self.width();
        self.thin.splice(HEADER_BYTES + index * width, 0, &[&value.to_le_bytes()[..width]]);
        true
    }

    /// Makes all elements wider, and puts the value that asks for it at its end: it is beyond all others.
    fn widen(&mut self, value: i64) {
        let mut values = Vec::with_capacity(self.len() + 1);
        values.extend((value < 0).then_some(value));
        values.extend(self.iter());
        values.extend((value >= 0).then_some(value));
        self.thin = Thin::copy_of(&encode(width_of(value), values.into_iter()));
    }

    /// Takes a value out; false if it was not there.
    pub fn remove(&mut self, value: i64) -> bool {
        let Ok(index) = self.search(value) else { return false };
        let width = self.width();
        self.thin.splice(HEADER_BYTES + index * width, width, &[]);
        true
    }

    /// The elements in ascending order, from either end.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = i64> + ExactSizeIterator + Clone + '_ {
        let (elements, width) = (&self.as_bytes()[HEADER_BYTES..], self.width());
        (0..elements.len() / width).map(move |index| element(elements, width, index))
    }
}

impl Default for Intset {
    fn default() -> Intset {
        Intset::new()
    }
}

impl std::fmt::Debug for Intset {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

/// Of values in any order, any number of times.
impl FromIterator<i64> for Intset {
    fn from_iter<I: IntoIterator<Item = i64>>(values: I) -> Intset {
        let mut values: Vec<i64> = values.into_iter().collect();
        values.sort_unstable();
        values.dedup();
        let width = values.iter().map(|&value| width_of(value)).max().unwrap_or(2);
        Intset { thin: Thin::copy_of(&encode(width, values.into_iter())) }
    }
}

#[cfg(test)]
mod tests;
