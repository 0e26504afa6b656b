//! Random words for the slots of the grammar, ordinary ones and those at the edges.

use fastrand::Rng;

use super::lifetimes::far_ahead;

const KEYS: [&[u8]; 8] = [b"k1", b"k2", b"k3", b"k4", b"k5", b"other", b"", b"k\0\xff\r\n"];

const INTS: [&str; 24] = [
    "0",
    "1",
    "2",
    "5",
    "10",
    "-1",
    "-2",
    "100",
    "-100",
    "255",
    "65536",
    "2147483647",
    "2147483648",
    "-2147483649",
    "9223372036854775807",
    "-9223372036854775808",
    "9223372036854775808",
    "-9223372036854775809",
    "+1",
    " 1",
    "1 ",
    "01",
    "-0",
    "1.0",
];

const FLOATS: [&str; 26] = [
    "0",
    "1",
    "-1",
    "1.5",
    "-0.125",
    "3.0e3",
    "5.0e-3",
    "0.1",
    "0.2",
    "1e17",
    "123456789.123456789",
    "-1e-5",
    "1e308",
    "-1e308",
    "1e400",
    "inf",
    "-inf",
    "+inf",
    "nan",
    "infinity",
    ".5",
    "5.",
    "0x10",
    "1e",
    " 1",
    "3.14159265358979323846",
];

const VALUES: [&[u8]; 20] = [
    b"",
    b"a",
    b"value",
    b"another value",
    b"12345",
    b"-7",
    b"3.5",
    b"10",
    b"9223372036854775807",
    b"\0\x01\xff",
    b"\r\n",
    b"nx",
    b"NX",
    b"abcdefghijklmnopqrstuvwxyz",
    b"ohmytext",
    b"mynewtext",
    b"0",
    b"00",
    b"+5",
    b"with \"quotes\" 'both'",
];

/// No bit so far away that the string would take much memory.
const BIT_OFFSETS: [&str; 20] = [
    "0",
    "1",
    "2",
    "3",
    "7",
    "8",
    "9",
    "15",
    "31",
    "100",
    "#0",
    "#1",
    "#2",
    "#5",
    "-1",
    "#-1",
    "4294967296",
    "x",
    "",
    "#x",
];

const BIT_TYPES: [&str; 16] =
    ["u1", "i1", "u2", "i2", "u4", "i5", "u8", "i8", "u13", "i16", "u32", "i64", "u63", "u64", "i65", "x8"];

const PATTERNS: [&str; 18] = [
    "*", "k*", "k?", "k[1-3]", "k[^1]", "[", "[k", "\\k1", "k1", "", "**", "*[", "k[3-1]", "?", "o*r", "*e*",
    "k[", "\\",
];

const INDEXES: [&str; 16] = [
    "0",
    "1",
    "2",
    "-1",
    "-2",
    "3",
    "10",
    "-10",
    "100",
    "-100",
    "9223372036854775807",
    "-9223372036854775808",
    "x",
    "",
    "4294967296",
    "1.5",
];

const OFFSETS: [&str; 10] =
    ["0", "1", "5", "10", "100", "-1", "536870911", "536870912", "9223372036854775807", "x"];

const MEMBERS: [&str; 14] = [
    "a",
    "b",
    "c",
    "d",
    "e",
    "",
    "12",
    "-5",
    "0",
    "aa",
    "ab",
    "value",
    "1.5",
    "member of more than a few bytes",
];

const SCORES: [&str; 20] = [
    "0",
    "1",
    "2",
    "3",
    "-1",
    "-2",
    "1.5",
    "0.1",
    "-0.25",
    "1e10",
    "3.25e3",
    "inf",
    "-inf",
    "+inf",
    "9007199254740993",
    "1e300",
    "nan",
    "x",
    "",
    "100",
];

const BOUNDS: [&str; 16] =
    ["0", "1", "2", "(1", "(2", "-inf", "+inf", "inf", "(inf", "-1", "(0.1", "1e10", "x", "(x", "nan", "3"];

