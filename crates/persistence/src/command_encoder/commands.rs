//! The commands that make a value of each type again.

use datatypes::collection::ValueRef;
use datatypes::list::List;
use datatypes::set::Set;
use resp::request::append_multibulk;

/// How many elements one command brings at most.
pub(super) const ELEMENTS_AT_ONCE: usize = 64;

/// Appends the commands for a value.
pub(super) fn append(out: &mut Vec<u8>, key: &[u8], value: ValueRef<'_>) {
    match value {
        ValueRef::String(bytes) => append_multibulk(out, [b"SET".as_slice(), key, bytes]),
        ValueRef::List(list) => append_list(out, key, list),
        ValueRef::Set(set) => append_set(out, key, set),
        ValueRef::SortedSet(_) | ValueRef::Hash(_) | ValueRef::Stream(_) => {}
    }
}

fn append_list(out: &mut Vec<u8>, key: &[u8], list: &List) {
    let mut groups = Groups::new(out, b"RPUSH", key);
    list.visit(0, list.len(), |element| groups.push(element.to_vec()));
    groups.flush();
}

fn append_set(out: &mut Vec<u8>, key: &[u8], set: &Set) {
    let mut groups = Groups::new(out, b"SADD", key);
    set.for_each(&mut |member| groups.push(member.to_vec()));
    groups.flush();
}

/// Elements on their way into commands of which each takes several.
struct Groups<'a> {
    out: &'a mut Vec<u8>,
    verb: &'a [u8],
    key: &'a [u8],
    waiting: Vec<Vec<u8>>,
}

impl<'a> Groups<'a> {
    fn new(out: &'a mut Vec<u8>, verb: &'a [u8], key: &'a [u8]) -> Groups<'a> {
        Groups { out, verb, key, waiting: Vec::with_capacity(ELEMENTS_AT_ONCE) }
    }

    fn push(&mut self, element: Vec<u8>) {
        self.waiting.push(element);
        if self.waiting.len() == ELEMENTS_AT_ONCE {
            self.flush();
        }
    }

    fn flush(&mut self) {
        if !self.waiting.is_empty() {
            let elements = self.waiting.iter().map(Vec::as_slice);
            let words: Vec<&[u8]> = [self.verb, self.key].into_iter().chain(elements).collect();
            append_multibulk(self.out, words);
            self.waiting.clear();
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
