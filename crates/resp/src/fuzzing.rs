//! What must hold for any bytes: run by the tests for a while, and by `cargo xtask fuzz` for as long as one likes.

use crate::request_parser::{Limits, RequestParser};
use crate::value::{ReplyCounter, ReplyParser, Value, parse, skip_reply};

/// The requests in the bytes, and the error that ends them.
type Requests = (Vec<Vec<Vec<u8>>>, Option<String>);

/// Requests come out alike whether their bytes come at once or in pieces. The first byte chooses the pieces.
pub fn request_parser(bytes: &[u8]) {
    let Some((&first, stream)) = bytes.split_first() else { return };
    let limits = Limits { max_bulk_bytes: 1 << 20, authenticated: first & 0x80 == 0 };
    let piece_bytes = 1 + usize::from(first & 0x1f);
    let batch_max = 1 + usize::from(first >> 5 & 3);
    let whole = requests([stream], usize::MAX, limits);
    let pieces = requests(stream.chunks(piece_bytes), batch_max, limits);
    assert_eq!(whole, pieces);
}

/// Feeds the pieces to a parser; takes up to `batch_max` requests at a time, and leaves the last of several for later.
fn requests<'a>(pieces: impl IntoIterator<Item = &'a [u8]>, batch_max: usize, limits: Limits) -> Requests {
    let mut parser = RequestParser::default();
    let (mut buffer, mut found) = (Vec::new(), Vec::new());
    let mut take = |parser: &mut RequestParser, buffer: &mut Vec<u8>, count: usize| {
        for index in 0..count {
            let request = parser.batch().request(index, buffer);
            found.push(request.words().map(<[u8]>::to_vec).collect());
        }
        let used = parser.consume_some(count);
        buffer.drain(..used);
    };
    for piece in pieces {
        buffer.extend_from_slice(piece);
        loop {
            let outcome = parser.parse(&buffer, batch_max, &limits);
            let complete = parser.batch().len();
            if let Err(error) = outcome {
                take(&mut parser, &mut buffer, complete);
                return (found, Some(error.to_string()));
            }
            let is_full = complete == batch_max;
            let taken = if is_full && complete > 1 { complete - 1 } else { complete };
            take(&mut parser, &mut buffer, taken);
            if !is_full {
                break;
            }
        }
    }
    (found, None)
}

/// The three readers of replies agree: the one that builds values, the one that skips, the one that counts. The first
/// byte chooses the pieces.
pub fn replies(bytes: &[u8]) {
    let Some((&first, stream)) = bytes.split_first() else { return };
    let piece_bytes = 1 + usize::from(first);
    let (values, used, is_sound) = at_once(stream);
    let mut parser = ReplyParser::new();
    let mut in_pieces = Vec::new();
    let mut was_refused = false;
    for piece in stream.chunks(piece_bytes) {
        parser.feed(piece);
        while !was_refused {
            match parser.next_reply() {
                Ok(Some(value)) => in_pieces.push(value),
                Ok(None) => break,
                Err(_) => was_refused = true,
            }
        }
    }
    assert_eq!((&values, is_sound), (&in_pieces, !was_refused));
    let answers = values.iter().filter(|value| !is_push(value)).count();
    assert_eq!(counted(&stream[..used], piece_bytes), answers);
}

/// The replies, the bytes that they take, and whether the rest may be the beginning of one.
fn at_once(stream: &[u8]) -> (Vec<Value>, usize, bool) {
    let (mut values, mut used) = (Vec::new(), 0);
    loop {
        match parse(&stream[used..]) {
            Ok(Some((value, length))) => {
                assert_eq!(skip_reply(&stream[used..]), Ok(Some(length)));
                values.push(value);
                used += length;
            }
            Ok(None) => return (values, used, true),
            Err(_) => return (values, used, false),
        }
    }
}

fn is_push(value: &Value) -> bool {
    matches!(value, Value::Push(_))
}

/// How many replies the counter sees in whole ones.
fn counted(stream: &[u8], piece_bytes: usize) -> usize {
    let mut counter = ReplyCounter::default();
    let (mut held, mut replies) = (Vec::new(), 0);
    for piece in stream.chunks(piece_bytes) {
        held.extend_from_slice(piece);
        let counted = counter.count(&held).expect("they were parsed");
        replies += counted.replies;
        held.drain(..counted.consumed);
    }
    assert!(held.is_empty(), "whole replies leave nothing over");
    replies
}

#[cfg(test)]
mod tests {
    use testkit::fuzz;

    #[test]
    fn request_parser() {
        fuzz("request_parser", 30_000, super::request_parser);
    }

    #[test]
    fn replies() {
        fuzz("replies", 30_000, super::replies);
    }
}
