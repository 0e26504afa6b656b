//! How full a block of a list may be.

/// What one block may hold, and which blocks are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fill {
    bytes: usize,
    count: usize,
    compress_depth: usize,
}

/// No block that is limited by its count grows beyond this.
const SAFE_BYTES: usize = 8 * 1024;
/// The limits in bytes that are called -1 to -5.
const BYTE_LIMITS: [usize; 5] = [4 * 1024, 8 * 1024, 16 * 1024, 32 * 1024, 64 * 1024];
/// The most elements that a block may be limited to.
const MOST_ELEMENTS: i64 = (1 << 15) - 1;
/// Reckoned for what surrounds an element, which is mostly less: so Redis fills its blocks.
const OVERHEAD_BYTES: usize = 8;

impl Fill {
    /// From `list-max-listpack-size` (a number of elements, or -1 to -5 for 4 to 64 KiB) and `list-compress-depth` (so many
    /// blocks at either end are not compressed; 0 means that none is).
    #[must_use]
    pub fn new(max_listpack_size: i64, compress_depth: u32) -> Fill {
        let (bytes, count) = match max_listpack_size {
            0.. => (SAFE_BYTES, max_listpack_size.clamp(1, MOST_ELEMENTS) as usize),
            _ => (BYTE_LIMITS[(max_listpack_size.unsigned_abs().min(5) - 1) as usize], usize::MAX),
        };
        Fill { bytes, count, compress_depth: compress_depth as usize }
    }

    /// Whether a block of so many bytes and elements is within the limit.
    #[must_use]
    pub fn holds(self, bytes: usize, count: usize) -> bool {
        bytes <= self.bytes && count <= self.count
    }

    /// Whether a block of so many bytes and elements can take an element of so many bytes in.
    #[must_use]
    pub fn has_room(self, bytes: usize, count: usize, element_bytes: usize) -> bool {
        self.holds(bytes.saturating_add(element_bytes).saturating_add(OVERHEAD_BYTES), count + 1)
    }

    /// Whether an element is to have a block of its own.
    #[must_use]
    pub fn is_too_large(self, element_bytes: usize) -> bool {
        element_bytes > self.bytes
    }

    /// Whether a block uses less than a quarter of what it may.
    pub(super) fn is_sparse(self, bytes: usize, count: usize) -> bool {
        bytes < self.bytes / 4 && count.saturating_mul(4) < self.count
    }

    /// How many blocks at either end are not compressed. None if no block is.
    pub(super) fn compress_depth(self) -> Option<usize> {
        (self.compress_depth > 0).then_some(self.compress_depth)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_those_of_the_option() {
        for (size, bytes, count) in [
            (-1, 4_096, usize::MAX),
            (-2, 8_192, usize::MAX),
            (-5, 65_536, usize::MAX),
            (-100, 65_536, usize::MAX),
            (0, 8_192, 1),
            (128, 8_192, 128),
            (i64::MAX, 8_192, 32_767),
        ] {
            let fill = Fill::new(size, 0);
            assert!(fill.holds(bytes, count) && !fill.holds(bytes + 1, 1), "{size}");
            assert!(count == usize::MAX || !fill.holds(bytes, count + 1), "{size}");
            assert!(fill.is_too_large(bytes + 1) && !fill.is_too_large(bytes), "{size}");
        }
        assert!(Fill::new(-2, 0).has_room(8_000, 5, 184) && !Fill::new(-2, 0).has_room(8_000, 5, 185));
    }
}
