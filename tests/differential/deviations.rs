//! Where the server under test differs from a real server on purpose. Redis 8.0 is followed where versions differ; what
//! only Valkey 9 has is as Valkey 9 has it. `docs/deviations.md` tells users of those that they may meet.

use testkit::Reply;

use super::reference::Kind;

/// Whether a line of the grammar cannot be compared with this server at all.
pub fn is_beyond_comparison(kind: Kind, line: &str) -> bool {
    let refused: &[&str] = match kind {
        // Since Redis 7.2 it looks at the greatest identifier that was deleted, also when it is not given.
        Kind::Redis7 => &["XSETID"],
        // Of two wrong passwords in one pipeline, Redis 8.0 answers only the first.
        Kind::Redis8 => &["AUTH", "HELLO"],
        Kind::Valkey9 => &[],
    };
    refused.iter().any(|name| line.starts_with(name))
}

/// Whether a reply that differs from the real server's is meant to.
pub fn is_by_design(kind: Kind, command: &[Vec<u8>], own: &Reply, real: &Reply) -> bool {
    let upper = |index: usize| command.get(index).map(|word| word.to_ascii_uppercase()).unwrap_or_default();
    let (name, second) = (upper(0), upper(1));
    match kind {
        Kind::Redis7 => from_redis_7(&name, &second, command, own, real),
        Kind::Redis8 => from_redis_8(&name, &second, command, own),
        Kind::Valkey9 => from_valkey_9(&name, &second, command, own),
    }
}

fn from_redis_7(name: &[u8], second: &[u8], command: &[Vec<u8>], own: &Reply, real: &Reply) -> bool {
    match (name, second) {
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
        // Since Redis 8 a number must not have blanks before it, and is decimal.
        (b"SORT" | b"SORT_RO", _) => own.to_string().contains("can't be converted into double"),
        // A command without arguments may be asked for since Redis 7.2.
        (b"COMMAND", b"GETKEYS" | b"GETKEYSANDFLAGS") => command.len() == 3,
        // `+` is of Redis 7.4, and the error names the command since then.
        (b"XREAD" | b"XREADGROUP", _) => {
            own.to_string().contains("Unbalanced 'xread") || command.iter().any(|word| word == b"+")
        }
        // Since Redis 7.2 a consumer is there when it has asked, even if there was nothing for it, and when it last
        // was given something is told.
        (b"XINFO", b"CONSUMERS" | b"STREAM") => !own.is_error() && !real.is_error(),
        (b"XINFO", b"GROUPS") => !own.is_error() && !real.is_error(),
        (b"XGROUP", b"CREATECONSUMER" | b"DELCONSUMER") => matches!((own, real), (Reply::Integer(_), Reply::Integer(_))),
        _ => false,
    }
}

fn from_redis_8(name: &[u8], second: &[u8], _command: &[Vec<u8>], _own: &Reply) -> bool {
    match (name, second) {
        // The filters are those of Valkey 9, which has more of them.
        (b"CLIENT", b"LIST" | b"KILL") => true,
        _ => false,
    }
}

fn from_valkey_9(name: &[u8], second: &[u8], _command: &[Vec<u8>], own: &Reply) -> bool {
    match (name, second) {
        // The error says that `+` is taken, as Redis 8 does; Valkey takes it and does not say so.
        (b"XREAD", _) => own.to_string().contains("Unbalanced 'xread'"),
        // Redis 8 knows the lag in more cases: when all that was deleted lies before what the group has read.
        (b"XINFO", b"GROUPS" | b"STREAM") => !own.is_error(),
        _ => false,
    }
}

/// Whether the cursor of a scan begins with a blank.
fn words_with_a_blank(command: &[Vec<u8>]) -> bool {
    command.iter().skip(1).take(2).any(|word| word.starts_with(b" "))
}
