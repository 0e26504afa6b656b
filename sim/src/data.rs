//! The data of a node: a digest that is equal where the data are, single values.

use engine::engine::Node;
use keyspace::{ExpiryMode, View};
use std::hash::{DefaultHasher, Hasher};

fn view(database: u32) -> View {
    View { database, now_ms: 0, expiry: ExpiryMode::Ignore, touch: false }
}

/// The sum over all keys, so that their order does not matter.
pub fn digest(node: &mut Node) -> u64 {
    let mut sum = 0u64;
    for database in 0..node.keyspace.database_count() {
        if node.keyspace.len(database) == 0 {
            continue;
        }
        let mut cursor = 0;
        loop {
            cursor = node.keyspace.keys(view(database)).scan(cursor, 1000, &mut |entry| {
                let mut hasher = DefaultHasher::new();
                hasher.write_u32(database);
                hasher.write(entry.key());
                hasher.write(b"=");
                hasher.write(entry.string().unwrap_or(b"?"));
                sum = sum.wrapping_add(hasher.finish());
            });
            if cursor == 0 {
                break;
            }
        }
    }
    sum
}

/// A number that is kept under a key of the first database; 0 when there is none.
pub fn number(node: &mut Node, key: &[u8]) -> u64 {
    let mut keys = node.keyspace.keys(view(0));
    let entry = keys.peek(key);
    let bytes = entry.and_then(|entry| entry.string().map(<[u8]>::to_vec));
    bytes.and_then(|bytes| stdx::number::parse_u64(&bytes)).unwrap_or(0)
}
