//! A network of namespaces, a node each, on a bridge in one more: faults are made by the kernel.

use std::fmt::Write as _;
use std::io;

use super::{Fault, Network};
use crate::builder::Host;
use crate::{Namespace, ServerBuilder};

/// Where every server listens: each has all ports of its namespace.
const PORT: u16 = 6379;

/// Bytes that pass a slow node at once.
const BURST_BYTES: u32 = 16 << 10;

/// Nodes in namespaces. No address in here can be reached from outside, and none outside from here: tests talk to the
/// servers over unix sockets, which no fault touches.
pub struct Namespaces {
    nodes: Vec<Namespace>,
    _bridge: Namespace,
    /// Whether the kernel can hold packets back for a time.
    delays: bool,
}

impl Namespaces {
    /// So many nodes. Needs root, and the tools `ip`, `tc`, `nft`, `unshare` and `nsenter`.
    pub fn new(count: usize) -> io::Result<Self> {
        let bridge = Namespace::new()?;
        bridge.run(&["ip", "-batch", "-"], "link add bridge type bridge\nlink set bridge up\n")?;
        let nodes: Vec<Namespace> = (0..count).map(|_| Namespace::new()).collect::<io::Result<_>>()?;
        for (number, node) in nodes.iter().enumerate() {
            let pid = node.pid();
            let plug = format!(
                "link add port{number} type veth peer name eth0 netns {pid}\n\
                 link set port{number} master bridge\nlink set port{number} up\n"
            );
            bridge.run(&["ip", "-batch", "-"], &plug)?;
            let own = host(number);
            node.run(&["ip", "-batch", "-"], &format!("addr add {own}/24 dev eth0\nlink set eth0 up\n"))?;
            node.run(&["nft", "-f", "-"], "flush ruleset\n")?;
            slow_down(node, 1 << 20)?;
            speed_up(node);
        }
        let hold = ["tc", "qdisc", "add", "dev", "eth0", "root", "netem", "delay", "1ms"];
        let delays = nodes.first().is_some_and(|node| node.run(&hold, "").is_ok());
        nodes.iter().for_each(speed_up);
        Ok(Self { nodes, _bridge: bridge, delays })
    }

    /// What a node does to what arrives, in the language of nftables.
    fn rules(&self, node: usize, faults: &[Fault]) -> String {
        // Each end answers the other's packets with resets: they themselves have to pass.
        let mut rules = "flush ruleset\ntable inet faults {\nchain arriving {\n\
             type filter hook input priority 0;\ntcp flags & rst == rst accept\n"
            .to_owned();
        for fault in faults {
            let (others, what) = match *fault {
                Fault::OneWay { from, to } => (only(from, to, node), "drop".to_owned()),
                Fault::Silence(one, two) => (either(one, two, node), "drop".to_owned()),
                Fault::Reset(one, two) => {
                    (either(one, two, node), "meta l4proto tcp reject with tcp reset".to_owned())
                }
                Fault::Loss(one, two, percent) => {
                    (either(one, two, node), format!("numgen random mod 100 < {percent} drop"))
                }
                Fault::Delay(..) | Fault::Slow(..) => (None, String::new()),
            };
            if let Some(other) = others {
                let _ = writeln!(rules, "ip saddr {} {what}", host(other));
            }
        }
        rules + "}\n}\n"
    }

    fn forget_neighbours(&self) {
        for node in &self.nodes {
            node.run(&["ip", "neigh", "flush", "all"], "").expect("neighbours can be forgotten");
        }
    }
}

impl Network for Namespaces {
    fn name(&self) -> &'static str {
        "namespaces"
    }

    fn place(&self, node: usize, server: ServerBuilder) -> ServerBuilder {
        server.host(Host { address: host(node), port: PORT, entrance: self.nodes[node].entrance() })
    }

    fn address(&self, _from: usize, to: usize) -> String {
        format!("{}:{PORT}", host(to))
    }

    fn can(&self, fault: Fault) -> bool {
        self.delays || !matches!(fault, Fault::Delay(..))
    }

    fn set(&self, faults: &[Fault]) {
        for (number, node) in self.nodes.iter().enumerate() {
            speed_up(node);
            for fault in faults {
                match *fault {
                    Fault::Slow(slow, rate) if slow == number => {
                        slow_down(node, rate).expect("a rate can be set");
                    }
                    Fault::Delay(one, two, ms) if either(one, two, number).is_some() => {
                        let time = format!("{}us", ms * 500);
                        node.run(
                            &["tc", "qdisc", "replace", "dev", "eth0", "root", "netem", "delay", &time],
                            "",
                        )
                        .expect("a delay can be set");
                    }
                    _ => {}
                }
            }
            node.run(&["nft", "-f", "-"], &self.rules(number, faults)).expect("rules can be set");
        }
    }

    fn give_address(&self, of: usize, to: usize) {
        let own = format!("{}/24", host(of));
        self.nodes[of].run(&["ip", "addr", "del", &own, "dev", "eth0"], "").expect("it has that address");
        self.nodes[to].run(&["ip", "addr", "add", &own, "dev", "eth0"], "").expect("it is free now");
        self.forget_neighbours();
    }
}

/// The address of a node.
fn host(node: usize) -> String {
    format!("10.77.0.{}", node + 1)
}

fn only(from: usize, to: usize, node: usize) -> Option<usize> {
    (node == to).then_some(from)
}

/// The other one of two, for one of them.
fn either(one: usize, two: usize, node: usize) -> Option<usize> {
    only(one, two, node).or_else(|| only(two, one, node))
}

fn slow_down(node: &Namespace, bytes_per_second: u32) -> io::Result<()> {
    let (rate, burst) = (format!("{}bit", u64::from(bytes_per_second) * 8), BURST_BYTES.to_string());
    let words = ["tc", "qdisc", "replace", "dev", "eth0", "root", "tbf", "rate", &rate, "burst", &burst];
    node.run(&[&words[..], &["latency", "400ms"]].concat(), "")
}

fn speed_up(node: &Namespace) {
    // Most often there is nothing to take away.
    let _ = node.run(&["tc", "qdisc", "del", "dev", "eth0", "root"], "");
}
