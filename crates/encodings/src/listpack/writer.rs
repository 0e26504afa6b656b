//! A listpack's bytes written from the first element to the last.

use super::encoding::{END, Entry, HEADER_BYTES, ONE_BACK_BYTE_MAX, back_length, extent};
use super::{Element, UNKNOWN};

/// What becomes a listpack as files hold it.
pub struct Writer {
    bytes: Vec<u8>,
    count: usize,
}

impl Writer {
    /// Without elements, but with room for a listpack of so many bytes.
    pub fn with_capacity(bytes: usize) -> Writer {
        let mut header = Vec::with_capacity(bytes);
        header.resize(HEADER_BYTES, 0);
        Writer { bytes: header, count: 0 }
    }

    /// Appends an integer.
    #[inline]
    pub fn push_integer(&mut self, integer: i64) {
        match integer {
            // Most are so: itself and its length.
            0..=127 => self.bytes.extend_from_slice(&[integer as u8, 1]),
            _ => Entry::new(Element::Integer(integer))
                .pieces()
                .into_iter()
                .for_each(|piece| self.bytes.extend_from_slice(piece)),
        }
        self.count += 1;
    }

    /// Appends the first elements of a row that [`super::bare`] made.
    pub fn push_row(&mut self, row: &[u8], elements: usize) {
        let mut rest = row;
        for _ in 0..elements {
            let (head, text) = extent(rest).expect("an element begins here");
            let (element, behind) = rest.split_at(head + text);
            self.bytes.extend_from_slice(element);
            if element.len() <= ONE_BACK_BYTE_MAX {
                self.bytes.push(element.len() as u8);
            } else {
                let (back, back_bytes) = back_length(element.len());
                self.bytes.extend_from_slice(&back[..back_bytes]);
            }
            rest = behind;
        }
        self.count += elements;
    }

    /// The whole listpack.
    pub fn finish(mut self) -> Vec<u8> {
        self.bytes.push(END);
        let total = u32::try_from(self.bytes.len()).expect("a listpack's length has 32 bits");
        let count = u16::try_from(self.count).unwrap_or(UNKNOWN);
        self.bytes[..4].copy_from_slice(&total.to_le_bytes());
        self.bytes[4..HEADER_BYTES].copy_from_slice(&count.to_le_bytes());
        self.bytes
    }
}
