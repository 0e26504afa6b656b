//! Replies made comparable: what is random, timed or the server's own name is blotted out.

use testkit::Reply;

use super::deviations;
use super::reference::Kind;

/// How far apart two readings of a time may lie.
const SLACK_MS: i64 = 5_000;

/// Whether two replies to a command say the same.
pub fn agree(kind: Kind, command: &[Vec<u8>], own: &Reply, real: &Reply) -> bool {
    let upper = |index: usize| command.get(index).map(|word| word.to_ascii_uppercase()).unwrap_or_default();
    if deviations::is_by_design(kind, command, own, real) {
        return true;
    }
    let both_errors = own.is_error() && real.is_error();
    if both_errors || own.is_error() != real.is_error() {
        return own == real;
    }
    match (upper(0).as_slice(), upper(1).as_slice()) {
        // The help is told in words of our own.
        (_, b"HELP") => true,
        (name, _) if name.starts_with(b"X") => with_times(own, real, name == b"XPENDING"),
        (b"HTTL" | b"HPTTL" | b"HEXPIRETIME" | b"HPEXPIRETIME", _) => {
            let times = |reply: &Reply| reply.clone().array();
            times(own).len() == times(real).len()
                && times(own).iter().zip(&times(real)).all(|(own, real)| close(own, real, SLACK_MS))
        }
        (b"TTL" | b"EXPIRETIME", _) => close(own, real, SLACK_MS / 1000),
        (b"PTTL" | b"PEXPIRETIME", _) => close(own, real, SLACK_MS),
        (b"KEYS", _) => sorted(own) == sorted(real),
        (b"SCAN", _) if is_whole_scan(command) => {
            let parts = |reply: &Reply| reply.clone().array().iter().map(sorted).collect::<Vec<_>>();
            parts(own) == parts(real)
        }
        // A large hash has its fields in no order.
        (b"HKEYS" | b"HVALS", _) => sorted(own) == sorted(real),
        (b"HGETALL", _) => own == real || fields(own) == fields(real),
        (b"HSCAN", _)
            if is_whole_scan(&command[1..])
                && command.iter().any(|word| word.eq_ignore_ascii_case(b"NOVALUES")) =>
        {
            let parts = |reply: &Reply| reply.clone().array().iter().map(sorted).collect::<Vec<_>>();
            parts(own) == parts(real)
        }
        (b"HSCAN", _) if is_whole_scan(&command[1..]) => {
            let parts = |reply: &Reply| reply.clone().array().iter().map(fields).collect::<Vec<_>>();
            parts(own) == parts(real)
        }
        (b"DUMP", _) => own == real || is_free_form(kind, own, real),
        (b"SMEMBERS" | b"SINTER" | b"SUNION" | b"SDIFF", _) => sorted(own) == sorted(real),
        (b"SPOP", _) => sorted(own) == sorted(real),
        (b"SRANDMEMBER", _) => shape(own) == shape(real),
        (b"SSCAN", _) if !is_whole_scan(&command[1..]) => shape(own) == shape(real),
        (b"SSCAN", _) => {
            let parts = |reply: &Reply| reply.clone().array().iter().map(sorted).collect::<Vec<_>>();
            parts(own) == parts(real)
        }
        // It counts keys that have expired and that nobody has come by yet to remove.
        (b"DBSIZE", _) => shape(own) == shape(real),
        (b"SCAN" | b"TIME" | b"ROLE" | b"LASTSAVE" | b"RANDOMKEY" | b"HRANDFIELD" | b"HSCAN", _) => {
            shape(own) == shape(real)
        }
        (b"CLIENT", b"ID" | b"INFO" | b"LIST") => shape(own) == shape(real),
        (b"ZRANDMEMBER", _) => shape(own) == shape(real),
        // A set that was sorted has become a large one elsewhere, without an order.
        (b"ZSCAN", _) => members(own) == members(real),
        (name, _) if [b"Z".as_slice(), b"BZ", b"GEO"].iter().any(|group| name.starts_with(group)) => {
            with_numbers(own) == with_numbers(real)
        }
        (b"SLOWLOG" | b"COMMANDLOG" | b"LATENCY" | b"MEMORY" | b"LOLWUT", second) => {
            tell_the_same_of_themselves(second, command, own, real)
        }
        (b"OBJECT", b"REFCOUNT" | b"IDLETIME" | b"FREQ") => shape(own) == shape(real),
        (b"CONFIG", b"GET") => pairs(own) == pairs(real),
        (b"COMMAND", b"LIST" | b"INFO" | b"COUNT" | b"DOCS") => shape(own) == shape(real),
        (b"COMMAND", b"") => true,
        (b"HELLO", _) => hello(own) == hello(real),
        _ => own == real,
    }
}

