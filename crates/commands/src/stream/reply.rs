//! Entries in replies.

use super::id;
use datatypes::stream::{Entry, Id};
use encodings::listpack::TextBuffer;
use resp::reply::Reply;

/// Writes an identifier.
pub(crate) fn write_id(reply: &mut Reply<'_>, id: Id) {
    reply.bulk(id::write(id, &mut [0; id::TEXT_BYTES_MAX]));
}

/// Writes an entry: its identifier; its fields and values in one row.
pub(crate) fn write_entry(reply: &mut Reply<'_>, entry: &Entry<'_>) {
    reply.array(2);
    write_id(reply, entry.id);
    reply.array(entry.field_count() * 2);
    let mut text = TextBuffer::new();
    for (name, value) in entry.fields() {
        reply.bulk(name.text(&mut text));
        reply.bulk(value.text(&mut text));
    }
}

/// Writes the first `count` of these entries.
pub(crate) fn write_entries<'e>(
    reply: &mut Reply<'_>,
    entries: impl Iterator<Item = Entry<'e>>,
    count: usize,
) {
    let place = reply.open_array();
    let mut written = 0;
    for entry in entries.take(count) {
        write_entry(reply, &entry);
        written += 1;
    }
    reply.close_array(&place, written);
}

/// A number of the type as a reply has it.
pub(crate) fn number(number: impl TryInto<i64>) -> i64 {
    number.try_into().unwrap_or(i64::MAX)
}
