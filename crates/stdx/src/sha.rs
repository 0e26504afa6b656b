//! SHA-1 (script names, DEBUG DIGEST) and SHA-256 (password hashes).

use sha1::{Digest, Sha1};
use sha2::Sha256;

/// The SHA-1 digest.
pub fn sha1(bytes: &[u8]) -> [u8; 20] {
    Sha1::digest(bytes).into()
}

/// The SHA-256 digest.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// The SHA-1 digest in lower-case hexadecimal, 40 bytes.
pub fn sha1_hex(bytes: &[u8]) -> String {
    crate::hex::to_string(&sha1(bytes))
}

/// The SHA-256 digest in lower-case hexadecimal, 64 bytes.
pub fn sha256_hex(bytes: &[u8]) -> String {
    crate::hex::to_string(&sha256(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_vectors() {
        assert_eq!(sha1_hex(b"abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
        assert_eq!(sha1_hex(b""), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
        assert_eq!(sha256_hex(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
