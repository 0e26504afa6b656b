//! The declaration of a command: everything that COMMAND, ACL, gates, help and key extraction derive from.

use super::categories::Categories;
use super::docs::Arg;
use super::flags::Flags;
use super::key_spec::KeySpec;

/// What a command says of itself.
#[derive(Clone, Copy)]
pub struct Spec {
    /// Upper-case name; a subcommand's own name without its container's.
    pub name: &'static str,
    /// One sentence.
    pub summary: &'static str,
    /// The Redis or Valkey version that brought it.
    pub since: &'static str,
    /// Time complexity in words.
    pub complexity: &'static str,
    /// Its group in COMMAND DOCS: the folder in which it lies.
    pub group: Group,
    /// How many words a request has, the name included.
    pub arity: Arity,
    /// Command flags.
    pub flags: Flags,
    /// Whether the ACL category of its group is one of its own; not so for containers, WAIT and the like.
    pub in_group_category: bool,
    /// ACL categories beyond those that follow from group and flags.
    pub categories: Categories,
    /// Where its keys are.
    pub keys: &'static [KeySpec],
    /// Its arguments, for documentation and hints.
    pub args: &'static [Arg],
    /// What changed in which version.
    pub history: &'static [(&'static str, &'static str)],
    /// Hints for client libraries.
    pub tips: &'static [&'static str],
    /// Since when it is deprecated and what to use instead.
    pub deprecated: Option<(&'static str, &'static str)>,
    /// For servers among themselves and their testers, not for applications (`syscmd` in COMMAND DOCS).
    pub is_internal: bool,
}

impl Spec {
    /// What a declaration leaves out.
    pub const NEW: Spec = Spec {
        name: "",
        summary: "",
        since: "1.0.0",
        complexity: "O(1)",
        group: Group::Generic,
        arity: Arity::AtLeast(1),
        flags: Flags::NONE,
        in_group_category: true,
        categories: Categories::NONE,
        keys: &[],
        args: &[],
        history: &[],
        tips: &[],
        deprecated: None,
        is_internal: false,
    };
}

/// How many words a request of a command has, the name included (for a subcommand both names).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arity {
    /// Exactly so many.
    Exactly(u8),
    /// So many or more.
    AtLeast(u8),
}

impl Arity {
    /// Whether a request of `words` words is right.
    #[inline]
    pub const fn allows(self, words: usize) -> bool {
        match self {
            Arity::Exactly(count) => words == count as usize,
            Arity::AtLeast(count) => words >= count as usize,
        }
    }

    /// As COMMAND INFO shows it: negative for "at least".
    pub const fn as_number(self) -> i64 {
        match self {
            Arity::Exactly(count) => count as i64,
            Arity::AtLeast(count) => -(count as i64),
        }
    }
}

/// The groups of COMMAND DOCS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Keys of any type.
    Generic,
    /// Strings.
    String,
    /// Sorted sets.
    SortedSet,
    /// Positions on earth, in sorted sets.
    Geo,
    /// Strings as rows of bits.
    Bitmap,
    /// Strings that count distinct elements.
    HyperLogLog,
    /// Sets.
    Set,
    /// Lists.
    List,
    /// Hashes.
    Hash,
    /// Streams.
    Stream,
    /// Clusters.
    Cluster,
    /// Connection.
    Connection,
    /// Server.
    Server,
    /// Transactions.
    Transactions,
    /// Scripting.
    Scripting,
    /// Publish and subscribe.
    PubSub,
}

impl Group {
    /// The name in COMMAND DOCS.
    pub const fn name(self) -> &'static str {
        match self {
            Group::Generic => "generic",
            Group::String => "string",
            Group::SortedSet => "sorted-set",
            Group::Geo => "geo",
            Group::Bitmap => "bitmap",
            Group::HyperLogLog => "hyperloglog",
            Group::Set => "set",
            Group::List => "list",
            Group::Hash => "hash",
            Group::Stream => "stream",
            Group::Cluster => "cluster",
            Group::Connection => "connection",
            Group::Server => "server",
            Group::Transactions => "transactions",
            Group::Scripting => "scripting",
            Group::PubSub => "pubsub",
        }
    }

    /// The ACL category of every command in the group.
    pub const fn category(self) -> Categories {
        match self {
            Group::Generic => Categories::KEYSPACE,
            Group::String => Categories::STRING,
            Group::SortedSet => Categories::SORTED_SET,
            Group::Geo => Categories::GEO,
            Group::Bitmap => Categories::BITMAP,
            Group::HyperLogLog => Categories::HYPERLOGLOG,
            Group::Set => Categories::SET,
            Group::List => Categories::LIST,
            Group::Hash => Categories::HASH,
            Group::Stream => Categories::STREAM,
            Group::Cluster | Group::Connection => Categories::CONNECTION,
            // What is of publish and subscribe says so by a flag: PUBSUB HELP does not.
            Group::Server | Group::PubSub => Categories::NONE,
            Group::Transactions => Categories::TRANSACTION,
            Group::Scripting => Categories::SCRIPTING,
        }
    }
}
