//! The servers of a scenario in their network, and what can be seen of them while it goes on.

use std::time::Duration;

use testkit::{Client, Info, Network, Program, Server, wait_until};

use super::scenario::{Persistence, Scenario, Topology};

/// How long a server may take for an answer before it is left alone.
const REPLY_DEADLINE: Duration = Duration::from_secs(10);

/// Silence for so long ends a link; the load's and the servers' own signs of life come more often.
const TIMES: &str = "repl-timeout 2\nrepl-ping-replica-period 1\nshutdown-timeout 2";

/// A server with the connection by which it is watched.
pub struct Node {
    pub server: Server,
    watch: Option<Client>,
    /// Stopped or dead: it cannot be asked.
    pub is_out: bool,
    /// The most that it has served, of the counter and of all keys, since its process began.
    most: (i64, i64),
    /// Its offset when it last wrote its RDB file.
    pub saved_offset: i64,
}

/// The servers of a scenario.
pub struct Cluster {
    pub network: Box<dyn Network>,
    pub topology: Topology,
    pub nodes: Vec<Node>,
    /// What a replica served less of than before, though its process went on.
    pub served_less: Vec<String>,
}

impl Cluster {
    pub fn start(program: &Program, scenario: &Scenario, network: Box<dyn Network>) -> Self {
        let topology = scenario.topology;
        let backlog = format!("repl-backlog-size {}", scenario.backlog_bytes);
        let start = |node| {
            let mut builder =
                Server::builder(program).lines(TIMES).line(&backlog).lines(scenario.persistence.lines());
            if let Some(above) = topology.above(node) {
                builder = builder.replica_of(&network.address(node, above));
            }
            let server = network.place(node, builder).start();
            Node { server, watch: None, is_out: false, most: (0, 0), saved_offset: 0 }
        };
        let nodes = (0..topology.nodes()).map(start).collect();
        Self { network, topology, nodes, served_less: Vec::new() }
    }

    /// The connection to a node, unless it is out or does not take one.
    pub fn client(&mut self, node: usize) -> Option<&mut Client> {
        let node = &mut self.nodes[node];
        if node.is_out {
            return None;
        }
        if node.watch.is_none() {
            let client = node.server.try_connect().ok()?;
            client.set_reply_deadline(REPLY_DEADLINE);
            node.watch = Some(client);
        }
        node.watch.as_mut()
    }

    pub fn forget_client(&mut self, node: usize) {
        self.nodes[node].watch = None;
    }

    /// A node's section of INFO, if it answers.
    pub fn info(&mut self, node: usize, section: &str) -> Option<Info> {
        match self.client(node)?.try_command(&["INFO", section]) {
            Ok(reply) if !reply.is_error() => Some(Info::parse(&reply.text())),
            Ok(_) => None,
            Err(_) => {
                self.forget_client(node);
                None
            }
        }
    }

    pub fn has_link(&mut self, node: usize) -> bool {
        self.info(node, "replication").is_some_and(|info| info.text("master_link_status") == "up")
    }

    /// Whether the log on disk begins with the copy that the node has taken, where there is a log.
    pub fn has_written_its_log(&mut self, node: usize) -> bool {
        let busy = ["aof_rewrite_in_progress", "aof_rewrite_scheduled"];
        self.info(node, "persistence").is_some_and(|info| busy.iter().all(|field| info.text(field) == "0"))
    }

    /// How many replicas a node counts.
    pub fn replicas(&mut self, node: usize) -> Option<i64> {
        self.info(node, "replication").map(|info| info.number("connected_slaves"))
    }

    /// A node's offset, if it answers.
    pub fn offset(&mut self, node: usize) -> Option<i64> {
        let info = self.info(node, "replication")?;
        let own = info.text("slave_repl_offset");
        Some(if own.is_empty() { info.number("master_repl_offset") } else { own.parse().unwrap_or(-1) })
    }

    /// Looks at what the replicas serve: it never becomes less while a process goes on.
    pub fn look(&mut self) {
        for node in 1..self.nodes.len() {
            let Some((counter, keys)) = self.served(node) else { continue };
            let most = self.nodes[node].most;
            if counter < most.0 || keys < most.1 {
                self.served_less.push(format!(
                    "node {node} served counter {counter} and {keys} keys after {} and {}",
                    most.0, most.1
                ));
            }
            self.nodes[node].most = (counter, keys);
        }
    }

    /// The counter and the count of keys that a node serves, unless it refuses to.
    fn served(&mut self, node: usize) -> Option<(i64, i64)> {
        let client = self.client(node)?;
        let mut ask = |words: &[&str]| client.try_command(words);
        match (ask(&["GET", "counter"]), ask(&["DBSIZE"])) {
            (Ok(counter), Ok(keys)) if !counter.is_error() && !keys.is_error() => {
                let counter = String::from_utf8_lossy(&counter.bytes().unwrap_or_default()).into_owned();
                Some((counter.parse().unwrap_or(0), keys.integer()))
            }
            (Err(_), _) | (_, Err(_)) => {
                self.forget_client(node);
                None
            }
            _ => None,
        }
    }

    /// Ends a node's process in order, with all that it is to keep.
    pub fn end(&mut self, node: usize, persistence: Persistence) {
        let saved = self.offset(node).unwrap_or(0);
        self.forget_client(node);
        let part = &mut self.nodes[node];
        if persistence == Persistence::Rdb {
            let _ = part.server.client().try_send(&Client::encode(&["SHUTDOWN", "SAVE"]));
            part.server.await_exit();
            part.saved_offset = saved;
        } else {
            part.server.terminate();
        }
        part.is_out = true;
    }

    pub fn kill(&mut self, node: usize) {
        self.forget_client(node);
        self.nodes[node].server.kill9();
        self.nodes[node].is_out = true;
    }

    pub fn stop(&mut self, node: usize) {
        self.nodes[node].server.signal("STOP");
        self.nodes[node].is_out = true;
    }

    pub fn go_on(&mut self, node: usize) {
        self.nodes[node].server.signal("CONT");
        self.nodes[node].is_out = false;
    }

    pub fn start_again(&mut self, node: usize) -> Result<(), String> {
        let part = &mut self.nodes[node];
        part.most = (0, 0);
        part.server.try_restart().map_err(|failure| failure.to_string())?;
        part.is_out = false;
        Ok(())
    }

    /// Writes every node's RDB file.
    pub fn save(&mut self) {
        for node in 0..self.nodes.len() {
            let offset = self.offset(node).unwrap_or(0);
            // A child that has sent a copy may not be gone yet.
            wait_until(&format!("node {node} saves"), || {
                self.client(node).is_some_and(|client| client.run("SAVE").is_ok())
            });
            self.nodes[node].saved_offset = offset;
        }
    }

    /// The last lines of every node's log.
    pub fn last_words(&self) -> String {
        let last = |(number, node): (usize, &Node)| {
            let log = node.server.log_text();
            let lines: Vec<&str> = log.lines().collect();
            format!("--- node {number}\n{}\n", lines[lines.len().saturating_sub(25)..].join("\n"))
        };
        self.nodes.iter().enumerate().map(last).collect()
    }
}
