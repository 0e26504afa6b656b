//! Reading a block: upwards entry by entry, downwards in stretches.

use encodings::id_tree::Id;
use encodings::listpack::bare;

use super::head::{self, DELETED, SAME_FIELDS};
use crate::stream::entry::Entry;
use crate::stream::varint;

/// So many entries are looked at together when a block is read downwards.
const STRETCH: usize = 64;

/// An entry and where it stands.
pub(super) struct Found<'a> {
    pub(super) entry: Entry<'a>,
    pub(super) flags: u8,
    pub(super) at: usize,
}

impl Found<'_> {
    pub(super) fn is_deleted(&self) -> bool {
        self.flags & DELETED != 0
    }
}

/// The fields of the master entry.
#[derive(Clone, Copy)]
pub(super) struct Master<'a> {
    pub(super) fields: usize,
    pub(super) names: &'a [u8],
}

impl<'a> Master<'a> {
    /// The master entry that a block begins with.
    pub(super) fn of(row: &'a [u8]) -> Master<'a> {
        Master::with_end(row).0
    }

    /// The master entry, and where the first entry begins.
    fn with_end(row: &'a [u8]) -> (Master<'a>, usize) {
        let mut at = 0;
        let fields = varint::take(row, &mut at) as usize;
        let end = at + bare::bytes_of(&row[at..], fields);
        (Master { fields, names: &row[at..end] }, end)
    }
}

/// The entries of a block upwards, those marked as deleted too.
#[derive(Clone)]
pub(super) struct Walk<'a> {
    row: &'a [u8],
    master: Master<'a>,
    at: usize,
    expected: Id,
}

impl<'a> Walk<'a> {
    /// From the first entry of a block with this identifier to where the row ends.
    pub(super) fn new(row: &'a [u8], id: Id) -> Walk<'a> {
        let (master, at) = Master::with_end(row);
        Walk { row, master, at, expected: id }
    }

    /// The entry at an offset, whose identifier is known.
    pub(super) fn found_at(&mut self, at: usize, id: Id) -> Option<Found<'a>> {
        self.at = at;
        let found = self.next()?;
        Some(Found { entry: Entry { id, ..found.entry }, ..found })
    }

    /// What is left, downwards. It is walked through once to know where the stretches begin.
    pub(super) fn back(mut self) -> impl Iterator<Item = Found<'a>> {
        let mut stretches = Vec::new();
        while self.at < self.row.len() {
            stretches.push(self.clone());
            self.nth(STRETCH - 1);
        }
        let entries = |stretch: Walk<'a>| stretch.take(STRETCH).collect::<Vec<_>>().into_iter().rev();
        stretches.into_iter().rev().flat_map(entries)
    }
}

impl<'a> Iterator for Walk<'a> {
    type Item = Found<'a>;

    fn next(&mut self) -> Option<Found<'a>> {
        let (row, start) = (self.row, self.at);
        if start == row.len() {
            return None;
        }
        let mut at = start;
        let (flags, id) = head::take(row, &mut at, self.expected);
        let is_same = flags & SAME_FIELDS != 0;
        let fields = if is_same { self.master.fields } else { varint::take(row, &mut at) as usize };
        let elements = if is_same { fields } else { 2 * fields };
        self.at = at + bare::bytes_of(&row[at..], elements);
        self.expected = head::expected_behind(id);
        let names = is_same.then_some(self.master.names);
        Some(Found { entry: Entry { id, fields, names, row: &row[at..self.at] }, flags, at: start })
    }
}
