//! Where the server under test differs from Redis 7.0 on purpose: it follows a later server.

use testkit::Reply;

/// Whether a reply that differs from Redis 7.0's is meant to.
pub fn is_by_design(command: &[Vec<u8>], own: &Reply) -> bool {
    let upper = |index: usize| command.get(index).map(|word| word.to_ascii_uppercase()).unwrap_or_default();
    match (upper(0).as_slice(), upper(1).as_slice()) {
        // The filters of Valkey 9 and Redis 8: more of them, in any number, and with their own errors.
        (b"CLIENT", b"LIST" | b"KILL") => true,
        // Valkey takes decimal digits only for a cursor, and blanks before them; Redis 7.0 also nothing and
        // negative numbers, and no blank.
        (b"SCAN" | b"SSCAN" | b"HSCAN", _) if words_with_a_blank(command) => true,
        (b"SCAN" | b"SSCAN" | b"HSCAN", _) => *own == Reply::Error("ERR invalid cursor".to_owned()),
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
        // Since Redis 8 a number must not have blanks before it.
        (name, _) if name.starts_with(b"Z") && has_a_blank_bound(command) => {
            *own == Reply::Error("ERR min or max is not a float".to_owned())
        }
        (b"SORT" | b"SORT_RO", _) => own.to_string().contains("can't be converted into double"),
        // A command without arguments may be asked for since Redis 7.2.
        (b"COMMAND", b"GETKEYS" | b"GETKEYSANDFLAGS") => command.len() == 3,
        _ => false,
    }
}

/// Whether a word, or what follows its parenthesis, begins with a blank.
fn has_a_blank_bound(command: &[Vec<u8>]) -> bool {
    let number = |word: &Vec<u8>| word.strip_prefix(b"(").unwrap_or(word).first().copied();
    command.iter().skip(2).any(|word| number(word).is_some_and(|first| first.is_ascii_whitespace()))
}

/// Whether the cursor of a scan begins with a blank.
fn words_with_a_blank(command: &[Vec<u8>]) -> bool {
    command.iter().skip(1).take(2).any(|word| word.starts_with(b" "))
}
