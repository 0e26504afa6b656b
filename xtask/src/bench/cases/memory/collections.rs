//! Many small collections, and single large ones.

use super::{Figure, Row, append, append_many, key, noise, scattered};

/// The rows.
pub const ROWS: &[Row] = &[
    Row { name: "hash of 10 fields", count: 500_000, figure: Figure::RssPerKey, write: small_hash },
    Row { name: "list of 20", count: 500_000, figure: Figure::RssPerKey, write: small_list },
    Row { name: "set of 20 integers", count: 500_000, figure: Figure::RssPerKey, write: small_set },
    Row {
        name: "sorted set of 50",
        count: 200_000,
        figure: Figure::RssPerKey,
        write: |number, out| sorted_set(number, 50, out),
    },
    Row {
        name: "sorted set of 200",
        count: 50_000,
        figure: Figure::RssPerKey,
        write: |number, out| sorted_set(number, 200, out),
    },
    Row {
        name: "one hash, fields",
        count: 1_000_000,
        figure: Figure::RssPerElement,
        write: |number, out| append(out, &[b"HSET", b"large", key(number).as_bytes(), &noise(number, 16)]),
    },
    Row {
        name: "one set, members",
        count: 1_000_000,
        figure: Figure::RssPerElement,
        write: |number, out| append(out, &[b"SADD", b"large", key(number).as_bytes()]),
    },
    Row {
        name: "one sorted set, members",
        count: 1_000_000,
        figure: Figure::RssPerElement,
        write: |number, out| {
            let score = scattered(number).to_string();
            append(out, &[b"ZADD", b"large", score.as_bytes(), key(number).as_bytes()]);
        },
    },
    Row {
        name: "one list, elements",
        count: 1_000_000,
        figure: Figure::RssPerElement,
        write: |number, out| append(out, &[b"RPUSH", b"large", &noise(number, 16)]),
    },
    Row {
        name: "one stream, entries",
        count: 1_000_000,
        figure: Figure::RssPerElement,
        write: |number, out| append(out, &[b"XADD", b"large", b"*", b"field", &noise(number, 16)]),
    },
];

fn small_hash(number: u64, out: &mut Vec<u8>) {
    let field = |field: u64| [format!("field:{field}").into_bytes(), noise(number * 10 + field, 8)];
    append_many(out, b"HSET", key(number).as_bytes(), &(0..10).flat_map(field).collect::<Vec<_>>());
}

fn small_list(number: u64, out: &mut Vec<u8>) {
    let elements: Vec<Vec<u8>> = (0..20).map(|element| noise(number * 20 + element, 16)).collect();
    append_many(out, b"RPUSH", key(number).as_bytes(), &elements);
}

/// Integers of up to six digits.
fn small_set(number: u64, out: &mut Vec<u8>) {
    let member = |member: u64| scattered(number * 20 + member).to_string().into_bytes();
    append_many(out, b"SADD", key(number).as_bytes(), &(0..20).map(member).collect::<Vec<_>>());
}

/// Members of 16 bytes, scores of up to six digits.
fn sorted_set(number: u64, members: u64, out: &mut Vec<u8>) {
    let pair = |member: u64| {
        let seed = number * members + member;
        [scattered(seed).to_string().into_bytes(), noise(seed, 16)]
    };
    append_many(out, b"ZADD", key(number).as_bytes(), &(0..members).flat_map(pair).collect::<Vec<_>>());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_have_all_their_words() {
        for (write, words) in [(small_hash as fn(u64, &mut Vec<u8>), 22), (small_list, 22), (small_set, 22)] {
            let mut out = Vec::new();
            write(7, &mut out);
            assert!(out.starts_with(format!("*{words}\r\n").as_bytes()), "{}", String::from_utf8_lossy(&out));
        }
        let mut out = Vec::new();
        sorted_set(7, 50, &mut out);
        assert!(out.starts_with(b"*102\r\n"));
    }
}
