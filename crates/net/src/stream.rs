//! An outgoing connection: TCP and Unix sockets behind one type.

use std::fmt;
use std::io::{self, IoSlice, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use socket2::{Domain, SockRef, Socket, TcpKeepalive, Type};

mod uri;

pub use uri::{Uri, UriError};

/// Where to connect to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// A host name, or an IPv4 or IPv6 address without brackets, and a port.
    Tcp {
        /// The name or address.
        host: String,
        /// The TCP port.
        port: u16,
    },
    /// The path of a Unix socket.
    Unix(PathBuf),
}

impl fmt::Display for Address {
    /// `host:port`, with brackets around an IPv6 address; the path of a Unix socket.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Address::Tcp { host, port } if host.contains(':') => write!(formatter, "[{host}]:{port}"),
            Address::Tcp { host, port } => write!(formatter, "{host}:{port}"),
            Address::Unix(path) => write!(formatter, "{}", path.display()),
        }
    }
}

/// An open byte stream.
#[derive(Debug)]
pub enum Stream {
    /// Over TCP.
    Tcp(TcpStream),
    /// Over a Unix socket.
    Unix(UnixStream),
}

impl Stream {
    /// Ends the connection for all its handles.
    pub fn shutdown(&self) -> io::Result<()> {
        match self {
            Stream::Tcp(stream) => stream.shutdown(std::net::Shutdown::Both),
            Stream::Unix(stream) => stream.shutdown(std::net::Shutdown::Both),
        }
    }

    /// Connects and waits until the connection stands. A host name's addresses are tried in turn, each for at most
    /// `timeout` (as long as the kernel tries when `None`); the last failure is the error.
    pub fn connect(address: &Address, timeout: Option<Duration>) -> io::Result<Stream> {
        match address {
            Address::Tcp { host, port } => connect_tcp(host, *port, None, timeout).map(Stream::Tcp),
            Address::Unix(path) => connect_unix(path).map(Stream::Unix),
        }
    }

    /// Connects over TCP from one of this machine's addresses.
    pub fn connect_from(host: &str, port: u16, source: IpAddr, timeout: Duration) -> io::Result<Stream> {
        connect_tcp(host, port, Some(source), Some(timeout)).map(Stream::Tcp)
    }

    /// A second hold on the same connection, for a thread of its own.
    pub fn try_clone(&self) -> io::Result<Stream> {
        match self {
            Stream::Tcp(stream) => stream.try_clone().map(Stream::Tcp),
            Stream::Unix(stream) => stream.try_clone().map(Stream::Unix),
        }
    }

    /// Makes reads and writes return `WouldBlock` instead of waiting.
    pub fn set_nonblocking(&self, nonblocking: bool) -> io::Result<()> {
        match self {
            Stream::Tcp(stream) => stream.set_nonblocking(nonblocking),
            Stream::Unix(stream) => stream.set_nonblocking(nonblocking),
        }
    }

    /// Sends small writes at once. Without effect on a Unix socket.
    pub fn set_nodelay(&self, nodelay: bool) -> io::Result<()> {
        match self {
            Stream::Tcp(stream) => stream.set_nodelay(nodelay),
            Stream::Unix(_) => Ok(()),
        }
    }

    /// Has the kernel probe an idle connection every `interval`, so that a dead peer is noticed after about twice as
    /// long. Without effect on a Unix socket.
    pub fn set_keepalive(&self, interval: Duration) -> io::Result<()> {
        match self {
            Stream::Tcp(stream) => {
                let probe = (interval / 3).max(Duration::from_secs(1));
                let keepalive = TcpKeepalive::new().with_time(interval).with_interval(probe).with_retries(3);
                SockRef::from(stream).set_tcp_keepalive(&keepalive)
            }
            Stream::Unix(_) => Ok(()),
        }
    }

    /// Makes a read fail with `WouldBlock` after waiting this long; `None` waits for ever.
    pub fn set_read_timeout(&self, timeout: Option<Duration>) -> io::Result<()> {
        match self {
            Stream::Tcp(stream) => stream.set_read_timeout(timeout),
            Stream::Unix(stream) => stream.set_read_timeout(timeout),
        }
    }

    /// Makes a write fail with `WouldBlock` after waiting this long; `None` waits for ever.
    pub fn set_write_timeout(&self, timeout: Option<Duration>) -> io::Result<()> {
        match self {
            Stream::Tcp(stream) => stream.set_write_timeout(timeout),
            Stream::Unix(stream) => stream.set_write_timeout(timeout),
        }
    }

    /// The address and port at the other end; `None` for a Unix socket.
    #[must_use]
    pub fn peer_address(&self) -> Option<SocketAddr> {
        match self {
            Stream::Tcp(stream) => stream.peer_addr().ok(),
            Stream::Unix(_) => None,
        }
    }

