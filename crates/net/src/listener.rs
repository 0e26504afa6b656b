//! Listening sockets: TCP on several addresses, and a Unix socket; accepted connections come ready for the loop.
#![expect(clippy::disallowed_methods, reason = "the name of a unix socket is a file")]

use std::fmt;
use std::fs;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, ToSocketAddrs};
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::fs::{FileTypeExt, PermissionsExt, chown};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::time::Duration;

use socket2::{Domain, SockAddr, Socket, Type};

use crate::stream::Stream;

const SOMAXCONN: &str = "/proc/sys/net/core/somaxconn";

/// A listening socket. Never blocks; many threads may accept from it.
#[derive(Debug)]
pub struct Listener {
    socket: Listening,
}

#[derive(Debug)]
enum Listening {
    Tcp(TcpListener),
    Unix(UnixListener, PathBuf),
}

/// A connection that somebody made to us. It never blocks.
#[derive(Debug)]
pub struct Accepted {
    /// The connection.
    pub stream: Stream,
    /// Who connected: `127.0.0.1:1234`, `[::1]:1234`, `/path:0`.
    pub peer: String,
    /// What they connected to, in the same forms.
    pub local: String,
    /// Whether they are on this machine: through a Unix socket or the loopback interface.
    pub is_local: bool,
}

impl Listener {
    /// Takes a waiting connection; `None` when there is none. Readiness is told once: accept until `None` comes.
    ///
    /// An error (usually that no file descriptor is free) leaves the connection waiting: try again later.
    pub fn accept(&self) -> io::Result<Option<Accepted>> {
        loop {
            let accepted = match &self.socket {
                Listening::Tcp(listener) => accept_tcp(listener),
                Listening::Unix(listener, path) => accept_unix(listener, path),
            };
            match accepted {
                Ok(accepted) => return Ok(Some(accepted)),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(None),
                Err(error) if is_passing(&error) => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// The TCP port that is really listened on; `None` for a Unix socket.
    pub fn port(&self) -> Option<u16> {
        match &self.socket {
            Listening::Tcp(listener) => listener.local_addr().ok().map(|address| address.port()),
            Listening::Unix(..) => None,
        }
    }

    /// The path of a Unix socket, to be removed when it is closed for good.
    pub fn path(&self) -> Option<&Path> {
        match &self.socket {
            Listening::Tcp(_) => None,
            Listening::Unix(_, path) => Some(path),
        }
    }
}

impl AsRawFd for Listener {
    fn as_raw_fd(&self) -> RawFd {
        match &self.socket {
            Listening::Tcp(listener) => listener.as_raw_fd(),
            Listening::Unix(listener, _) => listener.as_raw_fd(),
        }
    }
}

/// Sets on an accepted TCP connection what every client's connection has; without effect on a Unix socket.
///
/// `keepalive_s` is how long a silent peer is left alone before it is probed, three times in as many seconds; 0 never.
pub fn tune(stream: &Stream, keepalive_s: u64) -> io::Result<()> {
    stream.set_nodelay(true)?;
    if keepalive_s > 0 { stream.set_keepalive(Duration::from_secs(keepalive_s)) } else { Ok(()) }
}

/// An address as logs and CLIENT LIST show it: an IPv6 address in brackets, without its zone.
pub fn address_text(address: SocketAddr) -> String {
    match address.ip() {
        IpAddr::V4(ip) => format!("{ip}:{}", address.port()),
        IpAddr::V6(ip) => format!("[{ip}]:{}", address.port()),
    }
}

fn accept_tcp(listener: &TcpListener) -> io::Result<Accepted> {
    let (stream, peer) = listener.accept()?;
    stream.set_nonblocking(true)?;
    let local = stream.local_addr()?;
    let is_local = peer.ip().to_canonical().is_loopback();
    Ok(Accepted {
        stream: Stream::Tcp(stream),
        peer: address_text(peer),
        local: address_text(local),
        is_local,
    })
}

fn accept_unix(listener: &UnixListener, path: &Path) -> io::Result<Accepted> {
    let (stream, _) = listener.accept()?;
    stream.set_nonblocking(true)?;
    let name = format!("{}:0", path.display());
    Ok(Accepted { stream: Stream::Unix(stream), peer: name.clone(), local: name, is_local: true })
}

/// Failures of one connection, not of the listener: the next one may be well.
fn is_passing(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted, NotConnected};
    matches!(error.kind(), Interrupted | ConnectionAborted | ConnectionReset | NotConnected)
}

/// How to listen on TCP.
#[derive(Clone, Debug)]
pub struct TcpSettings<'a> {
    /// IPv4 and IPv6 addresses, host names (their IPv4 address is taken), `*` for every IPv4 and `::*` for every IPv6
    /// address. One that begins with `-` may be missing on this machine.
    pub addresses: &'a [String],
    /// The port; 0 lets the kernel choose.
    pub port: u16,
    /// How many connections may wait to be accepted.
    pub backlog: u32,
    /// The mark of the sockets' packets, for routing rules; 0 for none.
    pub mark: u32,
}

/// What listening on several addresses gave.
#[derive(Debug)]
pub struct Bound {
    /// One for each address that could be had, in order.
    pub listeners: Vec<Listener>,
    /// Addresses that are missing and may be.
    pub missing: Vec<AddressFailure>,
}

/// Why one address cannot be listened on. Reads as the log line about it.
#[derive(Debug)]
pub struct AddressFailure {
    /// The address as configured, without its `-`.
    pub address: String,
    /// The port.
    pub port: u16,
    /// The call that failed, unless it was the look-up of a name.
    pub step: Option<&'static str>,
    /// Its error.
    pub error: io::Error,
}

impl fmt::Display for AddressFailure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let AddressFailure { address, port, .. } = self;
        write!(formatter, "Warning: Could not create server TCP listening socket {address}:{port}: ")?;
        write_failure(formatter, self.step, &self.error)
    }
}