/// What servers tell of what took long, of their memory, and what they draw.
fn tell_the_same_of_themselves(second: &[u8], command: &[Vec<u8>], own: &Reply, real: &Reply) -> bool {
    match second {
        // Which requests were slow is not for us to say, nor what each server counts of its memory.
        b"GET" | b"STATS" => true,
        // Of all commands: those that prepared the servers are not the same.
        b"HISTOGRAM" => command.len() == 2 || names(own) == names(real),
        // Words, drawings and figures.
        b"DOCTOR" | b"VERSION" | b"LEN" | b"USAGE" | b"MALLOC-STATS" => shape(own) == shape(real),
        _ => own == real,
    }
}

/// Two integers that differ by little, or the same negative one.
fn close(own: &Reply, real: &Reply, slack: i64) -> bool {
    match (own, real) {
        (Reply::Integer(own), Reply::Integer(real)) if *own >= 0 && *real >= 0 => {
            own.abs_diff(*real) <= slack as u64
        }
        _ => own == real,
    }
}

/// A scan that sees everything at once.
fn is_whole_scan(command: &[Vec<u8>]) -> bool {
    let words: Vec<Vec<u8>> = command.iter().map(|word| word.to_ascii_uppercase()).collect();
    words.get(1..4).is_some_and(|start| start == [&b"0"[..], b"COUNT", b"1000"])
        && words.iter().filter(|word| *word == b"COUNT").count() == 1
}

/// The elements as text in order.
fn sorted(reply: &Reply) -> Vec<String> {
    match reply {
        Reply::Array(items) | Reply::Set(items) => {
            let mut texts: Vec<String> = items.iter().map(Reply::to_string).collect();
            texts.sort();
            texts
        }
        other => vec![other.to_string()],
    }
}

/// Names and values, whether they come flat or as a map; only of options that both servers have.
fn pairs(reply: &Reply) -> Vec<(String, String)> {
    const SHARED: [&str; 8] = [
        "timeout",
        "maxmemory",
        "maxmemory-policy",
        "save",
        "appendonly",
        "appendfsync",
        "slave-priority",
        "replica-priority",
    ];
    let flat: Vec<String> = match reply {
        Reply::Map(pairs) => {
            pairs.iter().flat_map(|(name, value)| [name.to_string(), value.to_string()]).collect()
        }
        Reply::Array(items) => items.iter().map(Reply::to_string).collect(),
        other => vec![other.to_string(), String::new()],
    };
    let mut pairs: Vec<(String, String)> =
        flat.chunks(2).map(|pair| (pair[0].trim_matches('"').to_owned(), pair[1].clone())).collect();
    pairs.retain(|(name, _)| SHARED.contains(&name.as_str()));
    pairs.sort();
    pairs
}

/// The reply with every number in its shortest spelling: Redis 7.0 shows scores with seventeen digits.
fn with_numbers(reply: &Reply) -> Vec<String> {
    let number = |text: &str| {
        text.parse::<f64>().map_or_else(|_| text.to_owned(), |number| (number + 0.0).to_string())
    };
    match reply {
        Reply::Bulk(bytes) => vec![number(&String::from_utf8_lossy(bytes))],
        Reply::Double(text) => vec![number(text)],
        Reply::Array(items) => {
            let mut texts = vec![format!("{} elements", items.len())];
            texts.extend(items.iter().flat_map(with_numbers));
            texts
        }
        other => vec![other.to_string()],
    }
}

