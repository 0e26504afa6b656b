//! A block that is written: its footer is off until all entries are there.

use encodings::id_tree::Id;
use encodings::listpack::{Element, bare, would_be_bytes};
use encodings::room;

use super::footer::Footer;
use super::head::{self, SAME_FIELDS};
use super::{Block, HEAD_ELEMENTS, number};
use crate::stream::varint;

/// About what a head and a footer take.
const AROUND_BYTES: usize = 9;

/// A block without its footer.
pub(super) struct Draft {
    bytes: Vec<u8>,
    block: Id,
    pub(super) footer: Footer,
}

/// What entries of these texts take, about.
pub(super) fn estimated_bytes<'f>(texts: impl Iterator<Item = &'f [u8]>) -> usize {
    texts.map(|text| text.len() + 1).sum::<usize>() + AROUND_BYTES
}

fn integer_bytes(integer: i64) -> usize {
    would_be_bytes(Element::Integer(integer))
}

impl Draft {
    /// A block with this identifier without entries, with room for so many bytes.
    pub(super) fn new(block: Id, room_bytes: usize) -> Draft {
        let footer = Footer { live: 0, deleted: 0, element_bytes: 0, expected: block, last_bytes: 0 };
        Draft { bytes: room::roomy(room_bytes), block, footer }
    }

    /// Goes on with a block.
    pub(super) fn of(block: &mut Block, id: Id) -> Draft {
        let mut bytes = std::mem::take(&mut block.bytes);
        let footer = Footer::take_off(&mut bytes, id);
        Draft { bytes, block: id, footer }
    }

    /// Makes room for so many bytes.
    pub(super) fn make_room(&mut self, bytes: usize) {
        room::make_room(&mut self.bytes, bytes);
    }

    /// Writes the master entry; tells how many names there were.
    pub(super) fn push_master<'e>(
        &mut self,
        count: usize,
        names: impl Iterator<Item = Element<'e>>,
    ) -> usize {
        varint::push(&mut self.bytes, count as u64);
        self.footer.element_bytes += integer_bytes(number(count)) + integer_bytes(0);
        self.push_row(names)
    }

    /// Writes an entry: its values, or the number of its fields and names and values in turn if they are not the master
    /// entry's. Tells how many elements there were.
    pub(super) fn push_entry<'e>(
        &mut self,
        flags: u8,
        id: Id,
        fields: usize,
        row: impl Iterator<Item = Element<'e>>,
    ) -> usize {
        let start = self.bytes.len();
        head::push(&mut self.bytes, flags, self.footer.expected, id);
        let (ms, seq) = differences(id, self.block);
        self.footer.element_bytes += [i64::from(flags), ms, seq].map(integer_bytes).iter().sum::<usize>();
        if flags & SAME_FIELDS == 0 {
            varint::push(&mut self.bytes, fields as u64);
            self.footer.element_bytes += integer_bytes(number(fields));
        }
        let elements = self.push_row(row);
        self.footer.element_bytes += integer_bytes(number(elements_told(flags, elements)));
        self.footer.expected = head::expected_behind(id);
        self.footer.last_bytes = self.bytes.len() - start;
        elements
    }

    fn push_row<'e>(&mut self, row: impl Iterator<Item = Element<'e>>) -> usize {
        let mut count = 0;
        for element in row {
            self.footer.element_bytes += bare::push(&mut self.bytes, element);
            count += 1;
        }
        count
    }

    /// The block.
    pub(super) fn finish(mut self) -> Block {
        self.footer.put_on(&mut self.bytes, self.block);
        Block { bytes: self.bytes }
    }
}

/// What a listpack tells of an identifier: how far it is above the block's.
pub(super) fn differences(id: Id, block: Id) -> (i64, i64) {
    (id.ms.wrapping_sub(block.ms).cast_signed(), id.seq.wrapping_sub(block.seq).cast_signed())
}

/// The number that ends an entry in a listpack: how many elements stand before it.
pub(super) fn elements_told(flags: u8, elements: usize) -> usize {
    HEAD_ELEMENTS + usize::from(flags & SAME_FIELDS == 0) + elements
}