/// Sets with different scores have no defined order by members, so only the ends are drawn, and what is refused.
const LEX: [&str; 6] = ["-", "+", "-", "+", "a", ""];

const COUNTS: [&str; 8] = ["0", "1", "2", "3", "10", "-1", "x", "100"];

const RADII: [&str; 8] = ["0", "1", "100", "500", "1000", "20000", "-1", "x"];

/// Edges of a relative expiry; ordinary ones are drawn, see [`far_ahead`].
const SPANS: [&str; 11] = [
    "0",
    "-1",
    "-100000",
    "9223372036854775",
    "9223372036854776",
    "9223372036854775807",
    "-9223372036854775808",
    "9223372036854775808",
    "x",
    "",
    "1.5",
];

const AT: [&str; 12] = [
    "1",
    "1000",
    "4102444800",
    "4102444801",
    "4200000000",
    "0",
    "-1",
    "9223372036854775",
    "9223372036854775807",
    "x",
    "",
    "99999999999",
];

const AT_MILLIS: [&str; 11] = [
    "1",
    "1000",
    "4102444800000",
    "4102444801234",
    "4200000000000",
    "0",
    "-1",
    "9223372036854775807",
    "9223372036854775808",
    "x",
    "",
];

/// What DUMP of Redis 7.0 says of two strings and of a hash in both encodings; one has bytes behind the value, and the last one
/// is damaged.
const PAYLOADS: [&[u8]; 6] = [
    b"\x00\x01v\n\x00\x91\x08\xce\xb2\x198\x8a\xce",
    b"\x00\xc0\x05\n\x00c/_f\x83/\xb3Q",
    b"\x10\x12\x12\x00\x00\x00\x04\x00\x81a\x02\x01\x01\x81b\x02\x81x\x02\xff\n\x00x\x07Lk\xd9\xd7\x05\x1f",
    b"\x04\x02\x01b\x01x\x01a\xc0\x01\n\x00\x0b\x1b\xd4\x8f\xa0\xf7\x8d\xfb",
    b"\x00\x01vXYZ\n\x00c\x97,\x91$\xe1N'",
    b"\x00\x01v\n\x00damaged!",
];

const FIELDS: [&[u8]; 9] = [b"a", b"b", b"c", b"12", b"-3", b"field", b"", b"f\0\xff\r\n", b"other"];

/// Identifiers of entries: mostly few and low ones, so that they are there. None beyond 64 bits: SORT would take the
/// error that leaves behind in a real server for one of its own.
const STREAM_IDS: [&str; 22] = [
    "1-1",
    "1-2",
    "2-1",
    "3",
    "3-0",
    "4-1",
    "5-5",
    "6",
    "7-1",
    "1",
    "2",
    "0",
    "0-0",
    "0-1",
    "-",
    "+",
    "x",
    "",
    "5-",
    "1-x",
    "18446744073709551615-18446744073709551615",
    "1-1-1",
];

/// Ends of a range of entries.
const RANGE_IDS: [&str; 15] = [
    "-",
    "+",
    "-",
    "+",
    "(1-1",
    "(2",
    "(-",
    "(0-0",
    "(18446744073709551615-18446744073709551615",
    "3",
    "(3",
    "5-5",
    "(x",
    "(",
    "*",
];

