//! Where the server under test differs from a real server on purpose. Redis 8.0 is followed where versions differ; what
//! only Valkey 9 has is as Valkey 9 has it. `docs/deviations.md` tells users of those that they may meet.

use testkit::Reply;

use super::reference::Kind;

/// Whether a line of the grammar cannot be compared with this server at all.
pub fn is_beyond_comparison(kind: Kind, line: &str) -> bool {
    // What is no number for one server and zero for the other must not be stored.
    if kind == Kind::Valkey9 && line.starts_with("SORT") && line.contains("STORE") {
        return true;
    }
    let refused: &[&str] = match kind {
        // Since Redis 7.2 it looks at the greatest identifier that was deleted, also when it is not given.
        Kind::Redis7 => &["XSETID"],
        // Of two wrong passwords in one pipeline, Redis 8.0 answers only the first.
        Kind::Redis8 => &["AUTH", "HELLO"],
        // Of HELLO, Valkey looks at all words before it does anything.
        Kind::Valkey9 => &["HELLO"],
    };
    refused.iter().any(|name| line.starts_with(name))
}

/// Whether a reply that differs from the real server's is meant to.
pub fn is_by_design(kind: Kind, command: &[Vec<u8>], own: &Reply, real: &Reply) -> bool {
    let upper = |index: usize| command.get(index).map(|word| word.to_ascii_uppercase()).unwrap_or_default();
    let (name, second) = (upper(0), upper(1));
    // What later servers let pass behind a zero byte would break the lines of CLIENT LIST.
    if name == b"CLIENT" && own.to_string().contains("cannot contain spaces, newlines or special") {
        return true;
    }
    match (name.as_slice(), second.as_slice()) {
        // Every filter of each server may be used with every other one, and any number of them.
        (b"CLIENT", b"LIST" | b"KILL") if real.is_error() => return true,
        // Valkey takes decimal digits only for a cursor, and blanks before them; Redis 7.0 also nothing and negative
        // numbers, and no blank. Which of two mistakes is told differs as well.
        (b"SCAN" | b"SSCAN" | b"HSCAN" | b"ZSCAN", _)
            if words_with_a_blank(command) || own.to_string().contains("ERR invalid cursor") =>
        {
            return true;
        }
        // A small sorted set that was sorted stays as it is.
        (b"OBJECT", b"ENCODING")
            if own.to_string().contains("listpack") && real.to_string().contains("skiplist") =>
        {
            return true;
        }
        // Real servers take the error that an earlier number beyond 64 bits has left behind for one of this number.
        (b"SORT" | b"SORT_RO", _) if are_numbers(own) && real.to_string().contains("into double") => {
            return true;
        }
        // A key whose time has come is gone; real servers count it until somebody removes it.
        (b"MEMORY", b"USAGE") if *own == Reply::Nil && matches!(real, Reply::Integer(_)) => return true,
        // See above: one server took the name, the other did not.
        (b"CLIENT", b"GETNAME") if real.to_string().contains("\\x00") => return true,
        _ => {}
    }
    match kind {
        Kind::Redis7 => from_redis_7(&name, &second, command, own, real),
        Kind::Redis8 => from_redis_8(&name, &second, command, own, real),
        Kind::Valkey9 => from_valkey_9(&name, &second, command, own, real),
    }
}

fn from_redis_7(name: &[u8], second: &[u8], command: &[Vec<u8>], own: &Reply, real: &Reply) -> bool {
    match (name, second) {
        // WITHSCORE is of Redis 7.2: one word too many is another error since then.
        (b"ZRANK" | b"ZREVRANK", _) => command.len() > 3,
        // Redis 7.0 takes a time past the end of its clock and waits not at all; later servers refuse it.
        (b"CLIENT", b"PAUSE") => *own == Reply::Error("ERR timeout is out of range".to_owned()),
        // Small lists and sets are listpacks since Redis 7.2.
        (b"OBJECT", b"ENCODING") => own.to_string().contains("listpack"),
        // The least integer is no rank since Redis 7.2.
        (b"LPOS", _) => own.to_string().contains("value must between -9223372036854775807"),
        // Since Redis 7.2 arguments are looked at before the key.
        (b"BITCOUNT" | b"BITPOS", _) => own.is_error() || command.len() == 3,
        // Since Redis 8 a number must not have blanks before it, and is decimal.
        (b"SORT" | b"SORT_RO", _) => own.to_string().contains("can't be converted into double"),
        (name, _) if name.starts_with(b"Z") && own.is_error() => {
            own.to_string().contains("min or max is not a float")
        }
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
        (b"XGROUP", b"CREATECONSUMER" | b"DELCONSUMER") => {
            matches!((own, real), (Reply::Integer(_), Reply::Integer(_)))
        }
        _ => false,
    }
}

