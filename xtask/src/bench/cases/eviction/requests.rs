//! Requests by Zipf's law, the same in every run.

/// Where the draws begin.
const SEED: u64 = 0x2545_F491_4F6C_DD1D;

/// So many ranks below `keys`, each drawn by chance: rank r, counted from 0, in proportion to 1/(r+1).
pub(super) fn by_zipf(keys: u64, count: u64) -> Vec<u64> {
    let mut sum = 0.0;
    let sums: Vec<f64> = (1..=keys)
        .map(|rank| {
            sum += 1.0 / rank as f64;
            sum
        })
        .collect();
    let mut state = SEED;
    let mut draw = || {
        let point = fraction(&mut state) * sum;
        sums.partition_point(|&below| below < point).min(sums.len() - 1) as u64
    };
    (0..count).map(|_| draw()).collect()
}

/// The next number of a row that looks random (xorshift64*), from 0 up to but not including 1.
fn fraction(state: &mut u64) -> f64 {
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    (state.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn low_ranks_come_often() {
        let ranks = by_zipf(1_000, 100_000);
        let times = |rank: u64| ranks.iter().filter(|&&drawn| drawn == rank).count() as f64;
        // Of 100,000: 1 / (sum of 1/1 to 1/1000) = 13.4 %, and half of it.
        assert!((times(0) - 13_359.0).abs() < 600.0, "{}", times(0));
        assert!((times(1) - 6_680.0).abs() < 450.0, "{}", times(1));
        assert!(ranks.iter().all(|&rank| rank < 1_000));
        assert_eq!(ranks[..9], by_zipf(1_000, 9));
    }
}
