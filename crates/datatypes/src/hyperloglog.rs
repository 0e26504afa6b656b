//! HyperLogLog: a string that tells about how many different elements were added to it, byte for byte as Redis has it.
//!
//! Sixteen bytes of header, then 16,384 registers. Header: `HYLL`, the representation, three bytes of nothing, the last
//! estimate in 64 bits, of which the highest says that it is out of date. The registers are *dense*, six bits each, or
//! *sparse*, runs of equal registers.

mod dense;
mod estimate;
mod hash;
mod sparse;

pub use sparse::describe;

/// How many registers there are.
pub const REGISTERS: usize = 1 << INDEX_BITS;
/// Bits of an element's hash that choose its register.
const INDEX_BITS: u32 = 14;
/// Bits of the hash in which zeros are counted.
const RANK_BITS: u32 = 64 - INDEX_BITS;

const HEADER_BYTES: usize = 16;
const MAGIC: &[u8] = b"HYLL";
const REPRESENTATION_AT: usize = 4;
const ESTIMATE_AT: usize = 8;
const STALE_AT: usize = 15;
const STALE: u8 = 0x80;
const DENSE: u8 = 0;
const SPARSE: u8 = 1;

/// The runs of a sparse representation are not as they must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Corrupted;

impl std::fmt::Display for Corrupted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the registers are damaged")
    }
}

impl std::error::Error for Corrupted {}

/// The values of all registers, one byte each.
pub struct Registers(Box<[u8; REGISTERS]>);

impl Registers {
    /// All zero.
    pub fn new() -> Registers {
        Registers(Box::new([0; REGISTERS]))
    }

    /// Raises each register to that of another HyperLogLog where it is larger there.
    pub fn merge(&mut self, bytes: &[u8]) -> Result<(), Corrupted> {
        if is_dense(bytes) {
            for (own, other) in self.0.iter_mut().zip(dense::registers(body(bytes))) {
                *own = (*own).max(other);
            }
            return Ok(());
        }
        sparse::for_each_run(body(bytes), |first, len, value| {
            for own in &mut self.0[first..first + len] {
                *own = (*own).max(value);
            }
        })
    }

    /// About how many different elements made them.
    pub fn estimate(&self) -> u64 {
        estimate::estimate(&self.histogram())
    }

    /// How many registers have which value.
    fn histogram(&self) -> [u32; 64] {
        let mut histogram = [0; 64];
        self.0.iter().for_each(|&value| histogram[usize::from(value & 63)] += 1);
        histogram
    }

    /// The values in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = u8> + '_ {
        self.0.iter().copied()
    }
}

impl Default for Registers {
    fn default() -> Registers {
        Registers::new()
    }
}

/// An empty HyperLogLog, sparse.
pub fn new() -> Vec<u8> {
    let mut bytes = vec![0; HEADER_BYTES];
    bytes[..MAGIC.len()].copy_from_slice(MAGIC);
    bytes[REPRESENTATION_AT] = SPARSE;
    sparse::push_zeros(&mut bytes, REGISTERS);
    bytes
}

/// Whether a string looks like a HyperLogLog; the runs of a sparse one are not looked at.
pub fn is_valid(bytes: &[u8]) -> bool {
    bytes.len() >= HEADER_BYTES
        && bytes.starts_with(MAGIC)
        && match bytes[REPRESENTATION_AT] {
            DENSE => bytes.len() == HEADER_BYTES + dense::BYTES,
            representation => representation == SPARSE,
        }
}

/// Whether a valid HyperLogLog is dense.
pub fn is_dense(bytes: &[u8]) -> bool {
    bytes[REPRESENTATION_AT] == DENSE
}

fn body(bytes: &[u8]) -> &[u8] {
    &bytes[HEADER_BYTES..]
}

/// Adds an element to a dense HyperLogLog; true if that changed it.
pub fn add_to_dense(bytes: &mut [u8], element: &[u8]) -> bool {
    let (index, rank) = hash::place(element);
    dense::raise(&mut bytes[HEADER_BYTES..], index, rank)
}

/// Adds an element; true if that changed it. A sparse one becomes dense beyond `sparse_max_bytes`.
pub fn add(bytes: &mut Vec<u8>, element: &[u8], sparse_max_bytes: usize) -> Result<bool, Corrupted> {
    let (index, rank) = hash::place(element);
    raise(bytes, index, rank, sparse_max_bytes)
}

/// Raises one register; true if that changed it.
fn raise(bytes: &mut Vec<u8>, index: usize, value: u8, sparse_max_bytes: usize) -> Result<bool, Corrupted> {
    if is_dense(bytes) {
        return Ok(dense::raise(&mut bytes[HEADER_BYTES..], index, value));
    }
    match sparse::raise(bytes, HEADER_BYTES, index, value, sparse_max_bytes)? {
        sparse::Raised::Unchanged => Ok(false),
        sparse::Raised::Changed => {
            mark_stale(bytes);
            Ok(true)
        }
        sparse::Raised::NoRoom => {
            *bytes = to_dense(bytes)?;
            Ok(dense::raise(&mut bytes[HEADER_BYTES..], index, value))
        }
    }
}

/// Raises all registers to those given where these are larger.
pub fn raise_all(
    bytes: &mut Vec<u8>,
    registers: &Registers,
    sparse_max_bytes: usize,
) -> Result<(), Corrupted> {
    for (index, value) in registers.iter().enumerate().filter(|&(_, value)| value != 0) {
        raise(bytes, index, value, sparse_max_bytes)?;
    }
    Ok(())
}

/// The same in the dense representation.
pub fn to_dense(bytes: &[u8]) -> Result<Vec<u8>, Corrupted> {
    let mut dense = bytes[..HEADER_BYTES].to_vec();
    dense[REPRESENTATION_AT] = DENSE;
    dense.resize(HEADER_BYTES + dense::BYTES, 0);
    sparse::for_each_run(body(bytes), |first, len, value| {
        for index in first..first + len {
            dense::raise(&mut dense[HEADER_BYTES..], index, value);
        }
    })?;
    Ok(dense)
}

/// The estimate that the header keeps, none if it is out of date.
pub fn kept_estimate(bytes: &[u8]) -> Option<u64> {
    let estimate = bytes[ESTIMATE_AT..].first_chunk().map(|chunk| u64::from_le_bytes(*chunk));
    estimate.filter(|_| bytes[STALE_AT] & STALE == 0)
}

/// Puts an estimate into the header.
pub fn keep_estimate(bytes: &mut [u8], estimate: u64) {
    bytes[ESTIMATE_AT..HEADER_BYTES].copy_from_slice(&estimate.to_le_bytes());
}

/// Says in the header that the estimate is out of date.
pub fn mark_stale(bytes: &mut [u8]) {
    bytes[STALE_AT] |= STALE;
}

#[cfg(test)]
mod tests;
