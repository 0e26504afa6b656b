//! What a block tells of its entries as a whole. It stands behind them, where it can change its length at no cost: the numbers,
//! then how many bytes they are.

use encodings::id_tree::Id;
use encodings::listpack::{Element, would_be_bytes};
use encodings::room;

use super::head;
use super::number;
use crate::stream::varint;

/// The header and the closing byte of a listpack.
const FRAME_BYTES: usize = 7;
/// How many numbers a footer has.
const NUMBERS: usize = 6;

/// What a block tells of its entries.
#[derive(Clone, Copy, Debug)]
pub(super) struct Footer {
    /// Entries that live.
    pub(super) live: usize,
    /// Entries that are marked as deleted.
    pub(super) deleted: usize,
    /// Bytes that the elements of a listpack take which says the same, without the two counts.
    pub(super) element_bytes: usize,
    /// The identifier that is expected behind the last entry; before there is one, the block's.
    pub(super) expected: Id,
    /// Bytes that the last entry takes here.
    pub(super) last_bytes: usize,
}

/// Where the footer begins.
#[inline]
fn start(block: &[u8]) -> usize {
    let (bytes, before) = block.split_last().expect("a block ends with its footer");
    before.len() - usize::from(*bytes)
}

/// The entries and what stands before them.
#[inline]
pub(super) fn entries(block: &[u8]) -> &[u8] {
    &block[..start(block)]
}

/// How many entries live.
#[inline]
pub(super) fn live(block: &[u8]) -> usize {
    varint::take(block, &mut start(block)) as usize
}

impl Footer {
    /// The footer of a block with this identifier.
    pub(super) fn of(block: &[u8], id: Id) -> Footer {
        let mut at = start(block);
        let mut number = || varint::take(block, &mut at);
        Footer {
            live: number() as usize,
            deleted: number() as usize,
            element_bytes: number() as usize,
            expected: Id { ms: id.ms.wrapping_add(number()), seq: number() },
            last_bytes: number() as usize,
        }
    }

    /// Takes it off a block.
    pub(super) fn take_off(block: &mut Vec<u8>, id: Id) -> Footer {
        let footer = Footer::of(block, id);
        block.truncate(start(block));
        footer
    }

    /// Puts it behind the entries.
    pub(super) fn put_on(&self, block: &mut Vec<u8>, id: Id) {
        let (mut footer, mut end) = ([0; NUMBERS * varint::BYTES_MAX + 1], 0);
        let expected = [self.expected.ms.wrapping_sub(id.ms), self.expected.seq];
        let counts = [self.live, self.deleted, self.element_bytes].map(|count| count as u64);
        for number in counts.into_iter().chain(expected).chain([self.last_bytes as u64]) {
            varint::write(&mut footer, &mut end, number);
        }
        footer[end] = end as u8;
        room::append(block, &footer[..=end]);
    }

    /// The identifier of the last entry.
    pub(super) fn last_id(&self) -> Id {
        head::behind(self.expected)
    }

    /// How long a listpack is that says the same.
    pub(super) fn listpack_bytes(&self) -> usize {
        let counts = [self.live, self.deleted].map(|count| would_be_bytes(Element::Integer(number(count))));
        FRAME_BYTES + self.element_bytes + counts.iter().sum::<usize>()
    }
}
