//! What is sent: the standard tests, or a command of the user's own.

use resp::value::append_command;

use crate::args::Options;

/// Where a random number goes.
const RANDOM_MARK: &[u8] = b"__rand_int__";

/// Where a value of the chosen size goes.
const VALUE_MARK: &[u8] = b"__data__";

/// One test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workload {
    /// The name in the report.
    pub title: String,
    /// One request, as sent.
    pub request: Vec<u8>,
    /// Where in the request the 12 digits of random numbers lie.
    pub random_offsets: Vec<usize>,
}

/// Name after `-t`, a second name that stands for several, title, and the request in words: `V` is a value, `K` a random key.
const STANDARD: [(&str, &str, &str, &str); 21] = [
    ("ping_inline", "ping", "PING_INLINE", ""),
    ("ping_mbulk", "ping", "PING_MBULK", "PING"),
    ("set", "", "SET", "SET key:__rand_int__ __data__"),
    ("get", "", "GET", "GET key:__rand_int__"),
    ("incr", "", "INCR", "INCR counter:__rand_int__"),
    ("lpush", "", "LPUSH", "LPUSH mylist __data__"),
    ("rpush", "", "RPUSH", "RPUSH mylist __data__"),
    ("lpop", "", "LPOP", "LPOP mylist"),
    ("rpop", "", "RPOP", "RPOP mylist"),
    ("sadd", "", "SADD", "SADD myset element:__rand_int__"),
    ("hset", "", "HSET", "HSET myhash element:__rand_int__ __data__"),
    ("spop", "", "SPOP", "SPOP myset"),
    ("zadd", "", "ZADD", "ZADD myzset __score__ element:__rand_int__"),
    ("zpopmin", "", "ZPOPMIN", "ZPOPMIN myzset"),
    ("lrange", "lrange_", "LPUSH (needed to benchmark LRANGE)", "LPUSH mylist __data__"),
    ("lrange_100", "lrange", "LRANGE_100 (first 100 elements)", "LRANGE mylist 0 99"),
    ("lrange_300", "lrange", "LRANGE_300 (first 300 elements)", "LRANGE mylist 0 299"),
    ("lrange_500", "lrange", "LRANGE_500 (first 500 elements)", "LRANGE mylist 0 499"),
    ("lrange_600", "lrange", "LRANGE_600 (first 600 elements)", "LRANGE mylist 0 599"),
    ("mset", "", "MSET (10 keys)", "MSET"),
    ("xadd", "", "XADD", "XADD mystream * myfield __data__"),
];

/// The tests to run, in order.
pub fn choose(options: &Options) -> Vec<Workload> {
    let value = random_value(options);
    if options.command.is_empty() {
        let chosen = STANDARD.iter().filter(|(name, group, ..)| is_chosen(options, name, group));
        return chosen.map(|(name, _, title, words)| standard(options, name, title, words, &value)).collect();
    }
    let title: Vec<_> = options.command.iter().map(|word| String::from_utf8_lossy(word)).collect();
    let arguments: Vec<Vec<u8>> =
        options.command.iter().map(|word| fill_in(word, VALUE_MARK, &value)).collect();
    vec![Workload::new(options, &title.join(" "), &arguments)]
}

fn is_chosen(options: &Options, name: &str, group: &str) -> bool {
    let Some(tests) = &options.tests else { return true };
    tests.iter().any(|test| {
        let fills_list = group == "lrange_" && test.starts_with("lrange");
        test == name || (!group.is_empty() && test == group) || fills_list
    })
}

fn standard(options: &Options, name: &str, title: &str, words: &str, value: &[u8]) -> Workload {
    if name == "ping_inline" {
        return Workload { title: title.into(), request: b"PING\r\n".to_vec(), random_offsets: Vec::new() };
    }
    let score: &[u8] = if options.key_range.is_some() { RANDOM_MARK } else { b"0" };
    let mut arguments: Vec<Vec<u8>> = words
        .split(' ')
        .map(|word| fill_in(&fill_in(word.as_bytes(), VALUE_MARK, value), b"__score__", score))
        .collect();
    if name == "mset" {
        for _ in 0..10 {
            arguments.extend([b"key:__rand_int__".to_vec(), value.to_vec()]);
        }
    }
    Workload::new(options, title, &arguments)
}

