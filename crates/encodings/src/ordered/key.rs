//! What inner nodes know of a leaf: its first element, a very long member cut short.

use std::cmp::Ordering;

use triomphe::ThinArc;

/// So many bytes of a member lie in the node itself.
const PREFIX_BYTES: usize = 16;
/// So many more lie beside it: looking at the leaf would take three times as many cache lines.
const REST_MAX: usize = 112;

/// The first bytes of a member as big-endian numbers, filled up with zeros: if two differ, the members are ordered alike.
pub(super) type Prefix = [u64; PREFIX_BYTES / 8];

/// The first element of a leaf.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Key {
    pub(super) score: f64,
    prefix: Prefix,
    /// What follows the prefix. Copies of the node share it.
    rest: Option<ThinArc<(), u8>>,
}

impl Key {
    pub(super) fn new(score: f64, member: &[u8]) -> Key {
        let rest = rest_of(member);
        let rest = (!rest.is_empty()).then(|| ThinArc::from_header_and_slice((), rest));
        Key { score, prefix: prefix_of(member), rest }
    }

    /// Whether this is the key of an element.
    pub(super) fn is_of(&self, score: f64, member: &[u8]) -> bool {
        self.score == score && self.prefix == prefix_of(member) && self.rest() == rest_of(member)
    }

    /// How the element's member compares to a wanted one, whose prefix is given too. `Equal` if the key cannot tell.
    pub(super) fn order_to(&self, prefix: &Prefix, wanted: &[u8]) -> Ordering {
        self.prefix.cmp(prefix).then_with(|| self.rest().cmp(rest_of(wanted)))
    }

    fn rest(&self) -> &[u8] {
        self.rest.as_ref().map_or(&[], |rest| &rest.slice)
    }
}

pub(super) fn prefix_of(member: &[u8]) -> Prefix {
    let mut bytes = [0; PREFIX_BYTES];
    let len = member.len().min(PREFIX_BYTES);
    bytes[..len].copy_from_slice(&member[..len]);
    let (halves, _) = bytes.as_chunks::<8>();
    [u64::from_be_bytes(halves[0]), u64::from_be_bytes(halves[1])]
}

fn rest_of(member: &[u8]) -> &[u8] {
    let rest = member.get(PREFIX_BYTES..).unwrap_or_default();
    &rest[..rest.len().min(REST_MAX)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_never_tell_a_wrong_order() {
        let long = |last: &[u8]| [&[b'l'; 200][..], last].concat();
        let members = [
            b"".to_vec(),
            vec![0],
            vec![0, 0, 1],
            b"a".to_vec(),
            b"a\0".to_vec(),
            b"sixteen bytes ok".to_vec(),
            b"sixteen bytes ok\0".to_vec(),
            b"sixteen bytes okay".to_vec(),
            b"sixteen bytes okra".to_vec(),
            long(b"1"),
            long(b"2"),
        ];
        for one in &members {
            let key = Key::new(1.0, one);
            assert!(key.is_of(1.0, one) && !key.is_of(2.0, one));
            for two in &members {
                let told = key.order_to(&prefix_of(two), two);
                assert!(told.is_eq() || told == one.cmp(two), "{one:?} {two:?}");
            }
        }
        let okay = Key::new(1.0, &members[7]);
        assert!(okay.order_to(&prefix_of(&members[8]), &members[8]).is_lt(), "the rest is looked at");
    }
}
