//! The data type of a value, as an entry's kind byte holds it.

/// A data type. Only strings are stored today; the others are what TYPE and WRONGTYPE must be able to name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Type {
    /// Bytes, always inline in the entry.
    String = 0,
    /// A list.
    List = 1,
    /// A set.
    Set = 2,
    /// A sorted set.
    SortedSet = 3,
    /// A hash.
    Hash = 4,
    /// A stream.
    Stream = 5,
}

impl Type {
    /// The name that TYPE and `SCAN ... TYPE` use.
    pub fn name(self) -> &'static str {
        match self {
            Type::String => "string",
            Type::List => "list",
            Type::Set => "set",
            Type::SortedSet => "zset",
            Type::Hash => "hash",
            Type::Stream => "stream",
        }
    }

    pub(crate) fn from_byte(byte: u8) -> Type {
        match byte {
            0 => Type::String,
            1 => Type::List,
            2 => Type::Set,
            3 => Type::SortedSet,
            4 => Type::Hash,
            _ => Type::Stream,
        }
    }
}

/// The key holds a value of another type than the operation works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrongType;

impl std::fmt::Display for WrongType {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("the key holds a value of another type")
    }
}

impl std::error::Error for WrongType {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_and_names_agree() {
        for kind in [Type::String, Type::List, Type::Set, Type::SortedSet, Type::Hash, Type::Stream] {
            assert_eq!(Type::from_byte(kind as u8), kind);
        }
        assert_eq!(Type::SortedSet.name(), "zset");
    }
}
