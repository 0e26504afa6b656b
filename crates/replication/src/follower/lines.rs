//! Lines of the primary, put together from the pieces that arrive.

/// The longest line that a primary sends in place of a copy or a stream, in bytes.
pub const LINE_MAX: usize = 4096;

/// A line that has not ended.
#[derive(Clone, Debug, Default)]
pub struct Lines {
    begun: Vec<u8>,
}

/// A line is longer than any that the protocol has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong;

impl Lines {
    /// Takes one line, with its end, from the front of `bytes`; `None` when it has not ended there.
    pub fn take(&mut self, bytes: &mut &[u8]) -> Result<Option<Vec<u8>>, TooLong> {
        let end = bytes.iter().position(|&byte| byte == b'\n');
        let (part, rest) = bytes.split_at(end.map_or(bytes.len(), |end| end + 1));
        if self.begun.len() + part.len() > LINE_MAX {
            return Err(TooLong);
        }
        self.begun.extend_from_slice(part);
        *bytes = rest;
        Ok(end.map(|_| std::mem::take(&mut self.begun)))
    }

    /// A new connection: what was begun never ends.
    pub fn clear(&mut self) {
        self.begun.clear();
    }
}

/// A line without its end.
pub fn without_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_from_pieces() {
        let mut lines = Lines::default();
        let mut bytes = b"+PO".as_slice();
        assert_eq!(lines.take(&mut bytes), Ok(None));
        let mut bytes = b"NG\r\n\nrest".as_slice();
        let line = lines.take(&mut bytes).unwrap().unwrap();
        assert_eq!(without_end(&line), b"+PONG");
        assert_eq!(lines.take(&mut bytes), Ok(Some(b"\n".to_vec())));
        assert_eq!(bytes, b"rest");
    }

    #[test]
    fn an_endless_line_is_refused() {
        let mut lines = Lines::default();
        for _ in 0..4 {
            assert_eq!(lines.take(&mut [b'x'; 1024].as_slice()), Ok(None));
        }
        assert_eq!(lines.take(&mut b"x".as_slice()), Err(TooLong));
    }
}
