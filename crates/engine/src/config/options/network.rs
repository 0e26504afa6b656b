//! Where the server listens, and the settings of its sockets.

use std::path::PathBuf;

use crate::config::kind::{Addresses, FilePath, Integer, Octal, Text, YesNo};

const MAX: i64 = i32::MAX as i64;

options! {
    /// Where the server listens, and the settings of its sockets.
    Network at network;

    /// Addresses to listen on. A dash before an address means that it may be absent on this machine. `*` is every
    /// IPv4 address, `::*` every IPv6 address. With "" there is no TCP.
    bind: Addresses = vec!["*".to_owned(), "-::*".to_owned()], mutable;
    /// TCP port. With 0 there is no TCP.
    port: Integer<u16, 0, 65535> = 6379, mutable;
    /// Accept connections from this machine only, as long as the default user has no password.
    protected_mode: YesNo = true, mutable;
    /// Connections that may wait to be accepted; the system's own limit (somaxconn) applies as well.
    tcp_backlog: Integer<u32, 0, MAX> = 511, immutable;
    /// Unix socket to listen on.
    unixsocket: FilePath = PathBuf::new(), immutable;
    /// Permissions of the unix socket. 0 leaves those that the system gives it.
    unixsocketperm: Octal = 0, immutable;
    /// Seconds after which a silent client is closed. 0 means never.
    timeout: Integer<u32, 0, MAX> = 0, mutable;
    /// Seconds between probes of a silent connection, so that dead peers are noticed. 0 turns them off.
    tcp_keepalive: Integer<u32, 0, MAX> = 300, mutable;
    /// Address that outgoing connections, as those to a primary, come from.
    bind_source_addr: Text = String::new(), mutable;
    /// Mark of the listening sockets for the system's packet filter. 0 means none.
    socket_mark_id: Integer<u32, 0, { u32::MAX as i64 }> = 0, immutable;
}
