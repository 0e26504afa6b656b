//! The one hash of this crate: SipHash-1-3 keyed per process, because clients choose what is hashed.

use std::sync::OnceLock;

use siphasher::sip::SipHasher13;

static SEED: OnceLock<[u64; 2]> = OnceLock::new();

/// What the hash is keyed with unless a seed is set: so tests and tools repeat themselves.
const FIXED: [u64; 2] = [0x6f63_6872_6520_7465, 0x7374_2073_6565_6421];

/// Sets the seed, once, at the start of the process. False, and nothing is changed, if one was set before or something
/// has been hashed already.
pub fn set_seed(seed: [u64; 2]) -> bool {
    SEED.set(seed).is_ok()
}

/// The hash of a byte string.
#[inline]
pub fn hash(bytes: &[u8]) -> u64 {
    let [low, high] = *SEED.get_or_init(|| FIXED);
    SipHasher13::new_with_keys(low, high).hash(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_comes_too_late_after_the_first_hash() {
        let before = hash(b"member");
        assert!(!set_seed([1, 2]));
        assert_eq!(hash(b"member"), before);
        assert_eq!(before, SipHasher13::new_with_keys(FIXED[0], FIXED[1]).hash(b"member"));
    }
}
