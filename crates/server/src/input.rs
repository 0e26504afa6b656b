//! The read buffer of a connection: bytes received and not yet run.

use std::io::{self, Read};

/// How much one read takes at most unless a large argument is being received.
const READ_BYTES: usize = 16 * 1024;
/// The most one read grows the buffer by.
const GROW_BYTES: usize = 1 << 20;

/// A read buffer whose bytes are cleared once, not before each read.
#[derive(Debug, Default)]
pub struct Input {
    bytes: Vec<u8>,
    filled: usize,
}

/// What a read brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Received {
    /// So many bytes, and there may be more.
    More(usize),
    /// So many bytes, and no more for now.
    Drained(usize),
    /// The peer will send nothing more.
    Closed,
}

impl Input {
    /// What was received and not dropped.
    #[inline]
    pub fn filled(&self) -> &[u8] {
        &self.bytes[..self.filled]
    }

    /// Bytes received and not dropped.
    pub fn len(&self) -> usize {
        self.filled
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.filled == 0
    }

    /// Room that is not filled.
    pub fn free_bytes(&self) -> usize {
        self.bytes.len() - self.filled
    }

    /// Reads once. `missing` is how many bytes an argument being received still lacks.
    pub fn read_from(&mut self, source: &mut impl Read, missing: usize) -> io::Result<Received> {
        let wanted = missing.clamp(READ_BYTES, GROW_BYTES);
        if self.bytes.len() < self.filled + wanted && self.free_bytes() < READ_BYTES / 2 {
            self.bytes.resize(self.filled + wanted, 0);
        }
        loop {
            match source.read(&mut self.bytes[self.filled..]) {
                Ok(0) => return Ok(Received::Closed),
                Ok(read) => {
                    self.filled += read;
                    let full = self.filled == self.bytes.len();
                    return Ok(if full { Received::More(read) } else { Received::Drained(read) });
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(Received::Drained(0)),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Drops the first `bytes` bytes.
    #[inline]
    pub fn drop_front(&mut self, bytes: usize) {
        if bytes < self.filled {
            self.bytes.copy_within(bytes..self.filled, 0);
        }
        self.filled -= bytes;
        if self.bytes.len() > 2 * READ_BYTES && self.filled < READ_BYTES {
            self.bytes.truncate(READ_BYTES);
            self.bytes.shrink_to_fit();
        }
    }

    /// Gives the buffer's memory back if nothing is in it (a client that has been idle for a while).
    pub fn release(&mut self) {
        if self.filled == 0 {
            self.bytes = Vec::new();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_kept_until_they_are_dropped() {
        let mut input = Input::default();
        assert_eq!(input.read_from(&mut b"hello world".as_slice(), 0).unwrap(), Received::Drained(11));
        input.drop_front(6);
        assert_eq!(input.filled(), b"world");
        assert_eq!(input.read_from(&mut b"".as_slice(), 0).unwrap(), Received::Closed);
    }

    #[test]
    fn a_large_argument_grows_the_buffer_and_it_shrinks_again() {
        let mut input = Input::default();
        let large = vec![b'x'; 3 << 20];
        let mut source = large.as_slice();
        while input.len() < large.len() {
            let missing = large.len() - input.len();
            input.read_from(&mut source, missing).unwrap();
        }
        assert_eq!(input.filled(), large);
        input.drop_front(large.len());
        assert!(input.free_bytes() <= READ_BYTES);
    }
}
