//! How much room vectors keep: capacities in the steps in which allocators hand memory out, four to a doubling.
//! A vector's own doubling would leave a quarter of it unused.

/// The smallest step that holds so many bytes.
pub(crate) fn step_for(bytes: usize) -> usize {
    let step = (bytes.next_power_of_two() / 8).max(8);
    // A power of two: rounding up takes no division.
    (bytes + step - 1) & !(step - 1)
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
    }

    #[test]
    fn room_is_made_and_given_back() {
        let mut vector: Vec<u32> = roomy(0);
        assert_eq!(vector.capacity(), 0);
        for number in 0..1_000 {
            make_room(&mut vector, 1);
            vector.push(number);
            assert!(vector.capacity() <= vector.len() * 5 / 4 + 2);
        }
        vector.truncate(100);
        give_back(&mut vector);
        assert!((100..=112).contains(&vector.capacity()));
        vector.truncate(80);
        fit(&mut vector);
        assert_eq!(vector.capacity(), 80);
        assert_eq!(copy(&vector).capacity(), vector.capacity());
    }
}
