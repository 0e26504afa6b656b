//! The decoder's window on its reader: a buffer with the place, the offset and the checksum.

use crate::error::{RdbError, Reason};
use crate::format::{ENCODED, LENGTH_32_BITS, LENGTH_64_BITS, Length, string_encoding};
use std::io::{ErrorKind, Read};
use stdx::{crc, lzf, number};

/// How much is asked of the reader at once, and how far any allocation runs ahead of what has arrived.
const WINDOW_BYTES: usize = 64 * 1024;

pub(crate) struct Source<R> {
    reader: R,
    window: Vec<u8>,
    /// What is still to be read stands in `window[start..end]`.
    start: usize,
    end: usize,
    /// How many bytes stood before the window's first.
    window_offset: u64,
    /// The checksum up to `window[counted]`, kept only if `counting`.
    checksum: u64,
    counted: usize,
    counting: bool,
    string_len_max: u64,
    compressed: Vec<u8>,
}

impl<R: Read> Source<R> {
    pub(crate) fn new(reader: R, counting: bool, string_len_max: u64) -> Source<R> {
        Source {
            reader,
            window: vec![0; WINDOW_BYTES],
            start: 0,
            end: 0,
            window_offset: 0,
            checksum: 0,
            counted: 0,
            counting,
            string_len_max,
            compressed: Vec::new(),
        }
    }

    /// The offset of the next byte.
    #[inline]
    pub(crate) fn offset(&self) -> u64 {
        self.window_offset + self.start as u64
    }

    /// The checksum of all that was taken.
    pub(crate) fn checksum(&mut self) -> u64 {
        self.count();
        self.checksum
    }

    /// Stops the checksum: what follows is not part of it.
    pub(crate) fn stop_counting(&mut self) {
        self.count();
        self.counting = false;
    }

    /// What was read from the reader and not taken, and the reader.
    pub(crate) fn into_rest(self) -> (Vec<u8>, R) {
        (self.window[self.start..self.end].to_vec(), self.reader)
    }

    fn count(&mut self) {
        if self.counting {
            self.checksum = crc::crc64(self.checksum, &self.window[self.counted..self.start]);
        }
        self.counted = self.start;
    }

    /// Reads until so many bytes, at most a window, are there.
    #[cold]
    fn fill(&mut self, needed: usize) -> Result<(), RdbError> {
        self.count();
        self.window.copy_within(self.start..self.end, 0);
        self.window_offset += self.start as u64;
        (self.start, self.end, self.counted) = (0, self.end - self.start, 0);
        while self.end < needed {
            match self.reader.read(&mut self.window[self.end..]) {
                Ok(0) => return Err(self.error_at(self.window_offset + self.end as u64, Reason::Truncated)),
                Ok(length) => self.end += length,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => {
                    return Err(self.error_at(self.window_offset + self.end as u64, Reason::Io(error)));
                }
            }
        }
        Ok(())
    }

    fn error_at(&self, offset: u64, reason: Reason) -> RdbError {
        RdbError::new(offset, reason)
    }