/// Two replies that are equal but for times, which may lie a little apart: moments since 1970, fields of XINFO that
/// are named as times, and how long ago XPENDING says that an entry was delivered.
fn with_times(own: &Reply, real: &Reply, is_pending: bool) -> bool {
    /// No number of a test that is not a moment is as large.
    const MOMENT_MS: i64 = 1_000_000_000_000;
    const TIMED: [&[u8]; 4] = [b"idle", b"inactive", b"seen-time", b"active-time"];
    let is_time =
        |name: Option<&Reply>| matches!(name, Some(Reply::Bulk(name)) if TIMED.contains(&name.as_slice()));
    match (own, real) {
        (Reply::Integer(own), Reply::Integer(real)) => {
            own == real || *own > MOMENT_MS && *real > MOMENT_MS && own.abs_diff(*real) <= SLACK_MS as u64
        }
        (Reply::Array(own), Reply::Array(real)) => {
            let is_timed =
                |index: usize| is_time(own[..index].last()) || is_pending && own.len() == 4 && index == 2;
            own.len() == real.len()
                && own.iter().zip(real).enumerate().all(|(index, (own, real))| {
                    is_timed(index) && close(own, real, SLACK_MS) || with_times(own, real, is_pending)
                })
        }
        (Reply::Map(own), Reply::Map(real)) => {
            own.len() == real.len()
                && own.iter().zip(real).all(|((name, own), (other, real))| {
                    name == other
                        && (is_time(Some(name)) && close(own, real, SLACK_MS)
                            || with_times(own, real, is_pending))
                })
        }
        _ => own == real,
    }
}

/// What a scan shows of a sorted set, in the order of members.
fn members(reply: &Reply) -> Vec<Vec<String>> {
    let Reply::Array(parts) = reply else { return vec![vec![reply.to_string()]] };
    let elements = parts.last().map(with_numbers).unwrap_or_default();
    let mut pairs: Vec<Vec<String>> =
        elements.get(1..).unwrap_or_default().chunks(2).map(<[String]>::to_vec).collect();
    pairs.sort();
    pairs
}

/// The names alone, in order.
fn names(reply: &Reply) -> Vec<String> {
    fields(reply).into_iter().map(|[name, _]| name).collect()
}

/// Names and values in order, whether they come flat or as a map.
fn fields(reply: &Reply) -> Vec<[String; 2]> {
    let mut fields: Vec<[String; 2]> = match reply {
        Reply::Map(pairs) => {
            pairs.iter().map(|(name, value)| [name.to_string(), value.to_string()]).collect()
        }
        Reply::Array(items) => items
            .chunks(2)
            .map(|pair| [pair[0].to_string(), pair.last().map(Reply::to_string).unwrap_or_default()])
            .collect(),
        other => vec![[other.to_string(), String::new()]],
    };
    fields.sort();
    fields
}

