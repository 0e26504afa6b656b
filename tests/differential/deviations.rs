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
        // WITHSCORE is of Redis 7.2: one word too many is another error since then.
        (b"ZRANK" | b"ZREVRANK", _) => command.len() > 3,
        // Redis 7.0 takes a time past the end of its clock and waits not at all; later servers refuse it.
        (b"CLIENT", b"PAUSE") => *own == Reply::Error("ERR timeout is out of range".to_owned()),
        // Small lists and sets are listpacks since Redis 7.2.
        (b"OBJECT", b"ENCODING") => own.to_string().contains("listpack"),
        // The least integer is no rank since Redis 7.2.
        (b"LPOS", _) => own.to_string().contains("value must between -9223372036854775807"),
        // Since Redis 7.2 arguments are looked at before the key.
        (b"BITCOUNT" | b"BITPOS", _) => own.is_error(),
        // A command without arguments may be asked for since Redis 7.2.
        (b"COMMAND", b"GETKEYS" | b"GETKEYSANDFLAGS") => command.len() == 3,
        _ => false,
    }
}