impl Workload {
    fn new(options: &Options, title: &str, arguments: &[Vec<u8>]) -> Workload {
        let mut request = Vec::new();
        append_command(&mut request, arguments);
        let is_mark = |window: &[u8]| options.key_range.is_some() && window == RANDOM_MARK;
        let offsets: Vec<usize> = request
            .windows(RANDOM_MARK.len())
            .enumerate()
            .filter(|(_, window)| is_mark(window))
            .map(|(at, _)| at)
            .collect();
        for &offset in &offsets {
            request[offset..offset + RANDOM_MARK.len()].fill(b'0');
        }
        Workload { title: title.into(), request, random_offsets: offsets }
    }
}

/// `word` with every `mark` in it replaced.
fn fill_in(word: &[u8], mark: &[u8], filling: &[u8]) -> Vec<u8> {
    let mut filled = Vec::with_capacity(word.len());
    let mut rest = word;
    while let Some(at) = rest.windows(mark.len()).position(|window| window == mark) {
        filled.extend_from_slice(&rest[..at]);
        filled.extend_from_slice(filling);
        rest = &rest[at + mark.len()..];
    }
    filled.extend_from_slice(rest);
    filled
}

/// Printable bytes that do not compress to nothing, so that saving them costs what real values cost.
fn random_value(options: &Options) -> Vec<u8> {
    let mut random = fastrand::Rng::with_seed(options.seed.unwrap_or(1234));
    (0..options.value_bytes).map(|_| random.alphanumeric() as u8).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_tests(tests: &str) -> Vec<String> {
        let tests = Some(tests.split(',').map(str::to_owned).collect());
        choose(&Options { tests, ..Options::default() }).into_iter().map(|workload| workload.title).collect()
    }

    #[test]
    fn chooses_tests_by_name_and_group() {
        assert_eq!(with_tests("set,ping"), ["PING_INLINE", "PING_MBULK", "SET"]);
        assert_eq!(
            with_tests("lrange_300"),
            ["LPUSH (needed to benchmark LRANGE)", "LRANGE_300 (first 300 elements)"]
        );
        assert_eq!(with_tests("lrange").len(), 5);
        assert_eq!(with_tests("bogus").len(), 0);
        assert_eq!(choose(&Options::default()).len(), STANDARD.len());
    }

    #[test]
    fn marks_where_random_numbers_go() {
        let options = Options { key_range: Some(10), tests: Some(vec!["mset".into()]), ..Options::default() };
        let mset = choose(&options).remove(0);
        assert_eq!(mset.random_offsets.len(), 10);
        for offset in mset.random_offsets {
            assert_eq!(&mset.request[offset - 4..offset + 12], b"key:000000000000");
        }
    }

    #[test]
    fn without_a_range_the_mark_is_the_key() {
        let options = Options { tests: Some(vec!["get".into()]), ..Options::default() };
        let get = choose(&options).remove(0);
        assert_eq!(get.request, b"*2\r\n$3\r\nGET\r\n$16\r\nkey:__rand_int__\r\n");
        assert!(get.random_offsets.is_empty());
    }

    #[test]
    fn fills_values_into_a_command() {
        let command = vec![b"set".to_vec(), b"a__data__b__data__".to_vec()];
        let workload = choose(&Options { command, value_bytes: 1, ..Options::default() }).remove(0);
        assert_eq!(workload.title, "set a__data__b__data__");
        let text = String::from_utf8(workload.request).expect("text");
        assert!(text.starts_with("*2\r\n$3\r\nset\r\n$4\r\na"), "{text}");
    }
}
