//! How the servers of a test reach each other, and what goes wrong on the way: the same faults by the kernel's rules
//! between network namespaces, or by proxies where that is not allowed.

mod namespaces;
mod proxies;

pub use namespaces::Namespaces;
pub use proxies::Proxies;

use std::fmt::{self, Display, Formatter};

use crate::ServerBuilder;

/// What is wrong between nodes, which are named by their numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// What one sends does not arrive at the other.
    OneWay {
        /// Who sends.
        from: usize,
        /// Who receives nothing.
        to: usize,
    },
    /// Nothing passes between the two, without a word.
    Silence(usize, usize),
    /// Whatever one sends to the other is answered by the end of the connection.
    Reset(usize, usize),
    /// Of a hundred packets between the two, so many are lost.
    Loss(usize, usize, u32),
    /// So many milliseconds pass on the way between the two.
    Delay(usize, usize, u32),
    /// What the node sends passes at so many bytes a second.
    Slow(usize, u32),
}

/// A network of nodes with the numbers from 0. It begins without faults.
pub trait Network {
    /// Its name for reports.
    fn name(&self) -> &'static str;

    /// Lets a server be the node of this number.
    fn place(&self, node: usize, server: ServerBuilder) -> ServerBuilder;

    /// Where a node reaches another one, `HOST:PORT`.
    fn address(&self, from: usize, to: usize) -> String;

    /// Whether it can make this fault here.
    fn can(&self, fault: Fault) -> bool;

    /// Lets just these faults hold from now on; none heals the network.
    fn set(&self, faults: &[Fault]);

    /// Lets whoever connects to one node reach another one from now on, as when an address is given away.
    fn give_address(&self, of: usize, to: usize);
}

/// A network of namespaces where this process may make them, else one of proxies.
#[must_use]
pub fn network(nodes: usize) -> Box<dyn Network> {
    match Namespaces::new(nodes) {
        Ok(network) => Box::new(network),
        Err(_) => Box::new(Proxies::new(nodes)),
    }
}

impl Display for Fault {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::OneWay { from, to } => write!(out, "nothing from {from} reaches {to}"),
            Self::Silence(one, two) => write!(out, "silence between {one} and {two}"),
            Self::Reset(one, two) => write!(out, "resets between {one} and {two}"),
            Self::Loss(one, two, percent) => write!(out, "{percent} % lost between {one} and {two}"),
            Self::Delay(one, two, ms) => write!(out, "{ms} ms between {one} and {two}"),
            Self::Slow(node, rate) => write!(out, "{node} sends {rate} bytes/s"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Program, Server, skip, wait_until};

    /// One server of Redis follows another one, loses it by each fault, and finds it again.
    fn follows_and_is_cut(network: &dyn Network) {
        let Some(redis) = Program::redis_7() else { return skip("there is no redis-server here") };
        let lines = "repl-timeout 2\nrepl-ping-replica-period 1";
        let primary = network.place(0, Server::builder(&redis).lines(lines)).start();
        let replica = Server::builder(&redis).lines(lines).replica_of(&network.address(1, 0));
        let replica = network.place(1, replica).start();
        let is = |state: &str| replica.info("replication").text("master_link_status") == state;
        for fault in
            [Fault::Silence(0, 1), Fault::OneWay { from: 0, to: 1 }, Fault::Reset(1, 0), Fault::Slow(0, 1000)]
        {
            wait_until("the link is up", || is("up"));
            network.set(&[fault]);
            if !matches!(fault, Fault::Slow(..)) {
                wait_until(&format!("{fault} has cut the link"), || is("down"));
            }
            network.set(&[]);
        }
        wait_until("the link is up again", || is("up"));
        assert!(primary.client().run("SET k v").is_ok());
        wait_until("it arrives", || replica.client().run("GET k").to_string() == "\"v\"");
    }

    #[test]
    fn proxies_make_faults() {
        follows_and_is_cut(&Proxies::new(2));
    }

    #[test]
    fn namespaces_make_faults() {
        match Namespaces::new(2) {
            Ok(network) => follows_and_is_cut(&network),
            Err(error) => skip(&format!("no network namespaces: {error}")),
        }
    }

    #[test]
    fn an_address_is_given_away() {
        let Some(redis) = Program::redis_7() else { return skip("there is no redis-server here") };
        let network = network(3);
        let start = |node| network.place(node, Server::builder(&redis)).start();
        let (one, two) = (start(0), start(1));
        assert!(one.client().run("SET who one").is_ok() && two.client().run("SET who two").is_ok());
        network.give_address(0, 1);
        let replica = Server::builder(&redis).replica_of(&network.address(2, 0));
        let replica = network.place(2, replica).start();
        wait_until("the other's data arrive", || replica.client().run("GET who").to_string() == "\"two\"");
    }
}
