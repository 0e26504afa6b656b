//! Where the server under test differs from Redis 7.0 on purpose: it follows a later server.

use testkit::Reply;

/// Whether a reply that differs from Redis 7.0's is meant to.
pub fn is_by_design(command: &[Vec<u8>], own: &Reply) -> bool {
    let upper = |index: usize| command.get(index).map(|word| word.to_ascii_uppercase()).unwrap_or_default();
    match (upper(0).as_slice(), upper(1).as_slice()) {
        // The filters of Valkey 9 and Redis 8: more of them, in any number, and with their own errors.
        (b"CLIENT", b"LIST" | b"KILL") => true,
        // Valkey takes decimal digits only for a cursor; Redis 7.0 also nothing, blanks and negative numbers.
        (b"SCAN", _) => *own == Reply::Error("ERR invalid cursor".to_owned()),
        // A whole number that INCRBYFLOAT left is no `int` in Redis; an entry has no mark for that. Short lists are listpacks
        // since Redis 7.2.
        (b"OBJECT", b"ENCODING") => ["int", "listpack"].iter().any(|name| own.to_string().contains(name)),
        // The least integer is no rank since Redis 7.2.
        (b"LPOS", _) => own.to_string().contains("value must between -9223372036854775807"),
        // A command without arguments may be asked for since Redis 7.2.
        (b"COMMAND", b"GETKEYS" | b"GETKEYSANDFLAGS") => command.len() == 3,
        _ => false,
    }
}