/// Why a server cannot listen where it should. Reads as the last log line about it.
#[derive(Debug)]
pub struct ListenError {
    /// Every address that failed, to be logged first.
    pub failures: Vec<AddressFailure>,
    /// The port.
    pub port: u16,
}

impl fmt::Display for ListenError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Failed listening on port {} (tcp), aborting.", self.port)
    }
}

impl std::error::Error for ListenError {}

/// Listens on every address. If one fails that may not, none is listened on.
pub fn listen_tcp(settings: &TcpSettings<'_>) -> Result<Bound, ListenError> {
    let mut bound = Bound { listeners: Vec::new(), missing: Vec::new() };
    for configured in settings.addresses {
        let address = configured.strip_prefix('-').unwrap_or(configured);
        match listen_on(address, settings) {
            Ok(listener) => bound.listeners.push(listener),
            Err((step, error)) => {
                let may_fail = may_be_missing(&error, configured.starts_with('-'));
                bound.missing.push(AddressFailure {
                    address: address.to_owned(),
                    port: settings.port,
                    step,
                    error,
                });
                if !may_fail {
                    return Err(ListenError { failures: bound.missing, port: settings.port });
                }
            }
        }
    }
    Ok(bound)
}

/// An optional address may be absent; a protocol that the kernel lacks is nobody's mistake.
fn may_be_missing(error: &io::Error, is_optional: bool) -> bool {
    if error.kind() == io::ErrorKind::AddrNotAvailable {
        return is_optional;
    }
    // ENOPROTOOPT, EPROTONOSUPPORT, ESOCKTNOSUPPORT, EPFNOSUPPORT, EAFNOSUPPORT: no names in std.
    matches!(error.raw_os_error(), Some(92 | 93 | 94 | 96 | 97))
}

type Step = Option<&'static str>;

fn listen_on(address: &str, settings: &TcpSettings<'_>) -> Result<Listener, (Step, io::Error)> {
    let address = resolve(address, settings.port).map_err(|error| (None, error))?;
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)
        .map_err(|error| (Some("socket"), error))?;
    let set = |result: io::Result<()>| result.map_err(|error| (Some("setsockopt"), error));
    if address.is_ipv6() {
        set(socket.set_only_v6(true))?;
    }
    set(socket.set_reuse_address(true))?;
    if settings.mark > 0 {
        set(mark(&socket, settings.mark))?;
    }
    socket.bind(&address.into()).map_err(|error| (Some("bind"), error))?;
    listen(&socket, settings.backlog)?;
    Ok(Listener { socket: Listening::Tcp(socket.into()) })
}

#[cfg(target_os = "linux")]
fn mark(socket: &Socket, mark: u32) -> io::Result<()> {
    socket.set_mark(mark)
}

