//! The listening sockets as the configuration wants them.

use engine::config::Config;
use net::listener::{Listener, TcpSettings, UnixSettings, listen_tcp, listen_unix};

/// Opens all of them, or says in log lines why not.
pub fn open(config: &Config) -> Result<Vec<Listener>, Vec<String>> {
    let network = &config.network;
    let mut listeners = Vec::new();
    if network.port != 0 {
        let settings = TcpSettings {
            addresses: &network.bind,
            port: network.port,
            backlog: network.tcp_backlog,
            mark: network.socket_mark_id,
        };
        match listen_tcp(&settings) {
            Ok(bound) => {
                for missing in &bound.missing {
                    stdx::logging::warning!("{missing}");
                }
                listeners.extend(bound.listeners);
            }
            Err(error) => {
                let mut lines: Vec<String> = error.failures.iter().map(ToString::to_string).collect();
                lines.push(error.to_string());
                return Err(lines);
            }
        }
    }
    if !network.unixsocket.as_os_str().is_empty() {
        let settings = UnixSettings {
            path: &network.unixsocket,
            permission: network.unixsocketperm,
            group: None,
            backlog: network.tcp_backlog,
        };
        listeners.push(listen_unix(&settings).map_err(|error| vec![error.to_string()])?);
    }
    Ok(listeners)
}