    /// Takes an array of bytes.
    #[inline]
    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], RdbError> {
        if self.end - self.start < N {
            self.fill(N)?;
        }
        let bytes = self.window[self.start..].first_chunk().expect("the window was filled");
        self.start += N;
        Ok(*bytes)
    }

    /// Takes one byte.
    #[inline]
    pub(crate) fn byte(&mut self) -> Result<u8, RdbError> {
        self.array::<1>().map(|[byte]| byte)
    }

    /// Takes a length or the mark of an encoded string.
    #[inline]
    pub(crate) fn length_or_encoding(&mut self) -> Result<Length, RdbError> {
        let offset = self.offset();
        let first = self.byte()?;
        let low = first & !ENCODED;
        Ok(match first >> 6 {
            0 => Length::Plain(u64::from(low)),
            1 => Length::Plain(u64::from(low) << 8 | u64::from(self.byte()?)),
            3 => Length::Encoded(low),
            _ if first == LENGTH_32_BITS => Length::Plain(u64::from(u32::from_be_bytes(self.array()?))),
            _ if first == LENGTH_64_BITS => Length::Plain(u64::from_be_bytes(self.array()?)),
            _ => return Err(self.error_at(offset, Reason::WrongLengthEncoding(first))),
        })
    }

    /// Takes a length that is no mark.
    pub(crate) fn length(&mut self) -> Result<u64, RdbError> {
        let offset = self.offset();
        match self.length_or_encoding()? {
            Length::Plain(length) => Ok(length),
            Length::Encoded(kind) => Err(self.error_at(offset, Reason::WrongLengthEncoding(ENCODED | kind))),
        }
    }

    /// Takes a string into `out`, replacing what is there.
    #[inline]
    pub(crate) fn string(&mut self, out: &mut Vec<u8>) -> Result<(), RdbError> {
        out.clear();
        let offset = self.offset();
        match self.length_or_encoding()? {
            Length::Plain(length) => self.bytes(offset, length, out),
            Length::Encoded(string_encoding::INT8) => {
                number::append_i64(out, i64::from(i8::from_le_bytes(self.array()?)));
                Ok(())
            }
            Length::Encoded(string_encoding::INT16) => {
                number::append_i64(out, i64::from(i16::from_le_bytes(self.array()?)));
                Ok(())
            }
            Length::Encoded(string_encoding::INT32) => {
                number::append_i64(out, i64::from(i32::from_le_bytes(self.array()?)));
                Ok(())
            }
            Length::Encoded(string_encoding::LZF) => self.compressed_string(offset, out),
            Length::Encoded(kind) => Err(self.error_at(offset, Reason::WrongLengthEncoding(ENCODED | kind))),
        }
    }

    fn compressed_string(&mut self, offset: u64, out: &mut Vec<u8>) -> Result<(), RdbError> {
        let (compressed_len, length) = (self.length()?, self.length()?);
        let expected_len = self.checked_len(offset, length)?;
        let mut compressed = std::mem::take(&mut self.compressed);
        compressed.clear();
        let result = self.bytes(offset, compressed_len, &mut compressed).and_then(|()| {
            lzf::decompress(&compressed, expected_len, out)
                .map_err(|error| self.error_at(offset, Reason::Compression(error)))
        });
        self.compressed = compressed;
        result
    }

    /// Appends so many bytes to `out`, allocating only as they arrive.
    #[inline]
    fn bytes(&mut self, offset: u64, length: u64, out: &mut Vec<u8>) -> Result<(), RdbError> {
        let length = self.checked_len(offset, length)?;
        if length <= self.end - self.start {
            out.extend_from_slice(&self.window[self.start..self.start + length]);
            self.start += length;
            return Ok(());
        }
        self.bytes_piecewise(length, out)
    }

    #[cold]
    fn bytes_piecewise(&mut self, length: usize, out: &mut Vec<u8>) -> Result<(), RdbError> {
        let mut left = length;
        while left > 0 {
            if self.start == self.end {
                self.fill(1)?;
            }
            let piece = left.min(self.end - self.start);
            if out.capacity() - out.len() < piece {
                // At least doubling keeps the copying linear; it never goes beyond what the string claims.
                out.reserve_exact(left.min(out.len().max(WINDOW_BYTES)));
            }
            out.extend_from_slice(&self.window[self.start..self.start + piece]);
            self.start += piece;
            left -= piece;
        }
        Ok(())
    }

    /// Takes so many bytes and drops them.
    pub(crate) fn skip_bytes(&mut self, length: u64) -> Result<(), RdbError> {
        let mut left = length;
        while left > 0 {
            if self.start == self.end {
                self.fill(1)?;
            }
            let piece = left.min((self.end - self.start) as u64);
            self.start += piece as usize;
            left -= piece;
        }
        Ok(())
    }

    /// Takes a string and drops it.
    pub(crate) fn skip_string(&mut self) -> Result<(), RdbError> {
        let offset = self.offset();
        match self.length_or_encoding()? {
            Length::Plain(length) => self.skip_bytes(length),
            Length::Encoded(string_encoding::INT8) => self.skip_bytes(1),
            Length::Encoded(string_encoding::INT16) => self.skip_bytes(2),
            Length::Encoded(string_encoding::INT32) => self.skip_bytes(4),
            Length::Encoded(string_encoding::LZF) => {
                let (compressed_len, _) = (self.length()?, self.length()?);
                self.skip_bytes(compressed_len)
            }
            Length::Encoded(kind) => Err(self.error_at(offset, Reason::WrongLengthEncoding(ENCODED | kind))),
        }
    }

    fn checked_len(&self, offset: u64, length: u64) -> Result<usize, RdbError> {
        let max = self.string_len_max;
        usize::try_from(length)
            .ok()
            .filter(|_| length <= max)
            .ok_or_else(|| self.error_at(offset, Reason::StringTooLong { length, max }))
    }
}
