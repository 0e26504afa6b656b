//! The link while it is made: what the node knows when it connects, and a stream that goes on.

use super::LinkThread;
use crate::follower::ended::Ended;
use crate::follower::machine::{Input, Machine, Situation};
use crate::follower::on_node;
use log::ReplicationId;
use net::stream::{Address, Stream};
use std::net::IpAddr;
use std::time::Duration;
use stdx::logging::notice;

/// How the connection is made.
struct Route {
    address: Address,
    source: Option<IpAddr>,
    timeout: Duration,
    no_delay: bool,
}

impl Route {
    fn connect(&self) -> std::io::Result<Stream> {
        let stream = match (self.source, &self.address) {
            (Some(source), Address::Tcp { host, port }) => {
                Stream::connect_from(host, *port, source, self.timeout)
            }
            _ => Stream::connect(&self.address, Some(self.timeout)),
        }?;
        stream.set_nodelay(self.no_delay)?;
        stream.set_write_timeout(Some(self.timeout))?;
        Ok(stream)
    }
}

impl LinkThread {
    pub(super) fn connect(&mut self) -> Result<Input<'static>, Ended> {
        let (route, situation) = self.begin()?;
        notice!("MASTER <-> REPLICA sync started");
        let stream = route.connect().map_err(|error| Ended::of_connecting(&error))?;
        let second = stream.try_clone().map_err(|error| Ended::of_connecting(&error))?;
        self.link.socket.lock().replace(second);
        self.read_wait_ms = 0;
        self.stream = Some(stream);
        match &situation.greeting.have {
            Some((id, offset)) => {
                notice!("Trying a partial resynchronization (request {id}:{}).", offset.next_byte());
            }
            None => notice!("Partial resynchronization not possible (no cached master)"),
        }
        Ok(Input::Connected(Box::new(situation)))
    }

    fn begin(&mut self) -> Result<(Route, Situation), Ended> {
        let mut node = self.shared.lock();
        let situation = on_node::situation(&mut node, self.order)?;
        let (host, port) = (situation.ours.host.clone(), situation.ours.port);
        self.peer = format!("{host}:{port}");
        let options = &node.engine.config.replication;
        let timeout = Duration::from_millis(situation.timeout_ms);
        let no_delay = !options.repl_disable_tcp_nodelay;
        let source = node.engine.config.network.bind_source_addr.parse().ok();
        notice!("Connecting to MASTER {host}:{port}");
        Ok((Route { address: Address::Tcp { host, port }, source, timeout, no_delay }, situation))
    }

    /// The stream goes on where the log ends.
    pub(super) fn continue_stream(
        &mut self,
        id: Option<ReplicationId>,
        machine: &Machine,
    ) -> Result<(), Ended> {
        notice!("Successful partial resynchronization with master.");
        let asked = machine.situation().and_then(|situation| situation.greeting.have);
        on_node::continue_stream(&mut self.shared.lock(), self.order, id, asked)
    }
}
