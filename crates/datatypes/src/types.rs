//! The data types that a key can hold.

/// What a key holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Type {
    /// Bytes.
    String = 0,
    /// Strings in the order in which they were pushed.
    List = 1,
    /// Different strings in no order.
    Set = 2,
    /// Different strings ordered by score.
    SortedSet = 3,
    /// Fields with values.
    Hash = 4,
    /// Entries with ids that grow.
    Stream = 5,
}

impl Type {
    /// Every type, each at the place of its number.
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

    /// The type of this number.
    pub const fn from_number(number: u8) -> Option<Type> {
        if (number as usize) < Type::ALL.len() { Some(Type::ALL[number as usize]) } else { None }
    }
}

impl std::fmt::Display for Type {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
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
    fn names_and_numbers_lead_back_to_types() {
        for kind in Type::ALL {
            assert_eq!(Type::from_name(kind.name().to_uppercase().as_bytes()), Some(kind));
            assert_eq!(Type::from_number(kind as u8), Some(kind));
        }
        assert_eq!((Type::from_name(b"sortedset"), Type::from_number(6)), (None, None));
        assert_eq!(Type::SortedSet.to_string(), "zset");
    }
}
