//! 80-bit extended floating point: what a C `long double` is where Redis usually runs, so that
//! INCRBYFLOAT gives the same digits.

use rustc_apfloat::Float;
use rustc_apfloat::ieee::X87DoubleExtended;

use crate::number::grammar::{FloatText, classify};

/// Texts from this length on are refused, as Redis does: its buffer has this size.
const TEXT_BOUND: usize = 5 * 1024;

/// Digits behind the point that are kept when a number is written.
const DECIMALS: u32 = 17;

/// An 80-bit extended number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LongDouble(X87DoubleExtended);

impl LongDouble {
    /// Reads a number as C's `strtold` does when it must consume the whole text. Refused as in
    /// [`parse_f64`](crate::number::parse_f64), and texts of 5 KiB or more.
    pub fn parse(text: &[u8]) -> Option<LongDouble> {
        if text.len() >= TEXT_BOUND {
            return None;
        }
        let (number, is_zero) = match classify(text)? {
            FloatText::Infinity { negative } => {
                let infinity = X87DoubleExtended::INFINITY;
                return Some(LongDouble(if negative { -infinity } else { infinity }));
            }
            FloatText::Decimal { text, is_zero } | FloatText::Hexadecimal { text, is_zero } => {
                (text.parse::<X87DoubleExtended>().ok()?, is_zero)
            }
        };
        (number.is_finite() && (is_zero || !number.is_zero())).then_some(LongDouble(number))
    }

    /// The sum, rounded to nearest even.
    #[must_use]
    #[expect(clippy::should_implement_trait, reason = "one operation does not make a number type")]
    pub fn add(self, other: LongDouble) -> LongDouble {
        LongDouble((self.0 + other.0).value)
    }

    /// Whether the number cannot be stored as a value.
    pub fn is_nan_or_infinite(self) -> bool {
        !self.0.is_finite()
    }

    /// Appends the number as C's `%.17Lf` with trailing zeros removed, and "0" for negative zero.
    /// What is not finite is written as `inf`, `-inf` or `nan`.
    pub fn append_human(self, out: &mut Vec<u8>) {
        if self.is_nan_or_infinite() {
            out.extend_from_slice(match (self.0.is_nan(), self.0.is_negative()) {
                (true, _) => b"nan",
                (false, true) => b"-inf",
                (false, false) => b"inf",
            });
            return;
        }
        let start = out.len();
        if self.0.is_negative() {
            out.push(b'-');
        }
        let bits = self.0.to_bits();
        let significand = bits as u64;
        let power_of_two = ((bits >> 64) as i32 & 0x7fff).max(1) - 16383 - 63;
        if power_of_two >= 0 {
            append_shifted(out, significand, power_of_two as u32);
        } else {
            append_fraction(out, significand, power_of_two.unsigned_abs());
        }
        if &out[start..] == b"-0" {
            out.remove(start);
        }
    }
}

/// Appends `significand / 2^shift`, rounded half to even to [`DECIMALS`] digits, without trailing zeros.
fn append_fraction(out: &mut Vec<u8>, significand: u64, shift: u32) {
    let scale = 10u128.pow(DECIMALS);
    let product = u128::from(significand) * scale;
    // A product has at most 121 bits: shifted by more it is less than a half.
    let scaled = if shift > 122 { 0 } else { round_half_even(product, shift) };
    let (integer, fraction) = (scaled / scale, (scaled % scale) as u64);
    out.extend_from_slice(itoa::Buffer::new().format(integer).as_bytes());
    if fraction == 0 {
        return;
    }
    let digits = format!("{fraction:017}");
    out.push(b'.');
    out.extend_from_slice(digits.trim_end_matches('0').as_bytes());
}

fn round_half_even(value: u128, shift: u32) -> u128 {
    let (quotient, rest, half) = (value >> shift, value & ((1 << shift) - 1), 1u128 << (shift - 1));
    let up = rest > half || (rest == half && quotient & 1 == 1);
    quotient + u128::from(up)
}

/// Appends the integer `significand * 2^shift`.
fn append_shifted(out: &mut Vec<u8>, significand: u64, shift: u32) {
    const LIMB: u128 = 10u128.pow(18);
    let mut limbs = vec![significand % LIMB as u64, significand / LIMB as u64];
    let mut left = shift;
    while left > 0 {
        let step = left.min(63);
        let mut carry = 0u128;
        for limb in &mut limbs {
            let value = (u128::from(*limb) << step) + carry;
            *limb = (value % LIMB) as u64;
            carry = value / LIMB;
        }
        while carry > 0 {
            limbs.push((carry % LIMB) as u64);
            carry /= LIMB;
        }
        left -= step;
    }
    while limbs.len() > 1 && limbs.last() == Some(&0) {
        limbs.pop();
    }
    let mut digits = String::new();
    for (place, limb) in limbs.iter().rev().enumerate() {
        digits += &if place == 0 { format!("{limb}") } else { format!("{limb:018}") };
    }
    out.extend_from_slice(digits.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(left: &str, right: &str) -> String {
        let left = LongDouble::parse(left.as_bytes()).expect("a number");
        let right = LongDouble::parse(right.as_bytes()).expect("a number");
        let mut out = Vec::new();
        left.add(right).append_human(&mut out);
        String::from_utf8(out).expect("numbers are ASCII")
    }

    /// Each row was checked with INCRBYFLOAT on a real server.
    #[test]
    fn sums_as_the_server_does() {
        let rows = [
            ("0", "0.1", "0.1"),
            ("0.1", "0.2", "0.3"),
            ("10.5", "0.1", "10.6"),
            ("3.0e3", "200", "3200"),
            ("-0", "-0", "0"),
            ("1", "-1.00000000000000001", "-0.00000000000000001"),
            ("0", "1e-18", "0"),
            ("0", "-1e-18", "0"),
            ("17179869184", "1.5", "17179869185.5"),
            ("1e20", "1", "100000000000000000000"),
            ("1e30", "0", "1000000000000000000024696061952"),
            ("0x1.8p1", "0", "3"),
            ("9223372036854775807", "9223372036854775807", "18446744073709551614"),
        ];
        for (left, right, expected) in rows {
            assert_eq!(sum(left, right), expected, "{left} + {right}");
        }
    }

    #[test]
    fn refuses_what_is_no_number() {
        for text in ["", " 1", "1 ", "nan", "abc", "1e5000", "1e-5000", "0x", "1e"] {
            assert_eq!(LongDouble::parse(text.as_bytes()), None, "{text}");
        }
        let digits = vec![b'1'; TEXT_BOUND];
        assert_eq!(LongDouble::parse(&digits), None);
        assert!(LongDouble::parse(&digits[..4900]).is_some());
        assert!(LongDouble::parse(b"-inf").expect("accepted").is_nan_or_infinite());
    }

    #[test]
    fn huge_values_are_written_whole() {
        let largest = LongDouble::parse(b"1.18973149535723176502e4932").expect("the largest");
        let mut out = Vec::new();
        largest.append_human(&mut out);
        assert_eq!(out.len(), 4933);
        assert!(out.starts_with(b"11897314953572317650212638530309702051690633222946"));
        assert!(largest.add(largest).is_nan_or_infinite());
    }

    #[test]
    fn integers_of_64_bits_are_exact() {
        let mut random = fastrand::Rng::with_seed(3);
        for _ in 0..2_000 {
            let (left, right) = (random.i64(..) / 2, random.i64(..) / 2);
            assert_eq!(sum(&left.to_string(), &right.to_string()), (left + right).to_string());
        }
    }
}
