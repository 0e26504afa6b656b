//! The commands that make a stream again: its entries, what it remembers, its groups and what they have pending.

use datatypes::stream::{Entry, Group, Id, Stream};
use resp::request::append_multibulk;

/// Appends the commands for a stream.
pub(super) fn append(out: &mut Vec<u8>, key: &[u8], stream: &Stream) {
    let log = stream.log();
    if log.is_empty() {
        // An entry that goes at once leaves an empty stream.
        append_multibulk(out, [b"XADD".as_slice(), key, b"MAXLEN", b"0", b"0-1", b"x", b"y"]);
    }
    log.range(Id::MIN, Id::MAX).for_each(|entry| append_entry(out, key, &entry));
    let marks = log.marks();
    let (last_id, max_deleted_id) = (text(marks.last_id), text(marks.max_deleted_id));
    let added = marks.entries_added.to_string();
    let (added, max_deleted_id) = (added.as_bytes(), max_deleted_id.as_bytes());
    let counters = [b"ENTRIESADDED".as_slice(), added, b"MAXDELETEDID", max_deleted_id];
    let words = [b"XSETID".as_slice(), key, last_id.as_bytes()].into_iter().chain(counters);
    append_multibulk(out, words.collect::<Vec<_>>());
    for (name, group) in stream.groups() {
        append_group(out, key, name, group);
    }
}

fn append_entry(out: &mut Vec<u8>, key: &[u8], entry: &Entry<'_>) {
    let mut words = vec![b"XADD".to_vec(), key.to_vec(), text(entry.id).into_bytes()];
    words.extend(entry.fields().flat_map(|(name, value)| [name.to_vec(), value.to_vec()]));
    append_multibulk(out, words.iter().map(Vec::as_slice));
}

fn append_group(out: &mut Vec<u8>, key: &[u8], name: &[u8], group: &Group) {
    let read = group.entries_read.map_or(-1, u64::cast_signed).to_string();
    let last_id = text(group.last_id);
    let (last_id, read) = (last_id.as_bytes(), read.as_bytes());
    append_multibulk(out, [b"XGROUP".as_slice(), b"CREATE", key, name, last_id, b"ENTRIESREAD", read]);
    for (consumer, _) in group.consumers() {
        append_multibulk(out, [b"XGROUP".as_slice(), b"CREATECONSUMER", key, name, consumer]);
    }
    for (id, pending) in group.pending().iter() {
        let (id, time) = (text(id), pending.delivered_ms.to_string());
        let deliveries = pending.deliveries.to_string();
        let delivery = [b"TIME".as_slice(), time.as_bytes(), b"RETRYCOUNT", deliveries.as_bytes()];
        let head = [b"XCLAIM".as_slice(), key, name, &pending.consumer, b"0", id.as_bytes()];
        let words = head.into_iter().chain(delivery).chain([b"JUSTID".as_slice(), b"FORCE"]);
        append_multibulk(out, words.collect::<Vec<_>>());
    }
}

fn text(id: Id) -> String {
    format!("{}-{}", id.ms, id.seq)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_stream_is_made_too() {
        let mut stream = Stream::default();
        stream.create_group(b"g", Group::new(Id { ms: 5, seq: 1 }, None));
        let mut out = Vec::new();
        append(&mut out, b"k", &stream);
        let words = String::from_utf8(out).expect("plain words");
        let words: Vec<&str> = words.split("\r\n").filter(|word| !word.starts_with(['*', '$'])).collect();
        assert_eq!(
            words.join(" ").trim(),
            "XADD k MAXLEN 0 0-1 x y XSETID k 0-0 ENTRIESADDED 0 MAXDELETEDID 0-0 XGROUP CREATE k g 5-1 ENTRIESREAD -1"
        );
    }
}
