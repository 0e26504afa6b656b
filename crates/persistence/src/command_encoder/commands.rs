//! The commands that make a value of each type again.

use datatypes::collection::ValueRef;
use datatypes::hash::Hash;
use resp::request::append_multibulk;

/// How many elements one command brings at most.
pub(super) const ELEMENTS_AT_ONCE: usize = 64;

/// Appends the commands for a value.
pub(super) fn append(out: &mut Vec<u8>, key: &[u8], value: ValueRef<'_>) {
    match value {
        ValueRef::String(bytes) => append_multibulk(out, [b"SET".as_slice(), key, bytes]),
        ValueRef::Hash(hash) => append_hash(out, key, hash),
        ValueRef::List(_) | ValueRef::Set(_) | ValueRef::SortedSet(_) | ValueRef::Stream(_) => {}
    }
}

/// The fields, and then when those expire that do.
fn append_hash(out: &mut Vec<u8>, key: &[u8], hash: &Hash) {
    let fields: Vec<_> = hash.iter().map(|field| (field.name.to_vec(), field.value.to_vec())).collect();
    for some in fields.chunks(ELEMENTS_AT_ONCE) {
        let pairs = some.iter().flat_map(|(name, value)| [name.as_slice(), value]);
        let words: Vec<&[u8]> = [b"HMSET", key].into_iter().chain(pairs).collect();
        append_multibulk(out, words);
    }
    for field in hash.iter() {
        if let Some(at_ms) = field.expire_at_ms {
            let (at_ms, name) = (at_ms.to_string(), field.name.to_vec());
            append_multibulk(out, [b"HPEXPIREAT".as_slice(), key, at_ms.as_bytes(), b"FIELDS", b"1", &name]);
        }
    }
}