#[cfg(not(target_os = "linux"))]
fn mark(_: &Socket, _: u32) -> io::Result<()> {
    Err(io::Error::from(io::ErrorKind::Unsupported))
}

fn listen(socket: &Socket, backlog: u32) -> Result<(), (Step, io::Error)> {
    let backlog = i32::try_from(backlog).unwrap_or(i32::MAX);
    socket.listen(backlog).map_err(|error| (Some("listen"), error))?;
    socket.set_nonblocking(true).map_err(|error| (Some("fcntl"), error))
}

/// The one socket address that a configured address stands for. With a colon in it, it is an IPv6 one.
fn resolve(address: &str, port: u16) -> io::Result<SocketAddr> {
    match address {
        "*" => return Ok((Ipv4Addr::UNSPECIFIED, port).into()),
        "::*" => return Ok((Ipv6Addr::UNSPECIFIED, port).into()),
        _ => {}
    }
    let wants_ipv6 = address.contains(':');
    let mut found = (address, port).to_socket_addrs()?;
    found
        .find(|found| found.is_ipv6() == wants_ipv6)
        .ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "Address family for hostname not supported"))
}

/// How to listen on a Unix socket.
#[derive(Clone, Debug)]
pub struct UnixSettings<'a> {
    /// Where. A socket left there by an earlier server is replaced; any other kind of file is not.
    pub path: &'a Path,
    /// Permission bits of the socket; 0 leaves what the process's mask gives.
    pub permission: u32,
    /// The number of the group that is to own it.
    pub group: Option<u32>,
    /// How many connections may wait to be accepted.
    pub backlog: u32,
}

/// Why a Unix socket cannot be listened on. Reads as the log line about it.
#[derive(Debug)]
pub struct UnixListenError {
    /// The call that failed.
    pub step: &'static str,
    /// Its error.
    pub error: io::Error,
}

impl fmt::Display for UnixListenError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Failed opening Unix socket: ")?;
        write_failure(formatter, Some(self.step), &self.error)
    }
}

impl std::error::Error for UnixListenError {}

/// Listens on a Unix socket. Nobody can connect before its group and permission are set.
pub fn listen_unix(settings: &UnixSettings<'_>) -> Result<Listener, UnixListenError> {
    let failed = |step| move |error| UnixListenError { step, error };
    if fs::symlink_metadata(settings.path).is_ok_and(|found| found.file_type().is_socket()) {
        fs::remove_file(settings.path).map_err(failed("unlink"))?;
    }
    let socket = Socket::new(Domain::UNIX, Type::STREAM, None).map_err(failed("socket"))?;
    let address = SockAddr::unix(settings.path).map_err(failed("bind"))?;
    socket.bind(&address).map_err(failed("bind"))?;
    if settings.group.is_some() {
        chown(settings.path, None, settings.group).map_err(failed("chown"))?;
    }
    if settings.permission > 0 {
        let permission = fs::Permissions::from_mode(settings.permission);
        fs::set_permissions(settings.path, permission).map_err(failed("chmod"))?;
    }
    listen(&socket, settings.backlog)
        .map_err(|(step, error)| UnixListenError { step: step.unwrap_or("listen"), error })?;
    Ok(Listener { socket: Listening::Unix(socket.into(), settings.path.to_owned()) })
}

/// The kernel's limit on connections that wait to be accepted, when it is below `backlog`.
pub fn backlog_limit(backlog: u32) -> Option<u32> {
    let limit = fs::read_to_string(SOMAXCONN).ok()?.trim().parse().ok()?;
    (limit < backlog).then_some(limit)
}

/// The log line about a kernel limit that makes `backlog` ineffective, if it does.
pub fn backlog_warning(backlog: u32) -> Option<String> {
    let limit = backlog_limit(backlog)?;
    Some(format!(
        "WARNING: The TCP backlog setting of {backlog} cannot be enforced because {SOMAXCONN} is set to the lower \
         value of {limit}."
    ))
}

fn write_failure(formatter: &mut fmt::Formatter<'_>, step: Step, error: &io::Error) -> fmt::Result {
    if let Some(step) = step {
        write!(formatter, "{step}: ")?;
    }
    formatter.write_str(&os_text(error))
}

/// An error in the system's own words, without what Rust puts around them.
pub fn os_text(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.strip_prefix("failed to lookup address information: ").unwrap_or(&text);
    text.split(" (os error ").next().unwrap_or(text).to_owned()
}

#[cfg(test)]
mod tests;
