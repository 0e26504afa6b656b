//! A small blocking client for RESP2 and RESP3, and raw bytes where a test wants to misbehave.

use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use crate::script::split;
use crate::{Info, Reply, Stream};

/// How long a reply may take before the test fails.
const REPLY_DEADLINE: Duration = Duration::from_secs(60);

/// Commands sent at once by [`Client::pipeline`]; few enough that replies never fill both socket buffers.
const PIPELINE_CHUNK: usize = 512;

/// One connection to a server.
#[derive(Debug)]
pub struct Client {
    stream: Stream,
    reader: BufReader<Stream>,
    raw: Vec<u8>,
    server: String,
}

impl Client {
    /// Connects over TCP to `HOST:PORT`.
    #[track_caller]
    #[must_use]
    pub fn connect(address: &str) -> Self {
        Self::try_connect(address).unwrap_or_else(|error| panic!("cannot connect to {address}: {error}"))
    }

    /// [`Client::connect`] that says why it could not.
    pub fn try_connect(address: &str) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        Self::over(Stream::Tcp(stream), address)
    }

    /// Connects over a unix socket.
    #[track_caller]
    #[must_use]
    pub fn connect_unix(path: &Path) -> Self {
        Self::try_connect_unix(path)
            .unwrap_or_else(|error| panic!("cannot connect to {}: {error}", path.display()))
    }

    /// [`Client::connect_unix`] that says why it could not.
    pub fn try_connect_unix(path: &Path) -> io::Result<Self> {
        Self::over(Stream::Unix(UnixStream::connect(path)?), &path.display().to_string())
    }

    fn over(stream: Stream, server: &str) -> io::Result<Self> {
        stream.set_read_timeout(Some(REPLY_DEADLINE))?;
        stream.set_write_timeout(Some(REPLY_DEADLINE))?;
        let reader = BufReader::with_capacity(64 * 1024, stream.try_clone()?);
        Ok(Self { stream, reader, raw: Vec::new(), server: server.to_owned() })
    }

    /// Changes how long a reply may take.
    pub fn set_reply_deadline(&self, deadline: Duration) {
        self.stream.set_read_timeout(Some(deadline)).expect("a deadline above zero");
    }

    /// Sends a command and returns its reply.
    #[track_caller]
    pub fn command<A: AsRef<[u8]>>(&mut self, arguments: &[A]) -> Reply {
        match self.try_command(arguments) {
            Ok(reply) => reply,
            Err(error) => {
                let shown: Vec<String> = arguments.iter().map(|argument| short(argument.as_ref())).collect();
                panic!("no reply from {} to {}: {error}", self.server, shown.join(" "))
            }
        }
    }

    /// [`Client::command`] that says why there is no reply.
    pub fn try_command<A: AsRef<[u8]>>(&mut self, arguments: &[A]) -> io::Result<Reply> {
        self.try_send(&Self::encode(arguments))?;
        self.try_reply()
    }

    /// Sends a command given as a line, with quotes as in a session; returns its reply.
    #[track_caller]
    pub fn run(&mut self, line: &str) -> Reply {
        self.command(&split(line))
    }

    /// Sends many commands without waiting between them; returns their replies in order.
    #[track_caller]
    pub fn pipeline<A: AsRef<[u8]>>(&mut self, commands: &[Vec<A>]) -> Vec<Reply> {
        let mut replies = Vec::with_capacity(commands.len());
        for chunk in commands.chunks(PIPELINE_CHUNK) {
            let bytes: Vec<u8> = chunk.iter().flat_map(|command| Self::encode(command)).collect();
            self.send(&bytes);
            replies.extend(chunk.iter().map(|_| self.reply()));
        }
        replies
    }

    /// A command as a server reads it: an array of bulk strings.
    #[must_use]
    pub fn encode<A: AsRef<[u8]>>(arguments: &[A]) -> Vec<u8> {
        let mut bytes = format!("*{}\r\n", arguments.len()).into_bytes();
        for argument in arguments {
            let argument = argument.as_ref();
            bytes.extend_from_slice(format!("${}\r\n", argument.len()).as_bytes());
            bytes.extend_from_slice(argument);
            bytes.extend_from_slice(b"\r\n");
        }
        bytes
    }

    /// Sends bytes as they are.
    #[track_caller]
    pub fn send(&mut self, bytes: &[u8]) {
        self.try_send(bytes).unwrap_or_else(|error| panic!("cannot send to {}: {error}", self.server));
    }

    /// [`Client::send`] that says why it could not.
    pub fn try_send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes)
    }

    /// Reads the next reply.
    #[track_caller]
    pub fn reply(&mut self) -> Reply {
        self.try_reply().unwrap_or_else(|error| panic!("no reply from {}: {error}", self.server))
    }

    /// [`Client::reply`] that says why there is none.
    pub fn try_reply(&mut self) -> io::Result<Reply> {
        self.raw.clear();
        Reply::read(&mut self.reader, &mut self.raw)
    }

    /// The very bytes of the reply that was read last.
    #[must_use]
    pub fn raw_reply(&self) -> &[u8] {
        &self.raw
    }

    /// Everything that the server still sends until it closes the connection.
    #[track_caller]
    pub fn read_to_close(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        match self.reader.read_to_end(&mut bytes) {
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                panic!("{} keeps the connection open after {}", self.server, short(&bytes))
            }
            // A reset counts as closed: the server may have closed with bytes of ours unread.
            _ => bytes,
        }
    }

    /// The next line, without its end.
    #[track_caller]
    pub fn read_line(&mut self) -> String {
        let mut line = Vec::new();
        self.reader
            .read_until(b'\n', &mut line)
            .unwrap_or_else(|error| panic!("no line from {}: {error}", self.server));
        assert!(line.ends_with(b"\n"), "{} closed the connection after {}", self.server, short(&line));
        String::from_utf8_lossy(&line).trim_end().to_owned()
    }

    /// Exactly so many bytes.
    #[track_caller]
    pub fn read_exactly(&mut self, length: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        let read = (&mut self.reader).take(length as u64).read_to_end(&mut bytes);
        assert!(read.is_ok() && bytes.len() == length, "{} of {length} bytes came: {read:?}", bytes.len());
        bytes
    }

    /// The bytes before `mark`, which is taken as well.
    #[track_caller]
    pub fn read_until_mark(&mut self, mark: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        while !bytes.ends_with(mark) {
            let last = *mark.last().expect("a mark is not empty");
            let read = self.reader.read_until(last, &mut bytes);
            assert!(read.as_ref().is_ok_and(|&count| count > 0), "no end mark came: {read:?}");
        }
        bytes.truncate(bytes.len() - mark.len());
        bytes
    }

    /// Whether the server has closed this connection; does not wait for it.
    pub fn is_closed(&mut self) -> bool {
        if !self.reader.buffer().is_empty() {
            return false;
        }
        self.set_reply_deadline(Duration::from_millis(1));
        let mut byte = [0];
        let peeked = match &self.stream {
            Stream::Tcp(stream) => stream.peek(&mut byte),
            // No peek on unix sockets in std; nothing is expected here in this state, so a read loses nothing.
            Stream::Unix(stream) => (&*stream).read(&mut byte),
        };
        self.set_reply_deadline(REPLY_DEADLINE);
        match peeked {
            Ok(read) => read == 0,
            Err(error) => !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
        }
    }

    /// Says that nothing more will be sent; replies can still be read.
    pub fn finish_sending(&mut self) {
        let _ = self.stream.shutdown(Shutdown::Write);
    }

    /// A second handle on the socket, to write from another thread.
    #[must_use]
    pub fn writer(&self) -> Stream {
        self.stream.try_clone().expect("a connected socket can be cloned")
    }

    /// The fields of a section of INFO.
    #[track_caller]
    pub fn info(&mut self, section: &str) -> Info {
        Info::parse(&self.command(&["INFO", section]).text())
    }
}

/// A text short enough for a failure message.
fn short(bytes: &[u8]) -> String {
    let text = crate::quoted(&bytes[..bytes.len().min(120)]);
    if bytes.len() > 120 { format!("{text}... ({} bytes)", bytes.len()) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    #[test]
    fn encodes_a_command() {
        assert_eq!(Client::encode(&["GET", "k"]), b"*2\r\n$3\r\nGET\r\n$1\r\nk\r\n");
    }

    #[test]
    fn sees_a_closed_connection() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let address = listener.local_addr().expect("bound").to_string();
        let mut client = Client::connect(&address);
        let (mut accepted, _) = listener.accept().expect("one connection");
        assert!(!client.is_closed());
        accepted.write_all(b"+PONG\r\n").expect("connected");
        assert_eq!(client.reply().text(), "PONG");
        drop(accepted);
        crate::wait_until("the end of the stream arrives", || client.is_closed());
        assert_eq!(client.read_to_close(), b"");
    }
}
