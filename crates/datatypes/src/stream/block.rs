//! A block of a stream: entries with ascending identifiers in one row of bytes, read forwards.
//!
//! First the master entry: the number of fields, their names. Then the entries: a head with flags and identifier (`head`); the
//! values if the fields are those of the master entry, and otherwise their number, names and values. At the end the footer.
//! Numbers are varints; names and values are elements of a listpack without the lengths behind them.
//! `docs/decisions/0011-blocks-of-streams.md` tells why it is not the listpack of the files.

mod draft;
mod files;
mod footer;
mod head;
mod walk;

use encodings::id_tree::{Entries, Id};
use encodings::listpack::{Element, bare};
use encodings::room;

use super::entry::Entry;
use draft::{Draft, estimated_bytes};
use footer::Footer;
use head::{DELETED, SAME_FIELDS};
use walk::{Master, Walk};

/// Elements at the head of an entry of a listpack: flags and both differences of the identifier.
const HEAD_ELEMENTS: usize = 3;

/// A block. Its identifier, that of its first entry, stands beside it.
pub(super) struct Block {
    bytes: Vec<u8>,
}

/// With as much room: whoever copies is about to write.
impl Clone for Block {
    fn clone(&self) -> Block {
        Block { bytes: room::copy(&self.bytes) }
    }
}

impl Entries for Block {
    fn count(&self) -> usize {
        footer::live(&self.bytes)
    }

    fn allocated_bytes(&self) -> usize {
        self.bytes.capacity()
    }
}

impl Block {
    /// A block of one entry, whose identifier is the block's.
    pub(super) fn of_entry<'f>(id: Id, fields: impl ExactSizeIterator<Item = &'f [u8]> + Clone) -> Block {
        let mut draft = Draft::new(id, estimated_bytes(fields.clone()));
        let names = fields.clone().step_by(2).map(Element::Bytes);
        let count = draft.push_master(fields.len() / 2, names);
        draft.push_entry(SAME_FIELDS, id, count, fields.skip(1).step_by(2).map(Element::Bytes));
        draft.footer.live = 1;
        draft.finish()
    }

    /// Puts an entry behind the others. `block` is the block's identifier.
    pub(super) fn append<'f>(
        &mut self,
        block: Id,
        id: Id,
        fields: impl ExactSizeIterator<Item = &'f [u8]> + Clone,
    ) {
        let is_same = self.has_fields(fields.clone().step_by(2), fields.len() / 2);
        let (flags, skipped, step) = if is_same { (SAME_FIELDS, 1, 2) } else { (0, 0, 1) };
        let count = fields.len() / 2;
        let row = fields.skip(skipped).step_by(step);
        let mut draft = Draft::of(self, block);
        draft.make_room(estimated_bytes(row.clone()));
        draft.push_entry(flags, id, count, row.map(Element::Bytes));
        draft.footer.live += 1;
        *self = draft.finish();
    }

    /// Whether the master entry has these fields.
    fn has_fields<'f>(&self, mut names: impl Iterator<Item = &'f [u8]>, count: usize) -> bool {
        let master = Master::of(self.row());
        let mut rest = master.names;
        master.fields == count
            && (0..count).all(|_| {
                let (own, bytes) = bare::first(rest);
                rest = &rest[bytes..];
                names.next().is_some_and(|name| own == Element::Bytes(name))
            })
    }

    /// Gives back the room for more entries: another block stands behind.
    pub(super) fn close(&mut self) {
        self.bytes.shrink_to_fit();
    }

    /// Whether it has room for more.
    pub(super) fn is_roomy(&self) -> bool {
        self.bytes.capacity() > self.bytes.len()
    }

    fn footer(&self, id: Id) -> Footer {
        Footer::of(&self.bytes, id)
    }

    /// Everything but the footer.
    fn row(&self) -> &[u8] {
        footer::entries(&self.bytes)
    }

    /// How many entries there are, those marked as deleted too, and how long a listpack is that holds them.
    pub(super) fn extent(&self, id: Id) -> (usize, usize) {
        let footer = self.footer(id);
        (footer.live + footer.deleted, footer.listpack_bytes())
    }

    /// The identifier of the last entry, be it deleted or not.
    pub(super) fn last_id(&self, id: Id) -> Id {
        self.footer(id).last_id()
    }

    /// The entries upwards, those marked as deleted too.
    fn all(&self, id: Id) -> Walk<'_> {
        Walk::new(self.row(), id)
    }

    /// The entries that live, upwards.
    pub(super) fn entries(&self, id: Id) -> impl Iterator<Item = Entry<'_>> {
        self.all(id).filter(|found| !found.is_deleted()).map(|found| found.entry)
    }

    /// The entries that live, downwards.
    pub(super) fn entries_back(&self, id: Id) -> impl Iterator<Item = Entry<'_>> {
        let (row, footer) = (self.row(), self.footer(id));
        let (before_last, _) = row.split_at(row.len() - footer.last_bytes);
        let last = self.all(id).found_at(before_last.len(), footer.last_id());
        // Often the last one is all that is wanted: the others are not looked for before.
        let others = std::iter::once_with(move || Walk::new(before_last, id).back()).flatten();
        last.into_iter().chain(others).filter(|found| !found.is_deleted()).map(|found| found.entry)
    }

    /// Marks an entry as deleted; false if it does not live here.
    pub(super) fn delete(&mut self, id: Id, wanted: Id) -> bool {
        let found = self.all(id).find(|found| found.entry.id >= wanted);
        let found = found.filter(|found| found.entry.id == wanted && !found.is_deleted());
        let Some(at) = found.map(|found| found.at) else { return false };
        self.mark_deleted(id, &[at]);
        true
    }

    /// Marks the first entries as deleted as long as `goes` says so, told how many went already; tells how many.
    pub(super) fn delete_first(&mut self, id: Id, mut goes: impl FnMut(Id, usize) -> bool) -> usize {
        let mut going = Vec::new();
        for found in self.all(id) {
            if !goes(found.entry.id, going.len()) {
                break;
            }
            if !found.is_deleted() {
                going.push(found.at);
            }
        }
        self.mark_deleted(id, &going);
        going.len()
    }

    fn mark_deleted(&mut self, id: Id, going: &[usize]) {
        going.iter().for_each(|at| self.bytes[*at] |= DELETED);
        let mut footer = Footer::take_off(&mut self.bytes, id);
        footer.live -= going.len();
        footer.deleted += going.len();
        footer.put_on(&mut self.bytes, id);
    }
}

fn number(count: usize) -> i64 {
    i64::try_from(count).expect("a block is below 4 GiB")
}
