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

    /// Sends a command of plain words and returns its reply: a status, a number or a text, empty for none.
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
            Some(b'$') if text == "-1" => Ok(String::new()),
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

    /// Sends `count` requests, as `write` makes them of their number, that answer with a status, a number or a text.
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
            numbers.into_iter().try_for_each(|_| self.expect_success())?;
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

    /// Reads a reply that is a status, a number or a text, and forgets it.
    ///
    /// # Errors
    ///
    /// A sentence, when it is something else.
    pub fn expect_success(&mut self) -> Result<(), String> {
        let line = self.read_line()?;
        self.expect_rest(&line)
    }

    /// Reads a reply, which may also be an array of such replies, and forgets it.
    ///
    /// # Errors
    ///
    /// A sentence, when it is an error.
    pub fn expect_reply(&mut self) -> Result<(), String> {
        let line = self.read_line()?;
        let Some(count) = line.strip_prefix('*') else { return self.expect_rest(&line) };
        let count = count.parse().map_err(|_| format!("no length: {line}"))?;
        (0..count).try_for_each(|_: u32| self.expect_success())
    }

    fn expect_rest(&mut self, line: &str) -> Result<(), String> {
        match line.split_at_checked(1) {
            Some(("+" | ":", _)) => Ok(()),
            Some(("$", len)) => self.skip(text_bytes(len)?),
            _ => Err(format!("refused: {line}")),
        }
    }

    /// Reads the line that opens a text or an array, and tells the length in it.
    ///
    /// # Errors
    ///
    /// A sentence, when something else comes.
    pub fn read_header(&mut self, mark: u8) -> Result<usize, String> {
        let line = self.read_line()?;
        let number = line.strip_prefix(char::from(mark)).and_then(|number| number.parse().ok());
        number.ok_or_else(|| format!("expected {}: {line}", char::from(mark)))
    }

    /// Reads a text.
    ///
    /// # Errors
    ///
    /// A sentence, when something else comes.
    pub fn read_bulk(&mut self) -> Result<String, String> {
        let len = self.read_header(b'$')?;
        self.read_text(len).map_err(|error| format!("no reply: {error}"))
    }

    /// Reads a text and forgets it; false where there is none.
    ///
    /// # Errors
    ///
    /// A sentence, when something else comes.
    pub fn expect_text(&mut self) -> Result<bool, String> {
        let line = self.read_line()?;
        let bytes = text_bytes(line.strip_prefix('$').ok_or_else(|| format!("expected $: {line}"))?)?;
        self.skip(bytes)?;
        Ok(bytes > 0)
    }

    fn read_line(&mut self) -> Result<String, String> {
        let mut line = String::new();
        self.stream.read_line(&mut line).map_err(|error| format!("no reply: {error}"))?;
        line.truncate(line.trim_end().len());
        Ok(line)
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

/// The bytes of a text behind its header, of which the length in it tells: none behind that of a null.
fn text_bytes(len: &str) -> Result<usize, String> {
    match len.parse::<i64>() {
        Ok(-1) => Ok(0),
        Ok(len) if len >= 0 => Ok(len as usize + 2),
        _ => Err(format!("no length: {len}")),
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

    #[test]
    fn reads_replies_of_every_kind() {
        use std::net::TcpListener;

        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("bound").port();
        let mut connection = Connection::to(port).expect("it listens");
        let (mut server, _) = listener.accept().expect("it was asked");
        let replies = b"+OK\r\n:12\r\n$3\r\na\r\n\r\n$-1\r\n*2\r\n$2\r\n17\r\n*0\r\n-ERR no\r\n";
        server.write_all(replies).expect("connected");
        assert_eq!([(); 4].map(|()| connection.expect_success()), [const { Ok(()) }; 4]);
        assert_eq!(connection.read_header(b'*'), Ok(2));
        assert_eq!(connection.read_bulk(), Ok("17".to_owned()));
        assert_eq!(connection.read_header(b'$'), Err("expected $: *0".to_owned()));
        assert_eq!(connection.expect_success(), Err("refused: -ERR no".to_owned()));
    }

    #[test]
    fn a_null_has_no_bytes() {
        assert_eq!([text_bytes("-1"), text_bytes("0"), text_bytes("5")], [Ok(0), Ok(2), Ok(7)]);
        assert!(text_bytes("-2").is_err() && text_bytes("x").is_err());
    }
}
