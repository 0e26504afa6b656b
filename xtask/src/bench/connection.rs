//! As much of a client as measuring needs: one command at a time, and filling a server with keys.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// How long a reply may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// Requests that `fill` sends before it reads their replies.
const BATCH: u64 = 1000;

const OK: &[u8] = b"+OK\r\n";

/// A connection to a server on this machine.
#[derive(Debug)]
pub struct Connection {
    stream: BufReader<TcpStream>,
}

impl Connection {
    /// Connects.
    ///
    /// # Errors
    ///
    /// A sentence, when the port refuses.
    pub fn to(port: u16) -> Result<Self, String> {
        let stream =
            TcpStream::connect(("127.0.0.1", port)).map_err(|error| format!("connecting: {error}"))?;
        let prepared = stream.set_read_timeout(Some(PATIENCE)).and_then(|()| stream.set_nodelay(true));
        prepared.map_err(|error| format!("a connection's options: {error}"))?;
        Ok(Self { stream: BufReader::new(stream) })
    }

    /// Sends a command of plain words and returns its reply: a status, a number or a text.
    ///
    /// # Errors
    ///
    /// A sentence, when the server answers with an error or not at all.
    pub fn ask(&mut self, command: &str) -> Result<String, String> {
        let failed = |error: std::io::Error| format!("{command}: {error}");
        self.stream.get_mut().write_all(format!("{command}\r\n").as_bytes()).map_err(failed)?;
        let mut line = String::new();
        self.stream.read_line(&mut line).map_err(failed)?;
        let text = line.trim_end().get(1..).unwrap_or_default();
        match line.as_bytes().first() {
            Some(b'+' | b':') => Ok(text.to_owned()),
            Some(b'$') => self.read_text(text.parse().unwrap_or(0)).map_err(failed),
            _ => Err(format!("{command}: {}", line.trim_end())),
        }
    }

    fn read_text(&mut self, len: usize) -> std::io::Result<String> {
        let mut text = vec![0; len + 2];
        self.stream.read_exact(&mut text)?;
        Ok(String::from_utf8_lossy(&text[..len]).into_owned())
    }

    /// A field of INFO.
    ///
    /// # Errors
    ///
    /// As for `ask`.
    pub fn info(&mut self, section: &str, field: &str) -> Result<String, String> {
        let text = self.ask(&format!("INFO {section}"))?;
        let value = text.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
        Ok(value.unwrap_or_default().trim().to_owned())
    }

    /// Sends `count` requests that answer OK, as `write` makes them of their number.
    ///
    /// # Errors
    ///
    /// A sentence, when one is refused.
    pub fn fill(&mut self, count: u64, mut write: impl FnMut(u64, &mut Vec<u8>)) -> Result<(), String> {
        let mut requests = Vec::new();
        for first in (0..count).step_by(BATCH as usize) {
            let numbers = first..count.min(first + BATCH);
            requests.clear();
            numbers.clone().for_each(|number| write(number, &mut requests));
            self.stream.get_mut().write_all(&requests).map_err(|error| format!("filling: {error}"))?;
            numbers.into_iter().try_for_each(|_| self.expect_ok())?;
        }
        Ok(())
    }

    /// Reads a reply that must be OK.
    ///
    /// # Errors
    ///
    /// A sentence, when it is another.
    pub fn expect_ok(&mut self) -> Result<(), String> {
        let mut reply = [0; OK.len()];
        self.stream.read_exact(&mut reply).map_err(|error| format!("no reply: {error}"))?;
        if reply == OK {
            return Ok(());
        }
        let mut rest = String::new();
        drop(self.stream.read_line(&mut rest));
        Err(format!("refused: {}{}", String::from_utf8_lossy(&reply), rest.trim_end()))
    }

    /// Reads so many bytes and forgets them.
    ///
    /// # Errors
    ///
    /// A sentence, when they do not come.
    pub fn skip(&mut self, bytes: usize) -> Result<(), String> {
        let mut left = bytes;
        while left > 0 {
            let come = self.stream.fill_buf().map_err(|error| format!("no reply: {error}"))?.len();
            if come == 0 {
                return Err("no reply: the connection is closed".to_string());
            }
            self.stream.consume(come.min(left));
            left -= come.min(left);
        }
        Ok(())
    }

    /// Sends bytes as they are.
    ///
    /// # Errors
    ///
    /// A sentence, when the connection is gone.
    pub fn send(&mut self, requests: &[u8]) -> Result<(), String> {
        self.stream.get_mut().write_all(requests).map_err(|error| format!("sending: {error}"))
    }

    /// A second handle, to send while another thread reads.
    ///
    /// # Errors
    ///
    /// A sentence, when the system gives none.
    pub fn second(&self) -> Result<Self, String> {
        let stream =
            self.stream.get_ref().try_clone().map_err(|error| format!("a second handle: {error}"))?;
        Ok(Self { stream: BufReader::new(stream) })
    }
}

/// Appends a request of these words.
pub fn append(out: &mut Vec<u8>, words: &[&[u8]]) {
    write!(out, "*{}\r\n", words.len()).expect("in memory");
    for word in words {
        write!(out, "${}\r\n", word.len()).expect("in memory");
        out.extend_from_slice(word);
        out.extend_from_slice(b"\r\n");
    }
}

/// A key of 16 bytes, as ochre-benchmark names them.
pub fn key(number: u64) -> String {
    format!("key:{number:012}")
}

/// Text that does not compress: the same for the same seed.
pub fn noise(seed: u64, len: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        b'!' + (state >> 40) as u8 % 90
    };
    (0..len).map(|_| next()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_requests() {
        let mut out = Vec::new();
        append(&mut out, &[b"SET", key(7).as_bytes(), b""]);
        assert_eq!(out, b"*3\r\n$3\r\nSET\r\n$16\r\nkey:000000000007\r\n$0\r\n\r\n");
        assert_eq!(noise(3, 8), noise(3, 8));
        assert_ne!(noise(3, 8), noise(4, 8));
    }
}
