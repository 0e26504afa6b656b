//! How an entry begins: a byte of flags, then what its identifier is above the one that is expected, as far as it is. Expected
//! is the next one of the same millisecond; in another millisecond, the first one.

use encodings::id_tree::Id;
use encodings::room;

use crate::stream::varint;

/// The entry is deleted.
pub(super) const DELETED: u8 = 1;
/// The fields are those of the master entry.
pub(super) const SAME_FIELDS: u8 = 2;
/// So many milliseconds later than expected.
const LATER: u8 = 4;
/// Numbers were left out.
const GAP: u8 = 8;

/// The identifier that is expected behind this one. Behind the last one of a millisecond none of the same can follow.
pub(super) fn expected_behind(id: Id) -> Id {
    Id { seq: id.seq.wrapping_add(1), ..id }
}

/// The identifier behind which this one is expected.
pub(super) fn behind(expected: Id) -> Id {
    Id { seq: expected.seq.wrapping_sub(1), ..expected }
}

/// Appends the head of an entry.
pub(super) fn push(row: &mut Vec<u8>, flags: u8, expected: Id, id: Id) {
    let later = id.ms.wrapping_sub(expected.ms);
    let gap = if later == 0 { id.seq.wrapping_sub(expected.seq) } else { id.seq };
    let flag = |number: u64, flag: u8| if number == 0 { 0 } else { flag };
    room::append(row, &[flags | flag(later, LATER) | flag(gap, GAP)]);
    for number in [later, gap] {
        if number != 0 {
            varint::push(row, number);
        }
    }
}

/// Flags and identifier of the entry at `at`, which moves behind its head.
#[inline]
pub(super) fn take(row: &[u8], at: &mut usize, expected: Id) -> (u8, Id) {
    let flags = row[*at];
    *at += 1;
    let mut id = expected;
    if flags & LATER != 0 {
        id = Id { ms: id.ms.wrapping_add(varint::take(row, at)), seq: 0 };
    }
    if flags & GAP != 0 {
        id.seq = id.seq.wrapping_add(varint::take(row, at));
    }
    (flags, id)
}
