//! Checksums: the CRC-64 of RDB and DUMP, the CRC-16 of cluster slots.

use crc_fast::{CrcAlgorithm, Digest};

/// CRC-64 with the Jones polynomial, reflected, as RDB files end with it. Goes on from `seed`, the checksum of the
/// bytes before (0 at the start). Meant for blocks of some kilobytes: short calls pay a fixed price.
pub fn crc64(seed: u64, bytes: &[u8]) -> u64 {
    let mut digest = Digest::new_with_init_state(CrcAlgorithm::Crc64Redis, seed);
    digest.update(bytes);
    digest.finalize()
}

/// CRC-16 as in XMODEM: polynomial 0x1021, from 0. A key's slot is this modulo 16384.
pub fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc, &byte| {
        let index = usize::from((crc >> 8) as u8 ^ byte);
        (crc << 8) ^ CRC16_TABLE[index]
    })
}

const CRC16_TABLE: [u16; 256] = crc16_table();

const fn crc16_table() -> [u16; 256] {
    let mut table = [0; 256];
    let mut index = 0;
    while index < 256 {
        let mut crc = (index as u16) << 8;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 0x8000 == 0 { crc << 1 } else { (crc << 1) ^ 0x1021 };
            bit += 1;
        }
        table[index] = crc;
        index += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bit by bit, from the definition.
    fn crc64_by_definition(seed: u64, bytes: &[u8]) -> u64 {
        const REFLECTED_POLYNOMIAL: u64 = 0xad93_d235_94c9_35a9_u64.reverse_bits();
        bytes.iter().fold(seed, |mut crc, &byte| {
            crc ^= u64::from(byte);
            for _ in 0..8 {
                crc = if crc & 1 == 1 { (crc >> 1) ^ REFLECTED_POLYNOMIAL } else { crc >> 1 };
            }
            crc
        })
    }

    #[test]
    fn check_values() {
        assert_eq!(crc64(0, b"123456789"), 0xe9c6_d914_c4b8_d9ca);
        assert_eq!(crc64(7, b""), 7);
        assert_eq!(crc16(b"123456789"), 0x31c3);
        assert_eq!(crc16(b""), 0);
    }

    #[test]
    fn pieces_equal_the_whole() {
        let mut random = fastrand::Rng::with_seed(5);
        for length in (0..300).chain([4_000, 70_000]) {
            let bytes: Vec<u8> = std::iter::repeat_with(|| random.u8(..)).take(length).collect();
            let cut = random.usize(0..=length);
            let expected = crc64_by_definition(0, &bytes);
            assert_eq!(crc64(0, &bytes), expected);
            assert_eq!(crc64(crc64(0, &bytes[..cut]), &bytes[cut..]), expected);
        }
    }
}
