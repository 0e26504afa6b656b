//! One connection to a server: requests out, replies in.

use std::fmt;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{IpAddr, ToSocketAddrs};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use net::stream::{Address, Stream};
use resp::value::{ProtocolError, ReplyParser, Value, append_command};

/// How often the kernel probes an idle connection.
const KEEPALIVE: Duration = Duration::from_secs(15);

/// How long a read waits before it looks whether Ctrl-C was pressed.
const INTERRUPT_CHECK: Duration = Duration::from_millis(50);

/// Read at once, in bytes.
const INPUT_BYTES: usize = 64 << 10;

/// A kind of address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// IPv4
    V4,
    /// IPv6
    V6,
}

/// An open connection.
pub struct Connection {
    stream: Stream,
    parser: ReplyParser,
    input: Vec<u8>,
}

/// Why no reply came.
#[derive(Debug)]
pub enum LinkError {
    /// The server hung up.
    Closed,
    /// The user pressed Ctrl-C.
    Interrupted,
    /// No reply came in time.
    Silent,
    /// The connection failed.
    Io(io::Error),
    /// What came is not RESP.
    Protocol(ProtocolError),
}

impl fmt::Display for LinkError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LinkError::Closed => formatter.write_str("Error: Server closed the connection"),
            LinkError::Silent => formatter.write_str("Error: no reply in time"),
            LinkError::Interrupted => formatter.write_str("Error: Interrupted"),
            LinkError::Io(error) => write!(formatter, "Error: {}", system_text(error)),
            LinkError::Protocol(error) => write!(formatter, "Error: {error}"),
        }
    }
}

/// The text of a system error as C programs print it: without its number, and without whose error it is.
pub fn system_text(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or(&text);
    text.strip_prefix("failed to lookup address information: ").unwrap_or(text).to_owned()
}

/// An address as redis-cli prints it: an IPv6 address stands without brackets.
pub fn shown_address(address: &Address) -> String {
    match address {
        Address::Tcp { host, port } => format!("{host}:{port}"),
        Address::Unix(path) => path.display().to_string(),
    }
}

impl Connection {
    /// Connects; says nothing yet. Addresses of `family` are tried before others.
    pub fn open(
        address: &Address,
        family: Option<Family>,
        timeout: Option<Duration>,
    ) -> io::Result<Connection> {
        let stream = match (address, family) {
            (Address::Tcp { host, port }, Some(family)) => connect_preferring(host, *port, family, timeout)?,
            _ => Stream::connect(address, timeout)?,
        };
        stream.set_keepalive(KEEPALIVE)?;
        stream.set_nodelay(true)?;
        Ok(Connection { stream, parser: ReplyParser::new(), input: vec![0; INPUT_BYTES] })
    }

    /// Sends one command.
    pub fn send<A: AsRef<[u8]>>(&mut self, arguments: &[A]) -> Result<(), LinkError> {
        let mut request = Vec::new();
        append_command(&mut request, arguments);
        self.stream.write_all(&request).map_err(|error| match error.kind() {
            ErrorKind::BrokenPipe | ErrorKind::ConnectionReset => LinkError::Closed,
            _ => LinkError::Io(error),
        })
    }

    /// Waits for the next reply or push message. Setting `interrupted` ends the waiting; the connection is of no use then.
    pub fn receive(&mut self, interrupted: &AtomicBool) -> Result<Value, LinkError> {
        self.receive_unless(|| interrupted.load(Ordering::Relaxed).then_some(LinkError::Interrupted))
    }

    /// Waits for the next reply or push message until there is a reason not to.
    fn receive_unless(&mut self, reason: impl Fn() -> Option<LinkError>) -> Result<Value, LinkError> {
        self.stream.set_read_timeout(Some(INTERRUPT_CHECK)).map_err(LinkError::Io)?;
        loop {
            if let Some(reply) = self.parser.next_reply().map_err(LinkError::Protocol)? {
                return Ok(reply);
            }
            match self.stream.read(&mut self.input) {
                Ok(0) => return Err(LinkError::Closed),
                Ok(length) => self.parser.feed(self.input.get(..length).unwrap_or_default()),
                Err(error) if is_wait(&error) => {}
                Err(error) if error.kind() == ErrorKind::ConnectionReset => return Err(LinkError::Closed),
                Err(error) => return Err(LinkError::Io(error)),
            }
            if let Some(reason) = reason() {
                return Err(reason);
            }
        }
    }

    /// Sends one command and waits for its reply; push messages in between are dropped.
    pub fn ask<A: AsRef<[u8]>>(&mut self, arguments: &[A]) -> Result<Value, LinkError> {
        self.send(arguments)?;
        let never = AtomicBool::new(false);
        loop {
            match self.receive(&never)? {
                Value::Push(_) => {}
                reply => return Ok(reply),
            }
        }
    }

    /// Sends one command and waits so long for its reply; without one, the connection is of no use any more.
    pub fn ask_within<A: AsRef<[u8]>>(
        &mut self,
        arguments: &[A],
        patience: Duration,
    ) -> Result<Value, LinkError> {
        self.send(arguments)?;
        let deadline = Instant::now() + patience;
        loop {
            match self.receive_unless(|| (Instant::now() >= deadline).then_some(LinkError::Silent))? {
                Value::Push(_) => {}
                reply => return Ok(reply),
            }
        }
    }

    /// The bare stream, for modes that do not wait for each reply.
    pub fn into_stream(self) -> Stream {
        self.stream
    }
}

/// Tries the addresses of a host, those of the family first.
fn connect_preferring(
    host: &str,
    port: u16,
    family: Family,
    timeout: Option<Duration>,
) -> io::Result<Stream> {
    let mut found: Vec<IpAddr> = (host, port).to_socket_addrs()?.map(|address| address.ip()).collect();
    found.sort_by_key(|address| address.is_ipv6() != (family == Family::V6));
    let mut failure = ErrorKind::NotFound.into();
    for address in found {
        match Stream::connect(&Address::Tcp { host: address.to_string(), port }, timeout) {
            Ok(stream) => return Ok(stream),
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

/// True of the errors that only say that nothing has come yet.
pub fn is_wait(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted)
}
