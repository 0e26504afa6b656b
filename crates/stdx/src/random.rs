//! Random numbers: unpredictable ones from the kernel, fast seedable ones for sampling.

/// A fast generator that gives the same numbers for the same seed. Not for secrets.
#[derive(Clone, Debug)]
pub struct Random(fastrand::Rng);

impl Random {
    /// A generator whose numbers follow from the seed alone.
    pub fn from_seed(seed: u64) -> Random {
        Random(fastrand::Rng::with_seed(seed))
    }

    /// A generator seeded by the kernel.
    pub fn from_entropy() -> Random {
        Random::from_seed(hash_seed()[0])
    }

    /// A generator of its own for one use: seeded from one of the thread, which the kernel seeded, so without asking it.
    pub fn fresh() -> Random {
        #[cfg(feature = "simulation")]
        if let Some(random) = crate::simulation::fork() {
            return random;
        }
        thread_local! {
            static SOURCE: std::cell::RefCell<Random> = std::cell::RefCell::new(Random::from_entropy());
        }
        SOURCE.with_borrow_mut(Random::fork)
    }

    /// The generator behind it, for libraries that ask for one.
    pub fn generator(&mut self) -> &mut fastrand::Rng {
        &mut self.0
    }

    /// Any 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0.u64(..)
    }

    /// A number below the bound, each equally likely; 0 when the bound is 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        if bound == 0 { 0 } else { self.0.u64(..bound) }
    }

    /// An index below the length, each equally likely; 0 when the length is 0.
    pub fn index(&mut self, length: usize) -> usize {
        if length == 0 { 0 } else { self.0.usize(..length) }
    }

    /// A number from 0 up to but not including 1.
    pub fn fraction(&mut self) -> f64 {
        self.0.f64()
    }

    /// Overwrites the bytes with random ones.
    pub fn fill(&mut self, bytes: &mut [u8]) {
        self.0.fill(bytes);
    }

    /// A second generator that goes its own way from here.
    pub fn fork(&mut self) -> Random {
        Random::from_seed(self.bits())
    }
}

/// Overwrites the bytes with unpredictable ones from the kernel.
pub fn fill_from_kernel(bytes: &mut [u8]) {
    #[cfg(feature = "simulation")]
    if crate::simulation::fill(bytes) {
        return;
    }
    getrandom::fill(bytes).expect("the kernel gives random bytes");
}

/// 160 unpredictable bits as 40 lower-case hexadecimal digits: run ids, replication ids, node ids.
pub fn hex_id() -> [u8; 40] {
    let mut bytes = [0; 20];
    fill_from_kernel(&mut bytes);
    let mut id = [0; 40];
    for (pair, &byte) in id.chunks_exact_mut(2).zip(&bytes) {
        pair.copy_from_slice(&crate::hex::digits(byte));
    }
    id
}

/// An unpredictable key for hashing.
pub fn hash_seed() -> [u64; 2] {
    let mut bytes = [0; 16];
    fill_from_kernel(&mut bytes);
    let whole = u128::from_le_bytes(bytes);
    [whole as u64, (whole >> 64) as u64]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_seeds_give_equal_numbers() {
        let (mut left, mut right) = (Random::from_seed(9), Random::from_seed(9));
        for _ in 0..100 {
            assert_eq!(left.bits(), right.bits());
        }
        assert_eq!(left.fork().bits(), right.fork().bits());
        assert_ne!(Random::from_seed(1).bits(), Random::from_seed(2).bits());
    }

    #[test]
    fn fresh_generators_differ() {
        assert_ne!(Random::fresh().bits(), Random::fresh().generator().u64(..));
    }

    #[test]
    fn numbers_stay_below_the_bound() {
        let mut random = Random::from_seed(10);
        let mut seen = [false; 7];
        for _ in 0..1_000 {
            seen[random.index(7)] = true;
            assert!(random.below(3) < 3);
            assert!((0.0..1.0).contains(&random.fraction()));
        }
        assert_eq!(seen, [true; 7]);
        assert_eq!((random.below(0), random.index(0)), (0, 0));
    }

    #[test]
    fn identifiers_are_hexadecimal_and_differ() {
        let (left, right) = (hex_id(), hex_id());
        assert!(left.iter().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f')));
        assert_ne!(left, right);
        assert_ne!(hash_seed(), hash_seed());
    }
}
