//! Elements in a row without their lengths behind them: for what is read forwards only. Head and text are a listpack's.

use super::Element;
use super::encoding::{Entry, decode_with, extent};
use crate::room;

/// Appends an element; tells how many bytes it would take in a listpack.
pub fn push<'e>(row: &mut Vec<u8>, element: impl Into<Element<'e>>) -> usize {
    let entry = Entry::new(element.into());
    entry.bare_pieces().into_iter().for_each(|piece| room::append(row, piece));
    entry.total_bytes()
}

/// The element that a row begins with, and how many bytes it takes there. The row is one that was made by [`push`].
#[inline]
pub fn first(row: &[u8]) -> (Element<'_>, usize) {
    decode_with::<false>(row)
}

/// How many bytes the first elements of a row take.
#[inline]
pub fn bytes_of(row: &[u8], elements: usize) -> usize {
    (0..elements).fold(0, |at, _| {
        let (head, text) = extent(&row[at..]).expect("an element begins here");
        at + head + text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::listpack::{Listpack, Writer, would_be_bytes};

    #[test]
    fn rows_hold_what_listpacks_hold() {
        let long = [b'x'; 70_000];
        let texts = [&long[..0], b"a", b"12", b"012", b"-1", &long[..63], &long[..64], &long[..4096], &long];
        let integers = [0, 127, 128, -1, 4095, -4096, 4096, 1 << 15, 1 << 23, 1 << 31, i64::MIN, i64::MAX];
        let integers = integers.map(Element::Integer);
        let elements: Vec<Element<'_>> =
            texts.into_iter().map(Element::Bytes).chain(integers).chain(texts.map(Element::of)).collect();
        let (mut row, mut ends) = (Vec::new(), Vec::new());
        for element in &elements {
            assert_eq!(push(&mut row, *element), would_be_bytes(*element), "{element:?}");
            ends.push(row.len());
        }
        let mut at = 0;
        for (index, (element, end)) in elements.iter().zip(ends).enumerate() {
            let (read, bytes) = first(&row[at..]);
            at += bytes;
            assert_eq!((read, at, bytes_of(&row, index + 1)), (*element, end, end), "{element:?}");
        }
        let mut writer = Writer::with_capacity(0);
        writer.push_row(&row, elements.len());
        integers.iter().for_each(|integer| writer.push_integer(integer.integer().expect("an integer")));
        assert_eq!(writer.finish(), elements.into_iter().chain(integers).collect::<Listpack>().as_bytes());
    }
}
