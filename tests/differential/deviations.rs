//! Where the server under test differs from Redis 7.0 on purpose: it follows a later server.

use testkit::Reply;

/// Whether a reply that differs from Redis 7.0's is meant to.
pub fn is_by_design(command: &[Vec<u8>], own: &Reply) -> bool {
    let upper = |index: usize| command.get(index).map(|word| word.to_ascii_uppercase()).unwrap_or_default();
    match (upper(0).as_slice(), upper(1).as_slice()) {
        // The filters of Valkey 9 and Redis 8: more of them, in any number, and with their own errors.
        (b"CLIENT", b"LIST" | b"KILL") => true,
        // Redis 8 and Valkey take blanks before a cursor and refuse nothing and negative numbers; Redis 7.0 does the opposite.
        (b"SCAN" | b"HSCAN", _) => {
            let has_blank = |word: &Vec<u8>| word.first().is_some_and(u8::is_ascii_whitespace);
            *own == Reply::Error("ERR invalid cursor".to_owned()) || command.iter().take(3).any(has_blank)
        }
        // A whole number that INCRBYFLOAT left is no `int` in Redis; an entry has no mark for that.
        (b"OBJECT", b"ENCODING") => own.to_string().contains("int"),
        // A command without arguments may be asked for since Redis 7.2.
        (b"COMMAND", b"GETKEYS" | b"GETKEYSANDFLAGS") => command.len() == 3,
        _ => false,
    }
}
