//! Where the server under test differs from Redis 7.0 on purpose: it follows a later server.

use testkit::Reply;

/// Whether a reply that differs from Redis 7.0's is meant to.
pub fn is_by_design(command: &[Vec<u8>], own: &Reply) -> bool {
    let upper = |index: usize| command.get(index).map(|word| word.to_ascii_uppercase()).unwrap_or_default();
    match (upper(0).as_slice(), upper(1).as_slice()) {
        // The filters of Valkey 9 and Redis 8: more of them, in any number, and with their own errors.
        (b"CLIENT", b"LIST" | b"KILL") => true,
        // Valkey takes decimal digits only for a cursor; Redis 7.0 also nothing, and negative numbers, but no blanks.
        (b"SCAN" | b"SSCAN", _) => {
            let has_blank =
                command.get(1).into_iter().chain(command.get(2)).any(|word| word.starts_with(b" "));
            has_blank || *own == Reply::Error("ERR invalid cursor".to_owned())
        }
        // Small sets and lists are listpacks since Redis 7.2.
        (b"OBJECT", b"ENCODING") if own.to_string().contains("listpack") => true,
        // Since Redis 7.2 arguments are looked at before the key.
        (b"BITCOUNT" | b"BITPOS", _) => own.is_error(),
        // Since Redis 8 a number must not have blanks before it.
        (b"SORT" | b"SORT_RO", _) => own.to_string().contains("can't be converted into double"),
        // A whole number that INCRBYFLOAT left is no `int` in Redis; an entry has no mark for that.
        (b"OBJECT", b"ENCODING") => own.to_string().contains("int"),
        // A command without arguments may be asked for since Redis 7.2.
        (b"COMMAND", b"GETKEYS" | b"GETKEYSANDFLAGS") => command.len() == 3,
        _ => false,
    }
}
