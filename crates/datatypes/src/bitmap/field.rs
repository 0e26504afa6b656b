//! Integers of any width at any bit of a string.

use super::{get, set};

/// The width of an integer and whether it has a sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldType {
    bits: u8,
    is_signed: bool,
}

/// What becomes of a value that does not fit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Overflow {
    /// Its lower bits are taken.
    #[default]
    Wrap,
    /// The nearest value that fits is taken.
    Saturate,
    /// Nothing is written.
    Fail,
}

impl FieldType {
    /// From its name: `u1` to `u63`, `i1` to `i64`.
    pub fn from_name(name: &[u8]) -> Option<FieldType> {
        let (&sign, digits) = name.split_first()?;
        let is_signed = match sign {
            b'i' => true,
            b'u' => false,
            _ => return None,
        };
        let widest = if is_signed { 64 } else { 63 };
        let bits = stdx::number::parse_i64(digits).filter(|bits| (1..=widest).contains(bits))?;
        Some(FieldType { bits: bits as u8, is_signed })
    }

    /// How many bits it takes.
    pub fn bits(self) -> u64 {
        u64::from(self.bits)
    }

    /// The integer at `offset` of a string.
    pub fn read(self, bytes: &[u8], offset: u64) -> i64 {
        let raw = (0..self.bits()).fold(0_u64, |raw, bit| raw << 1 | u64::from(get(bytes, offset + bit)));
        self.of_bits(raw)
    }

    /// Writes the lower bits of a value at `offset`; they lie within `bytes`.
    pub fn write(self, bytes: &mut [u8], offset: u64, value: i64) {
        for bit in 0..self.bits() {
            set(bytes, offset + bit, value >> (self.bits() - 1 - bit) & 1 == 1);
        }
    }

    /// The value that `sum` becomes, none if it must not be written.
    pub fn fit(self, sum: i128, overflow: Overflow) -> Option<i64> {
        let (least, most) = self.bounds();
        if (least..=most).contains(&sum) {
            return Some(sum as i64);
        }
        match overflow {
            Overflow::Wrap => Some(self.of_bits(sum as u64 & self.all_ones())),
            Overflow::Saturate => Some(sum.clamp(least, most) as i64),
            Overflow::Fail => None,
        }
    }

    /// A value to be set, as the type takes it: an unsigned one is never negative.
    pub fn of_given(self, value: i64) -> i128 {
        if self.is_signed { i128::from(value) } else { i128::from(value as u64) }
    }

    fn bounds(self) -> (i128, i128) {
        if self.is_signed {
            let half = 1_i128 << (self.bits - 1);
            (-half, half - 1)
        } else {
            (0, (1 << self.bits) - 1)
        }
    }

    fn all_ones(self) -> u64 {
        u64::MAX >> (64 - u32::from(self.bits))
    }

    fn of_bits(self, raw: u64) -> i64 {
        let above = 64 - u32::from(self.bits);
        if self.is_signed { ((raw << above) as i64) >> above } else { raw as i64 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str) -> FieldType {
        FieldType::from_name(name.as_bytes()).unwrap()
    }

    #[test]
    fn names() {
        for name in ["u1", "u63", "i1", "i64"] {
            assert_eq!(of(name).bits().to_string(), name[1..]);
        }
        for name in ["u0", "u64", "i65", "i-1", "x8", "u", "", "U8", "i08"] {
            assert_eq!(FieldType::from_name(name.as_bytes()), None, "{name}");
        }
    }

    #[test]
    fn reads_what_was_written_and_leaves_the_rest() {
        let mut random = fastrand::Rng::with_seed(2);
        for _ in 0..5_000 {
            let kind = FieldType { bits: random.u8(1..=63), is_signed: random.bool() };
            let mut bytes: Vec<u8> = (0..20).map(|_| random.u8(..)).collect();
            let before = bytes.clone();
            let offset = random.u64(..90);
            let value = kind.of_bits(random.u64(..) & kind.all_ones());
            kind.write(&mut bytes, offset, value);
            assert_eq!(kind.read(&bytes, offset), value);
            let outside = (0..160).filter(|at| !(offset..offset + kind.bits()).contains(at));
            outside.for_each(|at| assert_eq!(get(&bytes, at), get(&before, at)));
        }
        assert_eq!(of("u8").read(b"\xff", 4), 0xf0, "behind the end all is zero");
    }

    #[test]
    fn what_does_not_fit() {
        let rows = [
            ("u8", 255 + 1, Some(0), Some(255)),
            ("u8", -1, Some(255), Some(0)),
            ("i8", 127 + 1, Some(-128), Some(127)),
            ("i8", -129, Some(127), Some(-128)),
            ("i64", i128::from(i64::MAX) + 1, Some(i64::MIN), Some(i64::MAX)),
            ("u63", 1 << 63, Some(0), Some(i64::MAX)),
        ];
        for (name, sum, wrapped, saturated) in rows {
            assert_eq!(of(name).fit(sum, Overflow::Wrap), wrapped, "{name} {sum}");
            assert_eq!(of(name).fit(sum, Overflow::Saturate), saturated, "{name} {sum}");
            assert_eq!(of(name).fit(sum, Overflow::Fail), None, "{name} {sum}");
        }
        assert_eq!(of("u8").fit(of("u8").of_given(-1), Overflow::Saturate), Some(255));
        assert_eq!(of("i8").fit(-128, Overflow::Fail), Some(-128));
    }
}
