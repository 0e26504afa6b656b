//! INFO's sections `Keyspace`, with a line for every database that is not empty, and `Keysizes`.

use engine::execute::context::Context;
use engine::observability::info::InfoWriter;
use keyspace::Type;

/// The types whose sizes are counted, as the fields name them.
const SIZES: [(Type, &str); 5] = [
    (Type::String, "strings_sizes"),
    (Type::List, "lists_items"),
    (Type::Set, "sets_items"),
    (Type::SortedSet, "zsets_items"),
    (Type::Hash, "hashes_items"),
];

/// How many keys have values of which size: bytes of strings, elements of collections.
pub(super) fn write_sizes(ctx: &mut Context<'_>, info: &mut InfoWriter) {
    let keyspace = ctx.keys.keyspace();
    for database in 0..keyspace.database_count() {
        for (kind, name) in SIZES {
            let steps = keyspace.value_sizes(database, kind);
            let steps: Vec<String> = steps.map(|(size, keys)| format!("{}={keys}", short(size))).collect();
            if !steps.is_empty() {
                info.field(&format!("db{database}_distrib_{name}"), steps.join(","));
            }
        }
    }
}

/// A power of two with its unit: `512`, `1K`, `2M`.
fn short(size: u64) -> String {
    let unit = size.max(1).ilog2() / 10;
    let letter = ["", "K", "M", "G", "T", "P", "E"].get(unit as usize).unwrap_or(&"");
    format!("{}{letter}", size >> (10 * unit))
}

pub(super) fn write(ctx: &mut Context<'_>, info: &mut InfoWriter) {
    let keyspace = ctx.keys.keyspace();
    for database in 0..keyspace.database_count() {
        let (keys, expires) = (keyspace.len(database), keyspace.expires_len(database));
        let field_expires = keyspace.field_expires_len(database);
        let ttl_ms = keyspace.average_ttl_ms(database);
        if keys > 0 {
            info.field(
                &format!("db{database}"),
                format_args!("keys={keys},expires={expires},avg_ttl={ttl_ms},subexpiry={field_expires}"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::short;
    use crate::testing::{Bench, check_on};

    #[test]
    fn sizes_of_values_by_type_and_database() {
        let mut bench = Bench::new();
        check_on(
            &mut bench,
            r#"SET a "" | SET b 1 | SET c 123 | APPEND c 4567 | SETRANGE d 3000 x | SETBIT e 7 1 | INCR n | SET n 999 | INCR n
               RPUSH l 1 2 3 | SADD s 1 2 3 4 5 | SADD s x | SREM s 1 2 3 | ZADD z 1 a | HSET h a 1 b 2 | XADD x * a b | RPUSH gone 1
               LPOP gone | SELECT 3 | SUNIONSTORE t t | HSET h a 1"#,
        );
        let text = bench.run("INFO keysizes");
        assert_eq!(
            text,
            "\"# Keysizes\\r\\ndb0_distrib_strings_sizes:0=1,1=2,4=2,2K=1\\r\\ndb0_distrib_lists_items:2=1\\r\\n\
             db0_distrib_sets_items:2=1\\r\\ndb0_distrib_zsets_items:1=1\\r\\ndb0_distrib_hashes_items:2=1\\r\\n\
             db3_distrib_hashes_items:1=1\\r\\n\""
        );
    }

    #[test]
    fn sizes_have_units() {
        let shown: Vec<String> = [0, 1, 512, 1 << 10, 1 << 19, 1 << 20, 1 << 43].map(short).to_vec();
        assert_eq!(shown, ["0", "1", "512", "1K", "512K", "1M", "8T"]);
    }
}
