//! A block of a stream: entries with ascending identifiers in one listpack, laid out as Redis does, so that files hold it as it is.
//!
//! First the master entry: how many entries live, how many are marked as deleted, the number of fields, their names, 0. Then
//! the entries: flags; what the identifier is above the block's, in milliseconds and in number; the values if the fields are
//! those of the master entry, and otherwise their number, names and values; how many elements all this was.

use encodings::id_tree::{Entries, Id};
use encodings::listpack::{Element, Listpack, Position};

use super::entry::Entry;

/// The flag of an entry that is deleted.
const DELETED: i64 = 1;
/// The flag of an entry whose fields are those of the master entry.
const SAME_FIELDS: i64 = 2;
/// Flags and both differences of the identifier.
const HEAD_ELEMENTS: usize = 3;

/// A block. Its identifier, that of its first entry, stands beside it.
#[derive(Clone)]
pub(super) struct Block {
    listpack: Listpack,
}

impl Entries for Block {
    fn count(&self) -> usize {
        self.count_at(self.listpack.first())
    }

    fn allocated_bytes(&self) -> usize {
        self.listpack.total_bytes()
    }
}

/// What the master entry tells of the fields.
#[derive(Clone, Copy)]
struct Master {
    fields: usize,
    names: Position,
    /// The first entry; none while the block is being made.
    first: Option<Position>,
}

/// An entry and where it stands.
pub(super) struct Found<'a> {
    pub(super) entry: Entry<'a>,
    pub(super) is_deleted: bool,
    at: Position,
    end: Position,
}

/// The integer at a position.
fn integer_at(listpack: &Listpack, position: Position) -> Option<i64> {
    listpack.get(position).integer()
}

/// So many elements further.
fn skip(listpack: &Listpack, from: Position, elements: usize) -> Option<Position> {
    (0..elements).try_fold(from, |position, _| listpack.next(position))
}

