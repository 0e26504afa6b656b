//! A full copy in the stream: its length line, its payload, its end.

use std::io::{self, Read};

/// Length of the random mark that ends a copy of unknown length.
pub const MARK_LEN: usize = 40;
/// The longest line that a primary sends before or instead of a copy.
const LINE_MAX: usize = 1024;

/// How the end of a copy is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Extent {
    /// By its length in bytes.
    Length(u64),
    /// By this mark behind it.
    Mark([u8; MARK_LEN]),
}

/// Reads `$length` or `$EOF:mark`. Empty lines are a primary's way to say that it is still there.
pub fn parse_extent(line: &[u8]) -> Result<Extent, String> {
    if line.first() == Some(&b'-') {
        return Err(format!("MASTER aborted replication with an error: {}", String::from_utf8_lossy(line)));
    }
    let bad = || {
        let shown = stdx::bytes::quoted(&line[..line.len().min(64)]);
        format!(
            "Bad protocol from MASTER, the first byte is not '$' (we received {shown}), are you sure the host and port \
             are right?"
        )
    };
    let rest = line.strip_prefix(b"$").ok_or_else(bad)?;
    if let Some(mark) = rest.strip_prefix(b"EOF:") {
        return mark.try_into().map(Extent::Mark).map_err(|_| bad());
    }
    stdx::number::parse_u64(rest).map(Extent::Length).ok_or_else(bad)
}

/// A reader with bytes that were read ahead.
pub struct Buffered<R> {
    ahead: Vec<u8>,
    position: usize,
    inner: R,
}

impl<R: Read> Buffered<R> {
    /// Reads from `inner`.
    pub fn new(inner: R) -> Buffered<R> {
        Buffered { ahead: Vec::new(), position: 0, inner }
    }

    /// Puts bytes back in front.
    pub fn put_back(&mut self, bytes: Vec<u8>) {
        let rest = self.ahead.split_off(self.position.min(self.ahead.len()));
        self.ahead = bytes;
        self.ahead.extend_from_slice(&rest);
        self.position = 0;
    }

    /// What was read ahead and not taken.
    pub fn take_ahead(&mut self) -> Vec<u8> {
        let rest = self.ahead.split_off(self.position.min(self.ahead.len()));
        self.ahead.clear();
        self.position = 0;
        rest
    }

    /// The reader beneath.
    pub fn inner(&mut self) -> &mut R {
        &mut self.inner
    }

    /// Reads one line, without its end.
    pub fn line(&mut self) -> io::Result<Vec<u8>> {
        let mut line = Vec::new();
        loop {
            let mut byte = [0];
            self.read_exact(&mut byte)?;
            if byte[0] == b'\n' {
                if line.last() == Some(&b'\r') {
                    line.pop();
                }
                return Ok(line);
            }
            if line.len() == LINE_MAX {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "a line of the primary is too long"));
            }
            line.push(byte[0]);
        }
    }
}

impl<R: Read> Read for Buffered<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.position == self.ahead.len() {
            if out.len() >= 4096 {
                return self.inner.read(out);
            }
            self.ahead.resize(16 * 1024, 0);
            self.position = 0;
            let read = self.inner.read(&mut self.ahead).inspect_err(|_| self.ahead.clear());
            let read = read.inspect_err(|_| ())?;
            self.ahead.truncate(read);
        }
        let taken = out.len().min(self.ahead.len() - self.position);
        out[..taken].copy_from_slice(&self.ahead[self.position..self.position + taken]);
        self.position += taken;
        Ok(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extents() {
        let mark = [b'a'; 40];
        assert_eq!(parse_extent(b"$123"), Ok(Extent::Length(123)));
        assert_eq!(parse_extent(&[b"$EOF:".as_slice(), &mark].concat()), Ok(Extent::Mark(mark)));
        for bad in [b"".as_slice(), b"+OK", b"$", b"$x", b"$EOF:short", b"$-1"] {
            assert!(parse_extent(bad).unwrap_err().contains("Bad protocol"), "{bad:?}");
        }
        assert!(parse_extent(b"-ERR no").unwrap_err().contains("aborted"));
    }

    #[test]
    fn lines_and_payload_from_one_reader() {
        let mut reader = Buffered::new(b"+PONG\r\n\n$5\r\nhellorest".as_slice());
        assert_eq!(reader.line().unwrap(), b"+PONG");
        assert_eq!(reader.line().unwrap(), b"");
        assert_eq!(reader.line().unwrap(), b"$5");
        let mut payload = [0; 5];
        reader.read_exact(&mut payload).unwrap();
        assert_eq!(&payload, b"hello");
        assert_eq!(reader.take_ahead(), b"rest");
    }

    #[test]
    fn an_endless_line_is_refused() {
        let mut reader = Buffered::new(io::repeat(b'x'));
        assert_eq!(reader.line().unwrap_err().kind(), io::ErrorKind::InvalidData);
    }
}
