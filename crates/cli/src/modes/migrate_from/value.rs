//! What of a key is read from both sides, and when two readings are the same: small values whole, of large ones the ends or
//! some elements.

use resp::value::Value;

/// Up to how many elements a collection is read whole.
const WHOLE_ELEMENTS: i64 = 400;
/// Up to how many bytes a string is read whole; also how much of each end of a longer one.
const WHOLE_BYTES: i64 = 64 << 10;
/// How many elements of each end of a large one are read.
const END_ELEMENTS: i64 = 100;
/// Two readings of one time to live may be so many milliseconds apart.
const TTL_TOLERANCE_MS: i64 = 2_000;

/// A command.
pub type Request = Vec<Vec<u8>>;

/// What is asked of every key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outline {
    /// As TYPE says it.
    pub kind: String,
    /// Milliseconds to live; negative without.
    pub ttl_ms: i64,
    /// Bytes, or elements.
    pub size: i64,
}

impl Outline {
    /// Whether both may be outlines of the same value.
    pub fn agrees(&self, other: &Outline) -> bool {
        let lives_alike = match (self.ttl_ms < 0, other.ttl_ms < 0) {
            (true, true) => true,
            (false, false) => self.ttl_ms.abs_diff(other.ttl_ms) <= TTL_TOLERANCE_MS.unsigned_abs(),
            _ => false,
        };
        self.kind == other.kind && self.size == other.size && lives_alike
    }

    /// Whether it may be gone at any moment.
    pub fn is_fleeting(&self) -> bool {
        self.kind == "none" || (0..TTL_TOLERANCE_MS).contains(&self.ttl_ms)
    }

    /// In words, for a difference.
    pub fn describe(&self) -> String {
        if self.kind == "none" {
            return "missing".into();
        }
        let life = if self.ttl_ms < 0 { "for ever".into() } else { format!("{} ms to live", self.ttl_ms) };
        format!("{} of {}, {life}", self.kind, self.size)
    }
}

fn request(words: &[&[u8]]) -> Request {
    words.iter().map(|word| word.to_vec()).collect()
}

/// The command that tells the size of a value; `None` for a type that is not known.
pub fn size_request(kind: &str, key: &[u8]) -> Option<Request> {
    let name: &[u8] = match kind {
        "string" => b"STRLEN",
        "list" => b"LLEN",
        "set" => b"SCARD",
        "zset" => b"ZCARD",
        "hash" => b"HLEN",
        "stream" => b"XLEN",
        _ => return None,
    };
    Some(request(&[name, key]))
}

/// The command that lists some elements of a set or fields of a hash too large to be read whole.
pub fn choice_request(outline: &Outline, key: &[u8]) -> Option<Request> {
    if outline.size <= WHOLE_ELEMENTS {
        return None;
    }
    let name: &[u8] = match outline.kind.as_str() {
        "set" => b"SSCAN",
        "hash" => b"HSCAN",
        _ => return None,
    };
    Some(request(&[name, key, b"0", b"COUNT", b"50"]))
}

/// The elements or fields in a reply to [`choice_request`].
pub fn chosen(kind: &str, reply: &Value) -> Vec<Vec<u8>> {
    let page = reply.as_elements().and_then(|parts| parts.get(1)?.as_elements()).unwrap_or_default();
    let step = if kind == "hash" { 2 } else { 1 };
    page.iter().step_by(step).filter_map(Value::as_bytes).map(<[u8]>::to_vec).collect()
}

