//! The dense representation: registers of six bits one behind the other, the lower bits first.

use super::REGISTERS;

const BITS: usize = 6;
const MASK: u16 = 63;

/// How many bytes the registers take.
pub(super) const BYTES: usize = REGISTERS * BITS / 8;

/// Where a register begins: the byte, and the bit within it.
fn place(index: usize) -> (usize, usize) {
    (index * BITS / 8, index * BITS % 8)
}

fn read(body: &[u8], index: usize) -> u8 {
    let (byte, bit) = place(index);
    let next = body.get(byte + 1).copied().unwrap_or(0);
    (u16::from_le_bytes([body[byte], next]) >> bit & MASK) as u8
}

/// Raises a register if the value is larger; true if it was.
pub(super) fn raise(body: &mut [u8], index: usize, value: u8) -> bool {
    if value <= read(body, index) {
        return false;
    }
    let (byte, bit) = place(index);
    let (clear, set) = (!(MASK << bit), u16::from(value) << bit);
    body[byte] = body[byte] & clear as u8 | set as u8;
    if bit > 8 - BITS {
        body[byte + 1] = body[byte + 1] & (clear >> 8) as u8 | (set >> 8) as u8;
    }
    true
}

/// The registers in order: three bytes hold four.
pub(super) fn registers(body: &[u8]) -> impl Iterator<Item = u8> + '_ {
    let (triples, _) = body.as_chunks::<3>();
    triples.iter().flat_map(|&[first, second, third]| {
        let bits = u32::from_le_bytes([first, second, third, 0]);
        (0..4).map(move |index| (bits >> (BITS as u32 * index) & u32::from(MASK)) as u8)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registers_do_not_touch_their_neighbours() {
        let mut random = fastrand::Rng::with_seed(3);
        let mut body = vec![0; BYTES];
        let mut model = vec![0; REGISTERS];
        for _ in 0..60_000 {
            let (index, value) = (random.usize(..REGISTERS), random.u8(1..=51));
            assert_eq!(raise(&mut body, index, value), value > model[index]);
            model[index] = model[index].max(value);
            assert_eq!(read(&body, index), model[index]);
        }
        assert!(registers(&body).eq(model));
    }
}
