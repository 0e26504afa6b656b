//! How many elements made a set of registers: the estimator of Otmar Ertl ("New cardinality estimation algorithms for
//! HyperLogLog sketches", 2017), which needs no tables and no corrections by range.

use super::{RANK_BITS, REGISTERS};

/// 1 / (2 ln 2), with the digits that Redis has, so that estimates agree to the last one.
#[expect(clippy::excessive_precision, reason = "the constant as the formula gives it")]
const ALPHA: f64 = 0.721_347_520_444_481_703_680;

/// The estimate from how many registers have which value.
pub(super) fn estimate(histogram: &[u32; 64]) -> u64 {
    let registers = REGISTERS as f64;
    let of = |value: usize| f64::from(histogram[value]);
    let highest = RANK_BITS as usize;
    let mut sum = registers * tau((registers - of(highest + 1)) / registers);
    for value in (1..=highest).rev() {
        sum = (sum + of(value)) * 0.5;
    }
    sum += registers * sigma(of(0) / registers);
    (ALPHA * registers * registers / sum).round() as u64
}

/// x + sum of x^(2^k) 2^(k-1).
fn sigma(mut x: f64) -> f64 {
    if x == 1.0 {
        return f64::INFINITY;
    }
    let (mut y, mut sum) = (1.0, x);
    loop {
        x *= x;
        let before = sum;
        sum += x * y;
        y += y;
        if before == sum {
            return sum;
        }
    }
}

/// (1 - x - sum of (1 - x^(2^-k))^2 2^-k) / 3.
fn tau(mut x: f64) -> f64 {
    if x == 0.0 || x == 1.0 {
        return 0.0;
    }
    let (mut y, mut sum) = (1.0, 1.0 - x);
    loop {
        x = x.sqrt();
        let before = sum;
        y *= 0.5;
        sum -= (1.0 - x).powi(2) * y;
        if before == sum {
            return sum / 3.0;
        }
    }
}