fn from_redis_8(name: &[u8], second: &[u8], command: &[Vec<u8>], own: &Reply, real: &Reply) -> bool {
    match (name, second) {
        // Like Valkey, it counts from a beginning to the end.
        (b"BITCOUNT", _) => command.len() == 3,
        // A hash that never had a field that expires stays as it is.
        (b"OBJECT", b"ENCODING") => {
            own.to_string().contains("listpack") && real.to_string().contains("listpackex")
        }
        _ => false,
    }
}

fn from_valkey_9(name: &[u8], second: &[u8], command: &[Vec<u8>], own: &Reply, real: &Reply) -> bool {
    match (name, second) {
        // Like Redis, one of any type that there is none of: nothing is found.
        (b"SCAN", _) => real.to_string().contains("unknown type name"),
        // A filter by number without any number is refused by Redis, and holds for nobody in Valkey.
        (b"CLIENT", b"LIST" | b"KILL") => {
            let errors = ["ERR syntax error", "ERR client-id should be greater than 0"];
            errors.iter().any(|error| *own == Reply::Error((*error).to_owned()))
        }
        // Like Redis, it looks at the key first, and at the time when there is something to expire.
        (b"GETEX", _) => real.is_error(),
        // Redis names no member that is not there, and speaks of no polygon.
        (name, _) if name.starts_with(b"GEO") => {
            let told = ["could not decode requested zset member", "exactly one of BYRADIUS and BYBOX can be"];
            told.iter().any(|error| own.to_string().contains(error))
        }
        // An empty text is zero for Redis, and no number for Valkey.
        (b"SORT" | b"SORT_RO", _) => real.to_string().contains("can't be converted into double"),
        // Longer strings and hashes with fields that expire have other forms in Valkey.
        (b"OBJECT", b"ENCODING") => {
            let forms = (own.to_string(), real.to_string());
            forms.0.contains("raw") && forms.1.contains("embstr")
                || forms.0.contains("listpackex") && forms.1.contains("hashtable")
        }
        // Which of two mistakes is told.
        (b"BITCOUNT", _) => own.is_error() && real.is_error(),
        (b"CLIENT", b"UNBLOCK") => own.is_error(),
        // Redis 8 has its own words for what is wrong with fields.
        (b"HEXPIRE" | b"HPEXPIRE" | b"HEXPIREAT" | b"HPEXPIREAT" | b"HPERSIST", _)
        | (b"HTTL" | b"HPTTL" | b"HEXPIRETIME" | b"HPEXPIRETIME", _)
        | (b"HGETEX" | b"HSETEX" | b"HGETDEL", _) => own.is_error() && real.is_error(),
        // The error says that `+` is taken, as Redis 8 does; Valkey takes it and does not say so. `+` is the last entry, for
        // Valkey only where it has the last identifier.
        (b"XREAD", _) => {
            own.to_string().contains("Unbalanced 'xread'") || command.iter().any(|word| word == b"+")
        }
        // Redis 8 knows the lag in more cases: when all that was deleted lies before what the group has read.
        (b"XINFO", b"GROUPS" | b"STREAM") => !own.is_error() && without_lag(own) == without_lag(real),
        _ => false,
    }
}

/// Whether all elements are numbers.
fn are_numbers(reply: &Reply) -> bool {
    let is_number = |item: &Reply| matches!(item, Reply::Bulk(text) if String::from_utf8_lossy(text).parse::<f64>().is_ok());
    matches!(reply, Reply::Array(items) if items.iter().all(is_number))
}

/// The reply with the lag of consumer groups, and times, taken out.
fn without_lag(reply: &Reply) -> String {
    const LEFT_OUT: [&[u8]; 5] = [b"lag", b"idle", b"inactive", b"seen-time", b"active-time"];
    let is_left_out = |name: &Reply| matches!(name, Reply::Bulk(name) if LEFT_OUT.contains(&name.as_slice()));
    match reply {
        Reply::Array(items) => {
            let kept = items
                .iter()
                .enumerate()
                .filter(|(index, _)| !items[..*index].last().is_some_and(is_left_out));
            kept.map(|(_, item)| format!("{} ", without_lag(item))).collect()
        }
        Reply::Map(pairs) => {
            let kept = pairs.iter().filter(|(name, _)| !is_left_out(name));
            kept.map(|(name, value)| format!("{name} {} ", without_lag(value))).collect()
        }
        Reply::Integer(moment) if *moment > 1_000_000_000_000 => "a moment".to_owned(),
        other => other.to_string(),
    }
}

/// Whether the cursor of a scan begins with a blank.
fn words_with_a_blank(command: &[Vec<u8>]) -> bool {
    command.iter().skip(1).take(2).any(|word| word.starts_with(b" "))
}
