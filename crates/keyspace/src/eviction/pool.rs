//! The best candidates that the samples have shown so far: what makes few samples nearly as good as looking at all keys.

/// How many candidates are kept.
pub(crate) const POOL_LEN: usize = 16;

/// A key that could go. Its hash stands for it: an equal one of another key costs that key its place, no more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Candidate {
    /// How well it can be done without: the higher, the sooner it goes.
    pub(crate) score: u64,
    pub(crate) hash: u64,
    pub(crate) database: u32,
}

/// Candidates by rising score.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pool {
    candidates: [Candidate; POOL_LEN],
    len: usize,
}

impl Pool {
    /// Takes in a candidate if it is better than the worst or there is room. One that is there already gets its new score.
    pub(crate) fn offer(&mut self, candidate: Candidate) {
        let known = |held: &Candidate| held.hash == candidate.hash && held.database == candidate.database;
        if let Some(at) = self.candidates[..self.len].iter().position(known) {
            self.candidates.copy_within(at + 1..self.len, at);
            self.len -= 1;
        }
        let place = self.candidates[..self.len].partition_point(|held| held.score < candidate.score);
        if self.len < POOL_LEN {
            self.candidates.copy_within(place..self.len, place + 1);
            self.len += 1;
            self.candidates[place] = candidate;
        } else if place > 0 {
            self.candidates.copy_within(1..place, 0);
            self.candidates[place - 1] = candidate;
        }
    }

    /// Whether a candidate of this score would be taken in.
    pub(crate) fn wants(&self, score: u64) -> bool {
        self.len < POOL_LEN || score > self.candidates[0].score
    }

    /// Gives away the best.
    pub(crate) fn take_best(&mut self) -> Option<Candidate> {
        self.len = self.len.checked_sub(1)?;
        Some(self.candidates[self.len])
    }

    pub(crate) fn clear(&mut self) {
        self.len = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use stdx::random::Random;

    fn candidate(score: u64, hash: u64) -> Candidate {
        Candidate { score, hash, database: 0 }
    }

    #[test]
    fn the_best_of_all_offered_come_out_in_order() {
        let mut random = Random::from_seed(3);
        let mut pool = Pool::default();
        let mut all: Vec<u64> = (0..500).map(|_| random.below(1 << 40)).collect();
        for (hash, &score) in (0..).zip(&all) {
            pool.offer(candidate(score, hash));
        }
        all.sort_unstable_by(|left, right| right.cmp(left));
        let best: Vec<u64> =
            std::iter::from_fn(|| pool.take_best()).map(|candidate| candidate.score).collect();
        assert_eq!(best, all[..POOL_LEN]);
    }

    #[test]
    fn a_candidate_is_there_once_with_its_last_score() {
        let mut pool = Pool::default();
        for score in [5, 9, 2] {
            pool.offer(candidate(score, 1));
        }
        pool.offer(candidate(3, 2));
        assert_eq!(pool.take_best(), Some(candidate(3, 2)));
        assert_eq!(pool.take_best(), Some(candidate(2, 1)));
        assert_eq!(pool.take_best(), None);
    }

    #[test]
    fn a_full_pool_takes_only_better_ones() {
        let mut pool = Pool::default();
        (0..POOL_LEN as u64).for_each(|number| pool.offer(candidate(10 + number, number)));
        assert!(!pool.wants(10) && pool.wants(11));
        pool.offer(candidate(7, 99));
        pool.offer(candidate(12, 77));
        let scores: Vec<u64> = std::iter::from_fn(|| pool.take_best()).map(|held| held.score).collect();
        assert_eq!(scores.iter().filter(|&&score| score == 12).count(), 2);
        assert_eq!((scores.len(), scores.last()), (POOL_LEN, Some(&11)));
    }
}
