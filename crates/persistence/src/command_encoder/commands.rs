//! The commands that make a value of each type again.

mod streams;

use datatypes::collection::ValueRef;
use datatypes::hash::Hash;
use datatypes::list::List;
use datatypes::set::Set;
use datatypes::sorted_set::SortedSet;
use resp::request::append_multibulk;
use stdx::number::append_f64;

/// How many elements one command brings at most.
pub(super) const ELEMENTS_AT_ONCE: usize = 64;

/// Appends the commands for a value.
pub(super) fn append(out: &mut Vec<u8>, key: &[u8], value: ValueRef<'_>) {
    match value {
        ValueRef::String(bytes) => append_multibulk(out, [b"SET".as_slice(), key, bytes]),
        ValueRef::List(list) => append_list(out, key, list),
        ValueRef::Set(set) => append_set(out, key, set),
        ValueRef::SortedSet(set) => append_sorted_set(out, key, set),
        ValueRef::Hash(hash) => append_hash(out, key, hash),
        ValueRef::Stream(stream) => streams::append(out, key, stream),
    }
}

fn append_list(out: &mut Vec<u8>, key: &[u8], list: &List) {
    let mut groups = Groups::new(out, b"RPUSH", key);
    list.visit(0, list.len(), |element| groups.push(&[&element.to_vec()]));
    groups.finish();
}

fn append_set(out: &mut Vec<u8>, key: &[u8], set: &Set) {
    let mut groups = Groups::new(out, b"SADD", key);
    set.for_each(&mut |member| groups.push(&[member]));
    groups.finish();
}

fn append_sorted_set(out: &mut Vec<u8>, key: &[u8], set: &SortedSet) {
    let mut groups = Groups::new(out, b"ZADD", key);
    let mut text = Vec::new();
    set.ascend(0..set.len(), &mut |member, score| {
        text.clear();
        append_f64(&mut text, score);
        groups.push(&[&text, member]);
    });
    groups.finish();
}

/// The fields, and then when those expire that do.
fn append_hash(out: &mut Vec<u8>, key: &[u8], hash: &Hash) {
    let mut groups = Groups::new(out, b"HMSET", key);
    for field in hash.iter() {
        groups.push(&[&field.name.to_vec(), &field.value.to_vec()]);
    }
    groups.finish();
    for field in hash.iter() {
        if let Some(at_ms) = field.expire_at_ms {
            let (at_ms, name) = (at_ms.to_string(), field.name.to_vec());
            append_multibulk(out, [b"HPEXPIREAT".as_slice(), key, at_ms.as_bytes(), b"FIELDS", b"1", &name]);
        }
    }
}

/// Elements that are brought by commands of a verb and a key, many by each.
struct Groups<'o> {
    out: &'o mut Vec<u8>,
    words: Vec<Vec<u8>>,
    elements: usize,
}

impl<'o> Groups<'o> {
    fn new(out: &'o mut Vec<u8>, verb: &[u8], key: &[u8]) -> Groups<'o> {
        Groups { out, words: vec![verb.to_vec(), key.to_vec()], elements: 0 }
    }

    /// Adds an element, which may be several words.
    fn push(&mut self, words: &[&[u8]]) {
        self.words.extend(words.iter().map(|word| word.to_vec()));
        self.elements += 1;
        if self.elements == ELEMENTS_AT_ONCE {
            self.finish();
        }
    }

    /// Writes the elements that are left.
    fn finish(&mut self) {
        if self.elements > 0 {
            append_multibulk(self.out, self.words.iter().map(Vec::as_slice));
            self.words.truncate(2);
            self.elements = 0;
        }
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

    #[test]
    fn sets_come_in_groups() {
        let mut set = Set::default();
        (0..130).for_each(|number: u32| assert!(set.add(number.to_string().as_bytes(), Limits::DEFAULT.set)));
        let mut out = Vec::new();
        append(&mut out, b"k", ValueRef::Set(&set));
        let text = String::from_utf8(out).expect("plain words");
        assert_eq!((text.matches("SADD").count(), text.matches("*66\r\n").count()), (3, 2));
        assert!(text.ends_with("*4\r\n$4\r\nSADD\r\n$1\r\nk\r\n$3\r\n128\r\n$3\r\n129\r\n"));
    }
}
