//! The link while it is made: what the node knows when it connects, and a stream that goes on.

use super::LinkThread;
use crate::compare::live_keys;
use crate::follower::ended::Ended;
use crate::follower::judge::{Ours, Verdict};
use crate::follower::machine::{Input, Machine, Situation};
use crate::handshake::Greeting;
use engine::engine::Node;
use engine::facts::replication::LinkState;
use engine::facts::replication_events::{Cause, Side, What};
use log::{Offset, ReplicationId};
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
        if node.engine.replication.order != self.order {
            return Err(Ended::withdrawn());
        }
        let now_ms = node.engine.clock.wall_ms;
        let mut standing = node.standing();
        if standing.keys > 0 {
            standing.keys = live_keys(&mut node.keyspace, now_ms);
        }
        let config = &node.engine.config.replication;
        let timeout = Duration::from_secs(u64::from(config.repl_timeout));
        let (is_safe, no_delay) = (config.replica_safe_follow, !config.repl_disable_tcp_nodelay);
        let source = node.engine.config.network.bind_source_addr.parse().ok();
        let mut greeting = greeting(&node);
        let Some(link) = node.engine.replication.primary.as_mut() else { return Err(Ended::withdrawn()) };
        link.state = LinkState::Connecting;
        let (host, port, has_consent) = (link.host.clone(), link.port, link.has_consent);
        drop(node);
        self.peer = format!("{host}:{port}");
        greeting.holds_data = standing.keys > 0 && is_safe && !has_consent;
        notice!("Connecting to MASTER {host}:{port}");
        let route = Route { address: Address::Tcp { host: host.clone(), port }, source, timeout, no_delay };
        let ours = Ours { standing, is_safe, has_consent, host, port };
        let timeout_ms = timeout.as_millis() as u64;
        Ok((route, Situation { greeting, ours, timeout_ms, verdict: Verdict::Follow }))
    }

    /// The stream goes on where the log ends.
    pub(super) fn continue_stream(
        &mut self,
        id: Option<ReplicationId>,
        machine: &Machine,
    ) -> Result<(), Ended> {
        notice!("Successful partial resynchronization with master.");
        let asked = machine.situation().and_then(|situation| situation.greeting.have);
        let mut node = self.shared.lock();
        if node.engine.replication.order != self.order {
            return Err(Ended::withdrawn());
        }
        let propagation = &mut node.engine.propagation;
        let end = propagation.end();
        if asked.map(|(_, offset)| offset) != Some(end) {
            return Err(Ended::new(Cause::Other, "the log has moved while the link was made"));
        }
        if let Some(id) = id.filter(|id| *id != propagation.history.id) {
            notice!("Master replication ID changed to {id}");
            let former = propagation.history;
            propagation.history.shift(id, end);
            if let Some((id, up_to)) = former.second_id {
                node.engine.replication.lineage.went_on_from(id, up_to);
            }
            node.engine.close_replica_links();
        }
        node.engine.note_link(
            (Side::Primary, &self.peer),
            What::PartialResync,
            Cause::InStep,
            format_args!("from offset {end}"),
        );
        notice!("MASTER <-> REPLICA sync: Master accepted a Partial Resynchronization.");
        Ok(())
    }
}

/// What the node says of itself.
pub(crate) fn greeting(node: &Node) -> Greeting {
    let propagation = &node.engine.propagation;
    let has_past = propagation.end() > Offset::ZERO || propagation.tail.backlog_facts().active;
    let config = &node.engine.config.replication;
    let port = node.engine.process.port;
    let secret = |bytes: &[u8]| (!bytes.is_empty()).then(|| bytes.to_vec());
    Greeting {
        user: secret(config.masteruser.as_bytes()),
        password: secret(config.masterauth.as_bytes()),
        port: if config.replica_announce_port != 0 { config.replica_announce_port } else { port },
        address: (!config.replica_announce_ip.is_empty()).then(|| config.replica_announce_ip.clone()),
        have: has_past.then(|| (propagation.history.id, propagation.end())),
        hands_over: node.engine.replication.hands_over(),
        node_id: node.engine.replication.node_id,
        holds_data: false,
        recovers: node.engine.replication.primary.as_ref().is_some_and(|link| link.is_recovery),
        version: rdb::version::VALKEY_READ.to_string(),
    }
}
