//! Searching what is sorted by hash: hashes are spread evenly, so the first guess is off by a few places only.

/// The first of `len` places that does not lie before what is sought; `is_before` is true for a first part of them.
#[inline]
pub(crate) fn lower_bound(guess: usize, len: usize, is_before: impl Fn(usize) -> bool) -> usize {
    let mut place = guess.min(len);
    while place < len && is_before(place) {
        place += 1;
    }
    while place > 0 && !is_before(place - 1) {
        place -= 1;
    }
    place
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_guess_leads_there() {
        for len in 0..6 {
            for bound in 0..=len {
                for guess in 0..8 {
                    assert_eq!(lower_bound(guess, len, |place| place < bound), bound);
                }
            }
        }
    }
}