/// Whether payloads of DUMP may differ: those of sets and hashes in a table, which have no order, those that are compressed, each in
/// its own way, and small sorted sets, whose scores Redis 7.0 writes with more digits, and which all servers but this one keep as
/// large ones once they were the source of a SORT.
fn is_free_form(kind: Kind, own: &Reply, real: &Reply) -> bool {
    const WITHOUT_ORDER: [Option<&u8>; 2] = [Some(&2), Some(&4)];
    const PACKED_SORTED_SET: u8 = 17;
    /// They hold when entries were delivered; later servers write it in other forms.
    const STREAMS: [u8; 3] = [15, 19, 21];
    const SORTED_SETS: [u8; 2] = [5, PACKED_SORTED_SET];
    const COMPRESSED: u8 = 0xc3;
    let (Reply::Bulk(own), Reply::Bulk(real)) = (own, real) else { return false };
    // Of a list, a count and a kind of block come first.
    let is_compressed =
        [own, real].iter().any(|payload| payload.iter().take(4).any(|&byte| byte == COMPRESSED));
    let is_free =
        is_compressed || WITHOUT_ORDER.contains(&own.first()) || own.first() == Some(&PACKED_SORTED_SET);
    let are_all = |kinds: &[u8]| {
        [own, real].iter().all(|payload| payload.first().is_some_and(|kind| kinds.contains(kind)))
    };
    let are_alike = are_all(&STREAMS) || are_all(&SORTED_SETS);
    // A hash with fields that expire, or that had some.
    const TIMED_HASHES: [u8; 3] = [22, 24, 25];
    let has_timed =
        [own, real].iter().any(|payload| payload.first().is_some_and(|kind| TIMED_HASHES.contains(kind)));
    if kind != Kind::Redis7 && (is_free || has_timed) {
        return true;
    }
    // Each server writes the version of its own files, and a checksum over it.
    let without_version = |payload: &[u8]| payload[..payload.len().saturating_sub(10)].to_vec();
    let is_another_version = kind != Kind::Redis7 && without_version(own) == without_version(real);
    own.first() == real.first() && is_free || are_alike || is_another_version
}

/// The kind of a reply, and of its elements.
fn shape(reply: &Reply) -> String {
    match reply {
        Reply::Status(_) => "status".to_owned(),
        Reply::Error(text) => text.clone(),
        Reply::Integer(_) => "integer".to_owned(),
        Reply::Bulk(_) => "bulk".to_owned(),
        Reply::Nil => "nil".to_owned(),
        Reply::Array(items) => format!("array of {}", items.first().map(shape).unwrap_or_default()),
        Reply::Set(items) => format!("set of {}", items.first().map(shape).unwrap_or_default()),
        Reply::Verbatim(format, _) => format!("verbatim {format}"),
        other => other.to_string(),
    }
}

/// HELLO's fields without the server's name, version and the client's number.
fn hello(reply: &Reply) -> Vec<(String, String)> {
    let flat: Vec<String> = match reply {
        Reply::Map(pairs) => {
            pairs.iter().flat_map(|(name, value)| [name.to_string(), value.to_string()]).collect()
        }
        Reply::Array(items) => items.iter().map(Reply::to_string).collect(),
        other => vec![other.to_string()],
    };
    let masked = ["\"server\"", "\"version\"", "\"id\"", "\"modules\""];
    flat.chunks(2)
        .map(|pair| {
            let value = pair.get(1).filter(|_| !masked.contains(&pair[0].as_str()));
            (pair[0].clone(), value.cloned().unwrap_or_default())
        })
        .take(7)
        .collect()
}

#[test]
fn blots_out_only_what_differs_by_nature() {
    let words = |line: &str| line.split(' ').map(|word| word.as_bytes().to_vec()).collect::<Vec<_>>();
    let bulk = |text: &str| Reply::Bulk(text.as_bytes().to_vec());
    assert!(agree(Kind::Redis7, &words("PTTL k"), &Reply::Integer(9_000), &Reply::Integer(8_990)));
    assert!(!agree(Kind::Redis7, &words("PTTL k"), &Reply::Integer(-1), &Reply::Integer(-2)));
    assert!(!agree(Kind::Redis7, &words("GET k"), &bulk("a"), &bulk("b")));
    let keys = |first: &str, second: &str| Reply::Array(vec![bulk(first), bulk(second)]);
    assert!(agree(Kind::Redis7, &words("KEYS *"), &keys("a", "b"), &keys("b", "a")));
    assert!(!agree(Kind::Redis7, &words("MGET a b"), &keys("a", "b"), &keys("b", "a")));
    assert!(!agree(Kind::Redis7, &words("TIME"), &Reply::Error("ERR".to_owned()), &keys("1", "2")));
}
