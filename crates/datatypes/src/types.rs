//! The data types that a key can hold.

/// What a key holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    /// Bytes.
    String,
    /// Strings in the order in which they were pushed.
    List,
    /// Different strings in no order.
    Set,
    /// Different strings ordered by score.
    SortedSet,
    /// Fields with values.
    Hash,
    /// Entries with ids that grow.
    Stream,
}

impl Type {
    /// Every type.
    pub const ALL: [Type; 6] =
        [Type::String, Type::List, Type::Set, Type::SortedSet, Type::Hash, Type::Stream];

    /// The name that TYPE replies and SCAN's TYPE option takes.
    pub const fn name(self) -> &'static str {
        match self {
            Type::String => "string",
            Type::List => "list",
            Type::Set => "set",
            Type::SortedSet => "zset",
            Type::Hash => "hash",
            Type::Stream => "stream",
        }
    }

    /// The type of this name, in any case.
    pub fn from_name(name: &[u8]) -> Option<Type> {
        Type::ALL.into_iter().find(|kind| name.eq_ignore_ascii_case(kind.name().as_bytes()))
    }
}

impl std::fmt::Display for Type {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_types() {
        for kind in Type::ALL {
            assert_eq!(Type::from_name(kind.name().to_uppercase().as_bytes()), Some(kind));
        }
        assert_eq!(Type::from_name(b"sortedset"), None);
        assert_eq!(Type::SortedSet.to_string(), "zset");
    }
}
