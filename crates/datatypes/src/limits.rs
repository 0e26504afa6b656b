//! Up to which size a collection stays in its compact encoding: what the options of the same names say.

/// The limits of all types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Of lists.
    pub list: ListLimits,
    /// Of sets.
    pub set: SetLimits,
    /// Of sorted sets.
    pub sorted_set: SortedSetLimits,
    /// Of hashes.
    pub hash: HashLimits,
    /// Of streams.
    pub stream: StreamLimits,
}

/// The limits of lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListLimits {
    /// `list-max-listpack-size`: elements of a listpack if positive, -1 to -5 for 4 to 64 KiB.
    pub listpack_size: i32,
    /// `list-compress-depth`: so many listpacks at each end are not compressed; 0 for none at all.
    pub compress_depth: u32,
}

/// The limits of sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetLimits {
    /// `set-max-intset-entries`.
    pub intset_entries: usize,
    /// `set-max-listpack-entries`.
    pub listpack_entries: usize,
    /// `set-max-listpack-value`, in bytes.
    pub listpack_value_bytes: usize,
}

/// The limits of sorted sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SortedSetLimits {
    /// `zset-max-listpack-entries`.
    pub listpack_entries: usize,
    /// `zset-max-listpack-value`, in bytes.
    pub listpack_value_bytes: usize,
}

/// The limits of hashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HashLimits {
    /// `hash-max-listpack-entries`: fields.
    pub listpack_entries: usize,
    /// `hash-max-listpack-value`: bytes of a field or a value.
    pub listpack_value_bytes: usize,
}

/// The limits of streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamLimits {
    /// `stream-node-max-bytes`; 0 for no limit.
    pub node_bytes: usize,
    /// `stream-node-max-entries`; 0 for no limit.
    pub node_entries: usize,
}

impl Limits {
    /// Redis's defaults.
    pub const DEFAULT: Limits = Limits {
        list: ListLimits { listpack_size: -2, compress_depth: 0 },
        set: SetLimits { intset_entries: 512, listpack_entries: 128, listpack_value_bytes: 64 },
        sorted_set: SortedSetLimits { listpack_entries: 128, listpack_value_bytes: 64 },
        hash: HashLimits { listpack_entries: 512, listpack_value_bytes: 64 },
        stream: StreamLimits { node_bytes: 4096, node_entries: 100 },
    };
}

impl Default for Limits {
    fn default() -> Limits {
        Limits::DEFAULT
    }
}
