//! Tests of the reply parser, and of the reply counter against it.

use super::super::{ReplyCounter, skip_reply};
use super::*;

fn bulk(text: &str) -> Value {
    Value::Bulk(text.into())
}

/// Every kind of reply beside its value.
fn samples() -> Vec<(&'static str, Value)> {
    let pair = (Value::Simple(b"a".to_vec()), Value::Integer(1));
    vec![
        ("+OK\r\n", Value::Simple(b"OK".to_vec())),
        ("+\r\n", Value::Simple(vec![])),
        ("-ERR no\r\n", Value::Error(b"ERR no".to_vec())),
        (":-12\r\n", Value::Integer(-12)),
        ("$3\r\na\nb\r\n", bulk("a\nb")),
        ("$0\r\n\r\n", bulk("")),
        ("$-1\r\n", Value::Null),
        ("_\r\n", Value::Null),
        ("*-1\r\n", Value::NullArray),
        ("*0\r\n", Value::Array(vec![])),
        (
            "*2\r\n:1\r\n*1\r\n$1\r\nx\r\n",
            Value::Array(vec![Value::Integer(1), Value::Array(vec![bulk("x")])]),
        ),
        ("%1\r\n+a\r\n:1\r\n", Value::Map(vec![pair.clone()])),
        ("%0\r\n", Value::Map(vec![])),
        ("~1\r\n:1\r\n", Value::Set(vec![Value::Integer(1)])),
        (">1\r\n:1\r\n", Value::Push(vec![Value::Integer(1)])),
        (",3.10\r\n", Value::Double(b"3.10".to_vec())),
        (",inf\r\n", Value::Double(b"inf".to_vec())),
        ("#t\r\n", Value::Boolean(true)),
        ("#f\r\n", Value::Boolean(false)),
        ("(-123\r\n", Value::BigNumber(b"-123".to_vec())),
        ("=6\r\ntxt:hi\r\n", Value::Verbatim { format: *b"txt", text: b"hi".to_vec() }),
        ("!5\r\nERR x\r\n", Value::Error(b"ERR x".to_vec())),
        (
            "|1\r\n+a\r\n:1\r\n*1\r\n#t\r\n",
            Value::Attribute {
                attributes: vec![pair],
                value: Box::new(Value::Array(vec![Value::Boolean(true)])),
            },
        ),
    ]
}

#[test]
fn parses_every_kind_of_reply() {
    for (bytes, value) in samples() {
        assert_eq!(parse(bytes.as_bytes()), Ok(Some((value, bytes.len()))), "{bytes:?}");
    }
}

#[test]
fn every_prefix_asks_for_more() {
    for (bytes, _) in samples() {
        for end in 0..bytes.len() {
            assert_eq!(parse(&bytes.as_bytes()[..end]), Ok(None), "{bytes:?} cut at {end}");
            assert_eq!(skip_reply(&bytes.as_bytes()[..end]), Ok(None), "{bytes:?} cut at {end}");
        }
        assert_eq!(skip_reply(bytes.as_bytes()), Ok(Some(bytes.len())), "{bytes:?}");
    }
}

#[test]
fn resumes_at_any_cut() {
    let all: String = samples().iter().map(|(bytes, _)| *bytes).collect();
    let expected: Vec<Value> = samples().into_iter().map(|(_, value)| value).collect();
    for step in 1..=all.len() {
        let mut parser = ReplyParser::new();
        let mut replies = Vec::new();
        for piece in all.as_bytes().chunks(step) {
            parser.feed(piece);
            while let Some(reply) = parser.next_reply().expect("well formed") {
                replies.push(reply);
            }
        }
        assert_eq!(replies, expected, "in pieces of {step}");
        assert!(!parser.is_amid_reply());
    }
}

#[test]
fn counts_in_pieces_of_any_size() {
    let all: String = samples().iter().map(|(bytes, _)| *bytes).collect();
    let pushes = samples().iter().filter(|(_, value)| matches!(value, Value::Push(_))).count();
    for step in 1..=all.len() {
        let mut counter = ReplyCounter::default();
        let (mut held, mut replies, mut errors) = (Vec::new(), 0, 0);
        for piece in all.as_bytes().chunks(step) {
            held.extend_from_slice(piece);
            let counted = counter.count(&held).expect("well formed");
            replies += counted.replies;
            errors += usize::from(counted.error.is_some());
            held.drain(..counted.consumed);
        }
        assert_eq!(replies, samples().len() - pushes, "in pieces of {step}");
        assert!((1..=2).contains(&errors) && held.is_empty());
    }
}

#[test]
fn refuses_what_is_not_resp() {
    let cases: [(&[u8], ProtocolError); 12] = [
        (b"x", ProtocolError::UnknownType(b'x')),
        (b"$x\r\n", ProtocolError::BadLength),
        (b"$-2\r\n", ProtocolError::BadLength),
        (b"%-1\r\n", ProtocolError::BadLength),
        (b"*99999999999\r\n", ProtocolError::TooLong),
        (b"$1\r\nabc", ProtocolError::BadBulk),
        (b"+a\n", ProtocolError::BadLine),
        (b":1x\r\n", ProtocolError::BadNumber),
        (b",abc\r\n", ProtocolError::BadNumber),
        (b"(12a\r\n", ProtocolError::BadNumber),
        (b"#x\r\n", ProtocolError::BadBoolean),
        (b"=2\r\nab\r\n", ProtocolError::BadBulk),
    ];
    for (bytes, error) in cases {
        assert_eq!(parse(bytes), Err(error), "{}", bytes.escape_ascii());
    }
}

#[test]
fn bounds_nesting_and_lines() {
    assert_eq!(parse(&b"*1\r\n".repeat(MAX_NESTING + 1)), Err(ProtocolError::TooDeep));
    assert_eq!(parse(&vec![b'+'; MAX_LINE_BYTES]), Err(ProtocolError::BadLine));
    assert_eq!(parse(b"*4000000000\r\n"), Ok(None));
}