/// The commands that read the value.
pub fn requests(outline: &Outline, key: &[u8], chosen: &[Vec<u8>]) -> Vec<Request> {
    let is_small = outline.size <= WHOLE_ELEMENTS;
    let last = END_ELEMENTS.to_string().into_bytes();
    let from_end = format!("-{END_ELEMENTS}").into_bytes();
    match outline.kind.as_str() {
        "string" => strings(outline.size, key),
        "list" if is_small => vec![request(&[b"LRANGE", key, b"0", b"-1"])],
        "list" => vec![request(&[b"LRANGE", key, b"0", &last]), request(&[b"LRANGE", key, &from_end, b"-1"])],
        "zset" if is_small => vec![request(&[b"ZRANGE", key, b"0", b"-1", b"WITHSCORES"])],
        "zset" => vec![
            request(&[b"ZRANGE", key, b"0", &last, b"WITHSCORES"]),
            request(&[b"ZRANGE", key, &from_end, b"-1", b"WITHSCORES"]),
        ],
        "stream" => vec![
            request(&[b"XRANGE", key, b"-", b"+", b"COUNT", &last]),
            request(&[b"XREVRANGE", key, b"+", b"-", b"COUNT", &last]),
            request(&[b"XINFO", b"GROUPS", key]),
        ],
        "set" if is_small => vec![request(&[b"SMEMBERS", key])],
        "set" => chosen.iter().map(|element| request(&[b"SISMEMBER", key, element])).collect(),
        "hash" if is_small => vec![request(&[b"HGETALL", key])],
        "hash" => chosen.iter().map(|field| request(&[b"HGET", key, field])).collect(),
        _ => Vec::new(),
    }
}

fn strings(size: i64, key: &[u8]) -> Vec<Request> {
    if size <= WHOLE_BYTES {
        return vec![request(&[b"GET", key])];
    }
    let end = (WHOLE_BYTES - 1).to_string().into_bytes();
    let from_end = format!("-{WHOLE_BYTES}").into_bytes();
    vec![request(&[b"GETRANGE", key, b"0", &end]), request(&[b"GETRANGE", key, &from_end, b"-1"])]
}

/// The fields of a hash that a reply to one of [`requests`] names.
pub fn fields(reply: &Value) -> Vec<Vec<u8>> {
    let pairs = reply.as_pairs().unwrap_or_default();
    pairs.iter().filter_map(|(field, _)| field.as_bytes()).map(<[u8]>::to_vec).collect()
}

/// The command that tells when fields expire.
pub fn field_expiry_request(key: &[u8], fields: &[Vec<u8>]) -> Request {
    let count = fields.len().to_string().into_bytes();
    let mut words = request(&[b"HPEXPIRETIME", key, b"FIELDS", &count]);
    words.extend(fields.iter().cloned());
    words
}

/// A reply in a form that is the same for all servers that hold the same: without order where there is none, with numbers
/// in one spelling, without what only counts accesses.
pub fn normal_form(kind: &str, reply: &Value) -> Vec<Value> {
    let elements = reply.as_elements().map(<[Value]>::to_vec);
    match (kind, elements) {
        ("set", Some(mut members)) => {
            members.sort_by(|one, two| one.as_bytes().cmp(&two.as_bytes()));
            members
        }
        ("hash", Some(_)) => {
            let mut pairs = reply.as_pairs().unwrap_or_default();
            pairs.sort_by(|one, two| one.0.as_bytes().cmp(&two.0.as_bytes()));
            pairs.into_iter().flat_map(|(field, value)| [field.clone(), value.clone()]).collect()
        }
        ("zset", Some(parts)) => parts.into_iter().enumerate().map(score_in_one_spelling).collect(),
        ("stream", Some(parts)) if is_groups(&parts) => parts.iter().map(group).collect(),
        (_, Some(parts)) => parts,
        (_, None) => vec![reply.clone()],
    }
}

fn score_in_one_spelling((place, part): (usize, Value)) -> Value {
    match part.as_f64() {
        Some(score) if place % 2 == 1 => Value::Double((score + 0.0).to_string().into_bytes()),
        _ => part,
    }
}

fn is_groups(parts: &[Value]) -> bool {
    let first_word = parts.first().and_then(|group| group.as_elements()?.first()?.as_bytes());
    first_word == Some(b"name")
}

