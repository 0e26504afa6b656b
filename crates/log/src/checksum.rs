//! The CRC-64 that RDB files use, as a running sum over the bytes of an increment.

use stdx::crc::crc64;

/// A running CRC-64 (the polynomial, start value and bit order of RDB files).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checksum(u64);

impl Checksum {
    /// The sum of nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0 = crc64(self.0, bytes);
    }

    /// The sum of all bytes added so far.
    #[must_use]
    pub fn value(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::Checksum;

    #[test]
    fn agrees_with_the_check_value_of_rdb() {
        let mut sum = Checksum::new();
        assert_eq!(sum.value(), 0);
        sum.update(b"12345");
        sum.update(b"6789");
        assert_eq!(sum.value(), 0xe9c6_d914_c4b8_d9ca);
    }
}
