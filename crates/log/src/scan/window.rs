//! The part of a file that is in memory: grows only as bytes arrive.

use std::io::{self, ErrorKind, Read};

/// Bytes read at first: most of a small file.
const FIRST_BYTES: usize = 8 * 1024;

/// Bytes read at once later.
const WINDOW_BYTES: usize = 256 * 1024;

/// A reader with everything from the current record on in one slice.
pub(super) struct Window<R> {
    reader: R,
    buffer: Vec<u8>,
    /// Bytes before this one have been summed.
    summed: usize,
    begin: usize,
    end: usize,
    is_at_end: bool,
    /// Where in the file the slice begins.
    pub file_offset: u64,
}

impl<R: Read> Window<R> {
    pub fn new(reader: R, file_offset: u64) -> Self {
        Self { reader, buffer: Vec::new(), summed: 0, begin: 0, end: 0, is_at_end: false, file_offset }
    }

    /// The bytes in memory.
    pub fn bytes(&self) -> &[u8] {
        &self.buffer[self.begin..self.end]
    }

    /// Goes on after `count` bytes of the slice.
    pub fn consume(&mut self, count: usize) {
        let count = count.min(self.end - self.begin);
        self.begin += count;
        self.file_offset += count as u64;
    }

    /// The bytes consumed since the last call: summed in long stretches, as short ones are dear.
    pub fn take_unsummed(&mut self) -> &[u8] {
        let from = std::mem::replace(&mut self.summed, self.begin);
        &self.buffer[from..self.begin]
    }

    /// Brings more bytes into the slice; `false` at the end of the file. Everything consumed must have been
    /// summed.
    pub fn fill(&mut self) -> io::Result<bool> {
        if self.is_at_end {
            return Ok(false);
        }
        self.make_room();
        let before = self.end;
        while self.end < self.buffer.len() && !self.is_at_end {
            match self.reader.read(&mut self.buffer[self.end..]) {
                Ok(0) => self.is_at_end = true,
                Ok(count) => self.end += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(self.end > before)
    }

    fn make_room(&mut self) {
        self.buffer.copy_within(self.begin..self.end, 0);
        self.end -= self.begin;
        self.begin = 0;
        self.summed = 0;
        let length = self.buffer.len();
        if length < WINDOW_BYTES || self.end * 2 >= length {
            self.buffer.resize((length * 2).max(FIRST_BYTES), 0);
        } else if self.end < WINDOW_BYTES / 2 && length > WINDOW_BYTES {
            self.buffer.truncate(WINDOW_BYTES);
            self.buffer.shrink_to_fit();
        }
    }
}
