//! The commands that make a value of each type again.

use datatypes::collection::ValueRef;
use resp::request::append_multibulk;

/// How many elements one command brings at most.
pub(super) const ELEMENTS_AT_ONCE: usize = 64;

/// Appends the commands for a value.
pub(super) fn append(out: &mut Vec<u8>, key: &[u8], value: ValueRef<'_>) {
    match value {
        ValueRef::String(bytes) => append_multibulk(out, [b"SET".as_slice(), key, bytes]),
        ValueRef::List(_) | ValueRef::Set(_) | ValueRef::SortedSet(_) | ValueRef::Hash(_) | ValueRef::Stream(_) => {}
    }
}