    /// The address and port at this end; `None` for a Unix socket.
    #[must_use]
    pub fn local_address(&self) -> Option<SocketAddr> {
        match self {
            Stream::Tcp(stream) => stream.local_addr().ok(),
            Stream::Unix(_) => None,
        }
    }
}

fn connect_tcp(
    host: &str,
    port: u16,
    source: Option<IpAddr>,
    timeout: Option<Duration>,
) -> io::Result<TcpStream> {
    let mut failure = io::Error::new(io::ErrorKind::NotFound, "the host name has no address");
    for address in (host, port).to_socket_addrs()? {
        let attempt = match (source, timeout) {
            (Some(source), _) => connect_from(source, address, timeout),
            (None, Some(timeout)) => TcpStream::connect_timeout(&address, timeout),
            (None, None) => TcpStream::connect(address),
        };
        match attempt {
            Ok(stream) => return Ok(stream),
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

/// Connects from one of this machine's addresses.
fn connect_from(source: IpAddr, address: SocketAddr, timeout: Option<Duration>) -> io::Result<TcpStream> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    socket.bind(&SocketAddr::new(source, 0).into())?;
    match timeout {
        Some(timeout) => socket.connect_timeout(&address.into(), timeout)?,
        None => socket.connect(&address.into())?,
    }
    Ok(socket.into())
}

fn connect_unix(path: &Path) -> io::Result<UnixStream> {
    UnixStream::connect(path)
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Stream::Tcp(stream) => stream.read(buffer),
            Stream::Unix(stream) => stream.read(buffer),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Stream::Tcp(stream) => stream.write(bytes),
            Stream::Unix(stream) => stream.write(bytes),
        }
    }

    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        match self {
            Stream::Tcp(stream) => stream.write_vectored(slices),
            Stream::Unix(stream) => stream.write_vectored(slices),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl AsRawFd for Stream {
    fn as_raw_fd(&self) -> RawFd {
        match self {
            Stream::Tcp(stream) => stream.as_raw_fd(),
            Stream::Unix(stream) => stream.as_raw_fd(),
        }
    }
}

impl AsFd for Stream {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Stream::Tcp(stream) => stream.as_fd(),
            Stream::Unix(stream) => stream.as_fd(),
        }
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests look at real files")]
mod tests {
    use std::net::TcpListener;
    use std::os::unix::net::UnixListener;

    use super::*;

    fn echo(mut stream: Stream, mut peer: impl Read + Write) {
        stream.write_all(b"ping").expect("written");
        let mut bytes = [0; 4];
        peer.read_exact(&mut bytes).expect("read");
        peer.write_all(&bytes).expect("written");
        stream.read_exact(&mut bytes).expect("read");
        assert_eq!(&bytes, b"ping");
        stream.set_nonblocking(true).expect("set");
        let error = stream.read(&mut bytes).expect_err("nothing to read");
        assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
    }

    #[test]
    fn connects_over_tcp_by_name_and_address() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("bound");
        let port = listener.local_addr().expect("bound").port();
        for host in ["localhost", "127.0.0.1"] {
            let address = Address::Tcp { host: host.into(), port };
            let stream = Stream::connect(&address, Some(Duration::from_secs(10))).expect("connected");
            stream.set_nodelay(true).expect("set");
            stream.set_keepalive(Duration::from_secs(15)).expect("set");
            assert_eq!(stream.peer_address().map(|peer| peer.port()), Some(port));
            echo(stream, listener.accept().expect("accepted").0);
        }
    }

    #[test]
    fn connects_over_a_unix_socket() {
        let path = std::env::temp_dir().join(format!("ochre-stream-{}.sock", std::process::id()));
        let listener = UnixListener::bind(&path).expect("bound");
        let stream = Stream::connect(&Address::Unix(path.clone()), None).expect("connected");
        echo(stream, listener.accept().expect("accepted").0);
        std::fs::remove_file(path).expect("removed");
    }

    #[test]
    fn reports_a_refused_connection() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("bound");
        let address =
            Address::Tcp { host: "127.0.0.1".into(), port: listener.local_addr().expect("bound").port() };
        drop(listener);
        let error = Stream::connect(&address, None).expect_err("refused");
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
    }

    #[test]
    fn shows_addresses_as_people_write_them() {
        let tcp = |host: &str| Address::Tcp { host: host.into(), port: 6379 }.to_string();
        assert_eq!(tcp("127.0.0.1"), "127.0.0.1:6379");
        assert_eq!(tcp("::1"), "[::1]:6379");
        assert_eq!(Address::Unix("/tmp/a.sock".into()).to_string(), "/tmp/a.sock");
    }
}
