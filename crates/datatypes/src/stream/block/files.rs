//! A block as files hold it: one listpack, laid out as Redis does.
//!
//! First the master entry: how many entries live, how many are marked as deleted, the number of fields, their names, 0. Then
//! the entries: flags; what the identifier is above the block's, in milliseconds and in number; the values if the fields are
//! those of the master entry, and otherwise their number, names and values; how many elements all this was.

use encodings::id_tree::Id;
use encodings::listpack::{Iter, Listpack, Writer};

use super::draft::{Draft, differences, elements_told};
use super::head::{DELETED, SAME_FIELDS};
use super::walk::{Found, Master};
use super::{Block, number};

impl Block {
    /// A block from outside, all of which is checked.
    pub(in crate::stream) fn checked(id: Id, listpack: &Listpack) -> Option<Block> {
        let mut elements = listpack.iter();
        let (live, deleted, fields) = (count(&mut elements)?, count(&mut elements)?, count(&mut elements)?);
        let mut draft = Draft::new(id, listpack.total_bytes());
        (draft.push_master(fields, elements.by_ref().take(fields)) == fields).then_some(())?;
        (integer(&mut elements)? == 0).then_some(())?;
        // The block is found by its identifier: no entry may stand below.
        let mut least = Some(id);
        while let Some(flags) = elements.next() {
            let entry = take_entry(&mut draft, flags.integer()?, id, fields, &mut elements)?;
            least.filter(|least| entry >= *least)?;
            least = entry.next();
        }
        ((draft.footer.live, draft.footer.deleted) == (live, deleted)).then(|| {
            let mut block = draft.finish();
            block.close();
            block
        })
    }

    /// As files hold it.
    pub(in crate::stream) fn to_listpack(&self, id: Id) -> Vec<u8> {
        let footer = self.footer(id);
        let mut writer = Writer::with_capacity(footer.listpack_bytes());
        let master = Master::of(self.row());
        for count in [footer.live, footer.deleted, master.fields] {
            writer.push_integer(number(count));
        }
        writer.push_row(master.names, master.fields);
        writer.push_integer(0);
        self.all(id).for_each(|found| write_entry(&mut writer, id, &found));
        let listpack = writer.finish();
        debug_assert_eq!(listpack.len(), footer.listpack_bytes(), "the footer counts along");
        listpack
    }
}

fn integer(elements: &mut Iter<'_>) -> Option<i64> {
    elements.next()?.integer()
}

fn count(elements: &mut Iter<'_>) -> Option<usize> {
    usize::try_from(integer(elements)?).ok()
}

/// Copies an entry, whose flags are read already; gives its identifier.
fn take_entry(
    draft: &mut Draft,
    flags: i64,
    block: Id,
    master_fields: usize,
    elements: &mut Iter<'_>,
) -> Option<Id> {
    let flags = flags as u8 & (DELETED | SAME_FIELDS);
    let (ms, seq) = (integer(elements)?.cast_unsigned(), integer(elements)?.cast_unsigned());
    let id = Id { ms: block.ms.wrapping_add(ms), seq: block.seq.wrapping_add(seq) };
    let (fields, row) = if flags & SAME_FIELDS != 0 {
        (master_fields, master_fields)
    } else {
        let fields = count(elements)?;
        (fields, fields.checked_mul(2)?)
    };
    let copied = draft.push_entry(flags, id, fields, elements.by_ref().take(row));
    let counter = if flags & DELETED == 0 { &mut draft.footer.live } else { &mut draft.footer.deleted };
    *counter += 1;
    (copied == row && integer(elements)? == number(elements_told(flags, row))).then_some(id)
}

fn write_entry(writer: &mut Writer, block: Id, found: &Found<'_>) {
    let entry = &found.entry;
    let (ms, seq) = differences(entry.id, block);
    let flags = found.flags & (DELETED | SAME_FIELDS);
    [i64::from(flags), ms, seq].into_iter().for_each(|head| writer.push_integer(head));
    let elements = if entry.names.is_some() {
        entry.fields
    } else {
        writer.push_integer(number(entry.fields));
        2 * entry.fields
    };
    writer.push_row(entry.row, elements);
    writer.push_integer(number(elements_told(flags, elements)));
}