impl Block {
    /// A block of one entry, whose identifier is the block's.
    pub(super) fn of_entry<'f>(fields: impl ExactSizeIterator<Item = &'f [u8]> + Clone) -> Block {
        let names = fields.clone().step_by(2).map(Element::Bytes);
        let count = number(fields.len() / 2);
        let master =
            [1, 0, count].map(Element::Integer).into_iter().chain(names).chain([Element::Integer(0)]);
        let head = [SAME_FIELDS, 0, 0].map(Element::Integer);
        let values = fields.skip(1).step_by(2).map(Element::Bytes);
        let end = Element::Integer(count + number(HEAD_ELEMENTS));
        Block { listpack: master.chain(head).chain(values).chain([end]).collect() }
    }

    /// A block from outside, all of which is checked.
    pub(super) fn checked(id: Id, listpack: Listpack) -> Option<Block> {
        let block = Block { listpack };
        let listpack = &block.listpack;
        let live = usize::try_from(integer_at(listpack, listpack.first()?)?).ok()?;
        let deleted = usize::try_from(integer_at(listpack, listpack.seek(1)?)?).ok()?;
        let master = block.checked_master()?;
        // The block is found by its identifier: no entry may stand below.
        let (mut next, mut found, mut least) = (master.first, (0, 0), Some(id));
        while let Some(at) = next {
            let entry = block.checked_entry(id, &master, at)?;
            let counter = if entry.is_deleted { &mut found.1 } else { &mut found.0 };
            *counter += 1;
            least.filter(|least| entry.entry.id >= *least)?;
            least = entry.entry.id.next();
            next = listpack.next(entry.end);
        }
        (found == (live, deleted)).then_some(block)
    }

    fn checked_master(&self) -> Option<Master> {
        let at = self.listpack.seek(2)?;
        let fields = usize::try_from(integer_at(&self.listpack, at)?).ok()?;
        let names = self.listpack.next(at)?;
        let end = skip(&self.listpack, names, fields)?;
        (integer_at(&self.listpack, end)? == 0).then(|| Master {
            fields,
            names,
            first: self.listpack.next(end),
        })
    }

    fn checked_entry(&self, id: Id, master: &Master, at: Position) -> Option<Found<'_>> {
        let listpack = &self.listpack;
        let (flags, ms_at) = (integer_at(listpack, at)?, listpack.next(at)?);
        let (ms, seq_at) = (integer_at(listpack, ms_at)?, listpack.next(ms_at)?);
        let (seq, mut fields_at) = (integer_at(listpack, seq_at)?, listpack.next(seq_at)?);
        let is_same = flags & SAME_FIELDS != 0;
        let (mut fields, mut elements) = (master.fields, master.fields);
        if !is_same {
            fields = usize::try_from(integer_at(listpack, fields_at)?).ok()?;
            elements = fields.checked_mul(2)?;
            fields_at = listpack.next(fields_at)?;
        }
        let end = skip(listpack, fields_at, elements)?;
        let told = integer_at(listpack, end)?;
        (told == number(HEAD_ELEMENTS + usize::from(!is_same) + elements)).then_some(())?;
        let names = is_same.then_some(master.names);
        let id =
            Id { ms: id.ms.wrapping_add(ms.cast_unsigned()), seq: id.seq.wrapping_add(seq.cast_unsigned()) };
        let entry = Entry::new(id, listpack, fields, names, fields_at);
        Some(Found { entry, is_deleted: flags & DELETED != 0, at, end })
    }

    fn master(&self) -> Master {
        self.checked_master().expect("a block is made or checked by us")
    }

    fn entry_at(&self, id: Id, master: &Master, at: Position) -> Found<'_> {
        self.checked_entry(id, master, at).expect("a block is made or checked by us")
    }

    /// As files hold it.
    pub(super) fn as_bytes(&self) -> &[u8] {
        self.listpack.as_bytes()
    }

    /// How many entries live and how many are marked as deleted.
    pub(super) fn counts(&self) -> (usize, usize) {
        let first = self.listpack.first();
        let second = first.and_then(|first| self.listpack.next(first));
        (self.count_at(first), self.count_at(second))
    }

    fn count_at(&self, position: Option<Position>) -> usize {
        let count = position.and_then(|position| integer_at(&self.listpack, position));
        usize::try_from(count.expect("a block begins with two counts")).expect("counts are not negative")
    }

    fn set_counts(&mut self, live: usize, deleted: usize) {
        let first = self.listpack.first().expect("a block begins with two counts");
        self.listpack.replace(first, number(live));
        let second = self.listpack.next(first).expect("a block begins with two counts");
        if integer_at(&self.listpack, second) != Some(number(deleted)) {
            self.listpack.replace(second, number(deleted));
        }
    }

    /// Puts an entry behind the others. `block` is the block's identifier.
    pub(super) fn append<'f>(
        &mut self,
        block: Id,
        id: Id,
        fields: impl ExactSizeIterator<Item = &'f [u8]> + Clone,
    ) {
        let count = fields.len() / 2;
        let is_same = self.has_fields(fields.clone().step_by(2), count);
        let flags = if is_same { SAME_FIELDS } else { 0 };
        let (ms, seq) = (id.ms.wrapping_sub(block.ms), id.seq.wrapping_sub(block.seq));
        let head = [flags, ms.cast_signed(), seq.cast_signed()].map(Element::Integer);
        let own_count = (!is_same).then_some(Element::Integer(number(count)));
        let elements = if is_same { count } else { 2 * count + 1 };
        let (skipped, step) = if is_same { (1, 2) } else { (0, 1) };
        let own = fields.skip(skipped).step_by(step).map(Element::Bytes);
        let end = Element::Integer(number(HEAD_ELEMENTS + elements));
        self.listpack.extend(head.into_iter().chain(own_count).chain(own).chain([end]));
        let (live, deleted) = self.counts();
        self.set_counts(live + 1, deleted);
    }

    /// Whether the master entry has these fields.
    fn has_fields<'f>(&self, mut names: impl Iterator<Item = &'f [u8]>, count: usize) -> bool {
        let mut own = self.listpack.iter().skip(2);
        let is_count = own.next().and_then(Element::integer) == Some(number(count));
        is_count && own.take(count).all(|own| names.next().is_some_and(|name| own == Element::of(name)))
    }

    /// The entries upwards, those marked as deleted too.
    pub(super) fn all(&self, id: Id) -> impl Iterator<Item = Found<'_>> {
        let master = self.master();
        let mut next = master.first;
        std::iter::from_fn(move || {
            let found = self.entry_at(id, &master, next?);
            next = self.listpack.next(found.end);
            Some(found)
        })
    }

    /// The entries that live, upwards.
    pub(super) fn entries(&self, id: Id) -> impl Iterator<Item = Entry<'_>> {
        self.all(id).filter(|found| !found.is_deleted).map(|found| found.entry)
    }

    /// All entries downwards, those marked as deleted too.
    fn all_back(&self, id: Id) -> impl Iterator<Item = Found<'_>> {
        let master = self.master();
        let mut end = self.listpack.last();
        std::iter::from_fn(move || {
            // The master entry ends with 0.
            let elements = integer_at(&self.listpack, end?).filter(|elements| *elements > 0)?;
            let at = (0..elements).try_fold(end?, |position, _| self.listpack.previous(position))?;
            end = self.listpack.previous(at);
            Some(self.entry_at(id, &master, at))
        })
    }

    /// The entries that live, downwards.
    pub(super) fn entries_back(&self, id: Id) -> impl Iterator<Item = Entry<'_>> {
        self.all_back(id).filter(|found| !found.is_deleted).map(|found| found.entry)
    }

    /// The identifier of the last entry, be it deleted or not.
    pub(super) fn last_id(&self, id: Id) -> Id {
        self.all_back(id).next().map_or(id, |found| found.entry.id)
    }

    /// Marks an entry as deleted; false if it does not live here.
    pub(super) fn delete(&mut self, id: Id, wanted: Id) -> bool {
        let found = self.all(id).find(|found| found.entry.id >= wanted);
        let Some(at) =
            found.filter(|found| found.entry.id == wanted && !found.is_deleted).map(|found| found.at)
        else {
            return false;
        };
        self.mark_deleted(at);
        let (live, deleted) = self.counts();
        self.set_counts(live - 1, deleted + 1);
        true
    }

    /// Marks the first entries as deleted as long as `goes` says so, told how many went already; tells how many.
    pub(super) fn delete_first(&mut self, id: Id, mut goes: impl FnMut(Id, usize) -> bool) -> usize {
        let mut going = Vec::new();
        for found in self.all(id) {
            if !goes(found.entry.id, going.len()) {
                break;
            }
            if !found.is_deleted {
                going.push(found.at);
            }
        }
        // From behind: a flag from outside may not be written in the fewest bytes, and what is behind it moves when it is.
        going.iter().rev().for_each(|at| self.mark_deleted(*at));
        let (live, deleted) = self.counts();
        self.set_counts(live - going.len(), deleted + going.len());
        going.len()
    }

    fn mark_deleted(&mut self, at: Position) {
        let flags = integer_at(&self.listpack, at).expect("an entry begins with its flags");
        self.listpack.replace(at, flags | DELETED);
    }
}

fn number(count: usize) -> i64 {
    i64::try_from(count).expect("a listpack is below 4 GiB")
}