/// The fields of a consumer group that every version has.
fn group(facts: &Value) -> Value {
    let wanted: [&[u8]; 4] = [b"name", b"consumers", b"pending", b"last-delivered-id"];
    let pairs = facts.as_pairs().unwrap_or_default();
    let found = pairs.iter().filter(|(field, _)| field.as_bytes().is_some_and(|name| wanted.contains(&name)));
    Value::Array(found.map(|(_, value)| (*value).clone()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outline(kind: &str, ttl_ms: i64, size: i64) -> Outline {
        Outline { kind: kind.to_owned(), ttl_ms, size }
    }

    fn bulks(texts: &[&str]) -> Value {
        Value::Array(texts.iter().map(|text| Value::Bulk(text.as_bytes().to_vec())).collect())
    }

    #[test]
    fn outlines_agree_within_the_tolerance() {
        let here = outline("list", 10_000, 3);
        assert!(here.agrees(&outline("list", 8_500, 3)) && !here.agrees(&outline("list", 7_000, 3)));
        assert!(!here.agrees(&outline("list", -1, 3)) && !here.agrees(&outline("list", 10_000, 4)));
        assert!(!here.agrees(&outline("set", 10_000, 3)));
        assert!(outline("none", -2, 0).is_fleeting() && outline("list", 100, 1).is_fleeting());
        assert!(!outline("list", -1, 1).is_fleeting());
    }

    #[test]
    fn small_values_are_read_whole_and_large_ones_in_parts() {
        let words = |kind: &str, size: i64| {
            let chosen = [b"x".to_vec()];
            let shown = requests(&outline(kind, -1, size), b"k", &chosen);
            let line = |words: &Request| String::from_utf8_lossy(&words.join(&b' ')).into_owned();
            shown.iter().map(line).collect::<Vec<_>>().join("; ")
        };
        assert_eq!(words("string", 5), "GET k");
        assert_eq!(words("string", 70_000), "GETRANGE k 0 65535; GETRANGE k -65536 -1");
        assert_eq!(words("list", 5), "LRANGE k 0 -1");
        assert_eq!(words("list", 500), "LRANGE k 0 100; LRANGE k -100 -1");
        assert_eq!(words("set", 500), "SISMEMBER k x");
        assert_eq!(words("hash", 500), "HGET k x");
        assert_eq!(words("ReJSON-RL", 1), "");
        assert_eq!(choice_request(&outline("hash", -1, 500), b"k").map(|words| words.len()), Some(5));
        assert_eq!(choice_request(&outline("hash", -1, 5), b"k"), None);
        let page = Value::Array(vec![Value::Bulk(b"0".to_vec()), bulks(&["f", "1", "g", "2"])]);
        assert_eq!(chosen("hash", &page), [b"f", b"g"]);
        assert_eq!(chosen("set", &page).len(), 4);
    }

    #[test]
    fn the_same_value_looks_the_same() {
        let same = |kind: &str, one: &[&str], two: &[&str]| {
            normal_form(kind, &bulks(one)) == normal_form(kind, &bulks(two))
        };
        assert!(same("set", &["b", "a"], &["a", "b"]) && !same("list", &["b", "a"], &["a", "b"]));
        assert!(same("hash", &["f", "1", "e", "2"], &["e", "2", "f", "1"]));
        assert!(!same("hash", &["f", "1", "e", "2"], &["e", "1", "f", "2"]));
        assert!(same("zset", &["m", "0.10000000000000001"], &["m", "0.1"]));
        assert!(!same("zset", &["1", "2"], &["1.0", "2"]), "a member is no number");
        let group = |words: &str| Value::Array(vec![bulks(&words.split(' ').collect::<Vec<_>>())]);
        let old = group("name g consumers 1 pending 2 last-delivered-id 1-1");
        let new = group("name g consumers 1 pending 2 last-delivered-id 1-1 entries-read 7");
        assert_eq!(normal_form("stream", &old), normal_form("stream", &new));
    }
}
