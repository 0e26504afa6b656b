//! Up to which sizes collections stay in their compact encodings.

use crate::config::kind::{Integer, Memory};
use datatypes::limits::{HashLimits, Limits, ListLimits, SetLimits, SortedSetLimits, StreamLimits};

const MAX: i64 = i64::MAX;

options! {
    /// Up to which sizes collections stay in their compact encodings.
    Encodings at encodings;

    /// A HyperLogLog keeps its sparse representation up to this size, in bytes.
    hll_sparse_max_bytes: Memory<0, { u64::MAX }> = 3000, mutable;
    /// A hash stays a listpack up to this many fields.
    hash_max_listpack_entries | hash_max_ziplist_entries: Integer<u64, 0, MAX> = 512, mutable;
    /// A hash stays a listpack while no field and no value is longer, in bytes.
    hash_max_listpack_value | hash_max_ziplist_value: Integer<u64, 0, MAX> = 64, mutable;
    /// How large the listpacks of a list become: so many elements if positive; 4, 8, 16, 32 or 64 KiB for -1 to -5.
    list_max_listpack_size | list_max_ziplist_size: Integer<i32, { i32::MIN as i64 }, { i32::MAX as i64 }> = -2, mutable;
    /// So many listpacks at each end of a list are not compressed; 0 for no compression at all.
    list_compress_depth: Integer<u32, 0, { i32::MAX as i64 }> = 0, mutable;
    /// A set of integers stays an intset up to this many members.
    set_max_intset_entries: Integer<u64, 0, MAX> = 512, mutable;
    /// A set stays a listpack up to this many members.
    set_max_listpack_entries: Integer<u64, 0, MAX> = 128, mutable;
    /// A set stays a listpack while no member is longer, in bytes.
    set_max_listpack_value: Integer<u64, 0, MAX> = 64, mutable;
    /// A sorted set stays a listpack up to this many members.
    zset_max_listpack_entries | zset_max_ziplist_entries: Integer<u64, 0, MAX> = 128, mutable;
    /// A sorted set stays a listpack while no member is longer, in bytes.
    zset_max_listpack_value | zset_max_ziplist_value: Integer<u64, 0, MAX> = 64, mutable;
    /// How large the blocks of a stream become, in bytes; 0 for no limit.
    stream_node_max_bytes: Integer<u64, 0, MAX> = 4096, mutable;
    /// How many entries a block of a stream takes; 0 for no limit.
    stream_node_max_entries: Integer<u64, 0, MAX> = 100, mutable;
}

impl Encodings {
    /// The options as the data types take them.
    pub fn limits(&self) -> Limits {
        let count = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        Limits {
            list: ListLimits {
                listpack_size: self.list_max_listpack_size,
                compress_depth: self.list_compress_depth,
            },
            set: SetLimits {
                intset_entries: count(self.set_max_intset_entries),
                listpack_entries: count(self.set_max_listpack_entries),
                listpack_value_bytes: count(self.set_max_listpack_value),
            },
            sorted_set: SortedSetLimits {
                listpack_entries: count(self.zset_max_listpack_entries),
                listpack_value_bytes: count(self.zset_max_listpack_value),
            },
            hash: HashLimits {
                listpack_entries: count(self.hash_max_listpack_entries),
                listpack_value_bytes: count(self.hash_max_listpack_value),
            },
            stream: StreamLimits {
                node_bytes: count(self.stream_node_max_bytes),
                node_entries: count(self.stream_node_max_entries),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_of_both_are_the_same() {
        assert_eq!(Encodings::default().limits(), Limits::DEFAULT);
    }
}
