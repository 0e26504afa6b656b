//! How much room vectors keep: capacities in the steps in which allocators hand memory out, four to a doubling.
//! A vector's own doubling would leave a quarter of it unused.

use std::ops::Range;

/// Between these steps the one below a power of two is left out. jemalloc cuts blocks of 1792 and 3584 bytes from slabs of
/// seven pages; the vectors of a large collection outgrow a step at about the same time, and the few that have not
/// yet would keep nearly all of these.
const COARSE_BYTES: Range<usize> = 1025..4096;

/// The smallest step that holds so many bytes.
pub(crate) fn step_for(bytes: usize) -> usize {
    let step = (bytes.next_power_of_two() / 8).max(8);
    // A power of two: rounding up takes no division.
    let rounded = (bytes + step - 1) & !(step - 1);
    if rounded == 7 * step && COARSE_BYTES.contains(&rounded) { 8 * step } else { rounded }
}

fn capacity_for<T>(len: usize) -> usize {
    step_for(len * size_of::<T>()) / size_of::<T>()
}

/// An empty vector with room for `len` elements.
pub fn roomy<T>(len: usize) -> Vec<T> {
    Vec::with_capacity(if len == 0 { 0 } else { capacity_for::<T>(len) })
}

/// Makes room for `added` more elements, at the least cost in unused memory.
#[inline]
pub fn make_room<T>(vector: &mut Vec<T>, added: usize) {
    let len = vector.len() + added;
    if len > vector.capacity() {
        vector.reserve_exact(capacity_for::<T>(len) - vector.len());
    }
}

/// Like [`make_room`], with a doubling for a step: for the vectors of which every part of a large collection has one, all
/// about equally long. They outgrow a step at about the same time, and more steps would leave more memory behind.
#[inline]
pub(crate) fn double_room<T>(vector: &mut Vec<T>, added: usize) {
    let len = vector.len() + added;
    if len > vector.capacity() {
        vector.reserve_exact(len.next_power_of_two() - vector.len());
    }
}

/// Gives memory back when less than half of it is in use.
pub(crate) fn give_back<T>(vector: &mut Vec<T>) {
    let needed = capacity_for::<T>(vector.len());
    if vector.capacity() > 2 * needed {
        vector.shrink_to(needed);
    }
}

/// Gives all memory back but the room for what is there.
pub(crate) fn fit<T>(vector: &mut Vec<T>) {
    vector.shrink_to(capacity_for::<T>(vector.len()));
}

/// A copy with as much room as the original: whoever copies is about to write.
pub fn copy<T: Clone>(vector: &Vec<T>) -> Vec<T> {
    let mut copy = Vec::with_capacity(vector.capacity());
    copy.extend_from_slice(vector);
    copy
}

/// Appends bytes, making room for them.
#[inline]
pub fn append(vector: &mut Vec<u8>, bytes: &[u8]) {
    make_room(vector, bytes.len());
    vector.extend_from_slice(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_four_to_a_doubling() {
        for (bytes, step) in
            [(0, 0), (1, 8), (64, 64), (65, 80), (4096, 4096), (4097, 5120), (5121, 6144), (8193, 10_240)]
        {
            assert_eq!(step_for(bytes), step, "{bytes}");
        }
        for (bytes, step) in
            [(900, 1024), (1025, 1280), (1537, 2048), (2561, 3072), (3073, 4096), (6145, 7168)]
        {
            assert_eq!(step_for(bytes), step, "{bytes}");
        }
    }

    #[test]
    fn room_is_made_and_given_back() {
        let mut vector: Vec<u32> = roomy(0);
        assert_eq!(vector.capacity(), 0);
        for number in 0..1_000 {
            make_room(&mut vector, 1);
            vector.push(number);
            assert!(vector.capacity() <= vector.len() * 4 / 3 + 2);
        }
        double_room(&mut vector, 25);
        assert_eq!(vector.capacity(), 2048);
        vector.truncate(100);
        give_back(&mut vector);
        assert!((100..=112).contains(&vector.capacity()));
        vector.truncate(80);
        fit(&mut vector);
        assert_eq!(vector.capacity(), 80);
        assert_eq!(copy(&vector).capacity(), vector.capacity());
    }
}
