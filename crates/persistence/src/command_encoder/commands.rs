//! The commands that make a value of each type again.

mod streams;

use datatypes::collection::ValueRef;
use datatypes::list::List;
use resp::request::append_multibulk;

/// How many elements one command brings at most.
pub(super) const ELEMENTS_AT_ONCE: usize = 64;

/// Appends the commands for a value.
pub(super) fn append(out: &mut Vec<u8>, key: &[u8], value: ValueRef<'_>) {
    match value {
        ValueRef::String(bytes) => append_multibulk(out, [b"SET".as_slice(), key, bytes]),
        ValueRef::List(list) => append_list(out, key, list),
        ValueRef::Stream(stream) => streams::append(out, key, stream),
        ValueRef::Set(_) | ValueRef::SortedSet(_) | ValueRef::Hash(_) => {}
    }
}

fn append_list(out: &mut Vec<u8>, key: &[u8], list: &List) {
    let mut group: Vec<Vec<u8>> = Vec::with_capacity(ELEMENTS_AT_ONCE);
    let mut flush = |group: &mut Vec<Vec<u8>>| {
        let elements = group.iter().map(Vec::as_slice);
        let words: Vec<&[u8]> = [b"RPUSH".as_slice(), key].into_iter().chain(elements).collect();
        append_multibulk(out, words);
        group.clear();
    };
    list.visit(0, list.len(), |element| {
        group.push(element.to_vec());
        if group.len() == ELEMENTS_AT_ONCE {
            flush(&mut group);
        }
    });
    if !group.is_empty() {
        flush(&mut group);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use datatypes::limits::Limits;
    use datatypes::list::End;

    #[test]
    fn lists_come_in_groups() {
        let mut list = List::default();
        for number in 0..65 {
            list.push_one(End::Back, format!("e{number}").as_bytes(), Limits::DEFAULT.list);
        }
        let mut out = Vec::new();
        append(&mut out, b"k", ValueRef::List(&list));
        let text = String::from_utf8(out).expect("plain words");
        assert!(text.starts_with("*66\r\n$5\r\nRPUSH\r\n$1\r\nk\r\n$2\r\ne0\r\n"));
        assert!(text.ends_with("*3\r\n$5\r\nRPUSH\r\n$1\r\nk\r\n$3\r\ne64\r\n"));
    }
}
