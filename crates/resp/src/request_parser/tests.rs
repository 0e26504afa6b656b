//! The request parser: every cut, every limit, every error text.

use super::*;

const LIMITS: Limits = Limits { max_bulk_bytes: 512 << 20, authenticated: true };

fn words_of(parser: &RequestParser, buffer: &[u8]) -> Vec<Vec<String>> {
    let batch = parser.batch();
    let words = |index| {
        batch.request(index, buffer).words().map(|word| String::from_utf8_lossy(word).into()).collect()
    };
    (0..batch.len()).map(words).collect()
}

fn parse(bytes: &[u8]) -> Result<Vec<Vec<String>>, String> {
    let mut parser = RequestParser::default();
    parser.parse(bytes, 1000, &LIMITS).map_err(|error| error.to_string())?;
    Ok(words_of(&parser, bytes))
}

#[test]
fn a_pipeline_of_all_kinds() {
    let bytes =
        b"*2\r\n$3\r\nGET\r\n$1\r\na\r\n*0\r\n\r\nping \"a b\"\r\n*-1\r\n*1\r\n$12\r\nabcdefghijkl\r\n";
    assert_eq!(parse(bytes).unwrap(), [vec!["GET", "a"], vec!["ping", "a b"], vec!["abcdefghijkl"]]);
}

#[test]
fn a_request_cut_at_every_byte_goes_on() {
    let bytes = b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$11\r\nhello\r\nworl\r\nECHO 'x y'\n*1\r\n$4\r\nPING\r\n";
    for cut in 0..bytes.len() {
        let mut parser = RequestParser::default();
        parser.parse(&bytes[..cut], 1000, &LIMITS).unwrap();
        let mut seen = words_of(&parser, &bytes[..cut]);
        let used = parser.consume_all();
        let rest = &bytes[used..];
        parser.parse(rest, 1000, &LIMITS).unwrap();
        seen.extend(words_of(&parser, rest));
        assert_eq!(
            seen,
            [vec!["SET", "k", "hello\r\nworl"], vec!["ECHO", "x y"], vec!["PING"]],
            "cut at {cut}"
        );
    }
}

#[test]
fn some_of_a_batch_can_be_taken() {
    let bytes = b"*1\r\n$1\r\na\r\nb c\r\n*2\r\n$1\r\nd\r\n$1\r\ne\r\n*2\r\n$1\r\nf\r\n";
    for taken in 0..=3 {
        let mut parser = RequestParser::default();
        parser.parse(bytes, 1000, &LIMITS).unwrap();
        let used = parser.consume_some(taken);
        let mut rest = bytes[used..].to_vec();
        rest.extend_from_slice(b"$1\r\ng\r\n");
        parser.parse(&rest, 1000, &LIMITS).unwrap();
        let all = [vec!["a"], vec!["b", "c"], vec!["d", "e"], vec!["f", "g"]];
        assert_eq!(words_of(&parser, &rest), all[taken..]);
    }
}

#[test]
fn raw_is_the_request_as_sent() {
    let bytes = b"PING\r\n*1\r\n$4\r\nPING\r\n";
    let mut parser = RequestParser::default();
    parser.parse(bytes, 10, &LIMITS).unwrap();
    assert_eq!(parser.batch().request(0, bytes).raw(), None);
    assert_eq!(parser.batch().request(1, bytes).raw().unwrap(), &bytes[6..]);
}

#[test]
fn bad_requests_get_the_error_text() {
    for (bytes, text) in [
        (b"*x\r\n".to_vec(), "invalid multibulk length"),
        (b"*2147483648\r\n".to_vec(), "invalid multibulk length"),
        (b"*+1\r\n".to_vec(), "invalid multibulk length"),
        (b"*1\r\n!3\r\n".to_vec(), "expected '$', got '!'"),
        (b"*1\r\n$-1\r\n".to_vec(), "invalid bulk length"),
        (b"*1\r\n$abc\r\n".to_vec(), "invalid bulk length"),
        (b"*1\r\n$536870913\r\n".to_vec(), "invalid bulk length"),
        (b"GET \"abc\r\n".to_vec(), "unbalanced quotes in request"),
        ([b"*".as_slice(), &[b'1'; 70_000]].concat(), "too big mbulk count string"),
        ([b"*1\r\n$".as_slice(), &[b'1'; 70_000]].concat(), "too big bulk count string"),
        (vec![b'a'; 70_000], "too big inline request"),
    ] {
        assert_eq!(parse(&bytes).unwrap_err(), format!("Protocol error: {text}"));
    }
}

#[test]
fn a_stranger_may_only_send_small_requests() {
    let strangers = Limits { authenticated: false, ..LIMITS };
    for (bytes, text) in [
        (b"*11\r\n".as_slice(), "Protocol error: unauthenticated multibulk length"),
        (b"*1\r\n$16385\r\n", "Protocol error: unauthenticated bulk length"),
    ] {
        let error = RequestParser::default().parse(bytes, 10, &strangers).unwrap_err();
        assert_eq!(error.to_string(), text);
    }
    assert!(RequestParser::default().parse(b"*10\r\n$16384\r\n", 10, &strangers).is_ok());
}
