//! The commands that make a value of each type again.

use datatypes::collection::ValueRef;
use datatypes::sorted_set::SortedSet;
use resp::request::append_multibulk;
use stdx::number::append_f64;

/// How many elements one command brings at most.
pub(super) const ELEMENTS_AT_ONCE: usize = 64;

/// Appends the commands for a value.
pub(super) fn append(out: &mut Vec<u8>, key: &[u8], value: ValueRef<'_>) {
    match value {
        ValueRef::String(bytes) => append_multibulk(out, [b"SET".as_slice(), key, bytes]),
        ValueRef::SortedSet(set) => append_sorted_set(out, key, set),
        ValueRef::List(_) | ValueRef::Set(_) | ValueRef::Hash(_) | ValueRef::Stream(_) => {}
    }
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
