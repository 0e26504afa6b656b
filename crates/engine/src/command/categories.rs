//! ACL categories: derived from a command's group and flags, plus what the command adds.

use super::flags::Flags;
use super::spec::Group;

/// A set of ACL categories.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Categories(u32);

macro_rules! categories {
    ($($name:ident = $bit:literal, $text:literal;)*) => {
        impl Categories {
            $(#[doc = concat!("`@", $text, "`.")] pub const $name: Categories = Categories(1 << $bit);)*
            /// Every category with its name, in Redis's order.
            pub const ALL: &'static [(Categories, &'static str)] = &[$((Categories::$name, $text)),*];
        }
    };
}

categories! {
    KEYSPACE = 0, "keyspace";
    READ = 1, "read";
    WRITE = 2, "write";
    SET = 3, "set";
    SORTED_SET = 4, "sortedset";
    LIST = 5, "list";
    HASH = 6, "hash";
    STRING = 7, "string";
    BITMAP = 8, "bitmap";
    HYPERLOGLOG = 9, "hyperloglog";
    GEO = 10, "geo";
    STREAM = 11, "stream";
    PUBSUB = 12, "pubsub";
    ADMIN = 13, "admin";
    FAST = 14, "fast";
    SLOW = 15, "slow";
    BLOCKING = 16, "blocking";
    DANGEROUS = 17, "dangerous";
    CONNECTION = 18, "connection";
    TRANSACTION = 19, "transaction";
    SCRIPTING = 20, "scripting";
}

impl Categories {
    /// No category.
    pub const NONE: Categories = Categories(0);

    /// Both sets together.
    pub const fn and(self, other: Categories) -> Categories {
        Categories(self.0 | other.0)
    }

    /// Whether all of `other` are in the set.
    pub const fn has(self, other: Categories) -> bool {
        self.0 & other.0 == other.0
    }

    /// The names in the set, in Redis's order.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Categories::ALL.iter().filter_map(move |(category, name)| self.has(*category).then_some(*name))
    }

    /// What follows from a command's flags.
    pub fn of_flags(group: Group, flags: Flags) -> Categories {
        let mut set = Categories::NONE;
        for (flag, category) in [
            (Flags::WRITE, Categories::WRITE),
            (Flags::ADMIN, Categories::ADMIN.and(Categories::DANGEROUS)),
            (Flags::PUBSUB, Categories::PUBSUB),
            (Flags::FAST, Categories::FAST),
            (Flags::BLOCKING, Categories::BLOCKING),
        ] {
            if flags.has(flag) {
                set = set.and(category);
            }
        }
        if flags.has(Flags::READONLY) && group != Group::Scripting {
            set = set.and(Categories::READ);
        }
        if !flags.has(Flags::FAST) {
            set = set.and(Categories::SLOW);
        }
        set
    }
}