/// Fills a slot by its name; any other word stays as it is.
pub fn fill(word: &str, random: &mut Rng) -> Vec<u8> {
    let text = |of: &[&str], random: &mut Rng| of[random.usize(..of.len())].as_bytes().to_vec();
    match word {
        "key" => KEYS[random.usize(..KEYS.len())].to_vec(),
        "value" => value(random),
        "field" => FIELDS[random.usize(..FIELDS.len())].to_vec(),
        "payload" => PAYLOADS[random.usize(..PAYLOADS.len())].to_vec(),
        "int" => text(&INTS, random),
        "float" => text(&FLOATS, random),
        "member" => text(&MEMBERS, random),
        "bitoffset" => text(&BIT_OFFSETS, random),
        "bittype" => text(&BIT_TYPES, random),
        "setkey" => own_key(&["s1", "s2", "s3", "s4"], random),
        "listkey" => own_key(&["l1", "l2"], random),
        // Redis 8 and Valkey 9 take the lower 32 bits of an index that LSET is given.
        "listindex" => text(&INDEXES[..10], random),
        "timedkey" => own_key(&["f1", "f2", "f3"], random),
        "streamkey" => own_key(&["x1", "x2", "x3"], random),
        "group" => text(&["g1", "g1", "g2", "nogroup", ""], random),
        "consumer" => text(&["c1", "c2", "c3", ""], random),
        // What is wrong, or at the end of all numbers, comes seldom: nothing follows the last identifier.
        "id" if random.u32(..10) > 0 => text(&STREAM_IDS[..12], random),
        "id" => text(&STREAM_IDS, random),
        "newid" => text(&["1-*", "8-*", "9-1", "9-2", "12", "15-*", "x-*", "-*"], random),
        "rangeid" if random.bool() => text(&STREAM_IDS, random),
        "rangeid" => text(&RANGE_IDS, random),
        "bitkey" => own_key(&["b1", "b2", "b3"], random),
        "hllkey" => own_key(&["h1", "h2", "h3"], random),
        "pattern" => text(&PATTERNS, random),
        "index" => text(&INDEXES, random),
        "offset" => text(&OFFSETS, random),
        "score" => text(&SCORES, random),
        "bound" => text(&BOUNDS, random),
        "lex" => text(&LEX, random),
        "count" => text(&COUNTS, random),
        "radius" => text(&RADII, random),
        "unit" => text(&["m", "km", "KM", "ft", "mi", "x"], random),
        "longitude" => degrees(random, 181.0),
        "latitude" => degrees(random, 86.0),
        "lifetime" => far_ahead(random),
        "seconds" if random.bool() => text(&SPANS, random),
        // Of two that differ by a millisecond, either may end later.
        "millis" if random.bool() => text(&[&SPANS[..3], &SPANS[4..]].concat(), random),
        "seconds" | "millis" => far_ahead(random),
        "at" => text(&AT, random),
        "atmillis" => text(&AT_MILLIS, random),
        "db" => text(&["0", "1", "2", "15", "16", "-1", "x", "", "99999999999"], random),
        // Not beyond 64 bits: SORT of Redis 7.0 would take the error that leaves behind for one of its own.
        "cursor" => text(&["0", "0", "x", "", "-1", "18446744073709551615"], random),
        "type" => {
            text(&["string", "STRING", "list", "hash", "normal", "master", "replica", "nosuch"], random)
        }
        "proto" => text(&["2", "3", "2", "3", "1", "4", "x"], random),
        other => other.as_bytes().to_vec(),
    }
}

/// A coordinate, mostly in a small area.
fn degrees(random: &mut Rng, most: f64) -> Vec<u8> {
    let degrees = match random.u32(..4) {
        0 => random.f64() * 2.0 * most - most,
        _ => 30.0 + random.f64() * 10.0,
    };
    format!("{degrees:.4}").into_bytes()
}

/// A key that mostly holds one type; now and then any key.
fn own_key(of: &[&str], random: &mut Rng) -> Vec<u8> {
    if random.u32(..12) == 0 {
        return KEYS[random.usize(..KEYS.len())].to_vec();
    }
    of[random.usize(..of.len())].as_bytes().to_vec()
}

/// A value; now and then one around the lengths where encodings change.
fn value(random: &mut Rng) -> Vec<u8> {
    if random.u32(..6) > 0 {
        return VALUES[random.usize(..VALUES.len())].to_vec();
    }
    let length = [19, 20, 21, 43, 44, 45, 63, 64, 1000][random.usize(..9)];
    let byte = [b'a', b'1', b'\xfe'][random.usize(..3)];
    vec![byte; length]
}
