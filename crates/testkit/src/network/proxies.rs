//! A network of proxies, one for each way between two nodes: faults are made by what they pass on.

use std::collections::HashMap;
use std::time::Duration;

use super::{Fault, Network};
use crate::{Proxy, ServerBuilder, free_port};

/// The largest piece that a proxy passes at once.
const PIECE_BYTES: u32 = 64 << 10;

/// Nodes on the loopback interface that reach each other through proxies. Lost packets cannot be had this way.
pub struct Proxies {
    ports: Vec<u16>,
    /// By who connects, and to whom.
    ways: HashMap<(usize, usize), Proxy>,
}

impl Proxies {
    /// So many nodes.
    #[must_use]
    pub fn new(count: usize) -> Self {
        let ports: Vec<u16> = (0..count).map(|_| free_port()).collect();
        let way = |from, to: usize| ((from, to), Proxy::to(&format!("127.0.0.1:{}", ports[to])));
        let ways = (0..count)
            .flat_map(|from| (0..count).filter(move |to| *to != from).map(move |to| (from, to)))
            .map(|(from, to)| way(from, to))
            .collect();
        Self { ports, ways }
    }

    /// The proxies between two nodes, whoever connects.
    fn between(&self, one: usize, two: usize) -> impl Iterator<Item = &Proxy> {
        [(one, two), (two, one)].into_iter().filter_map(|way| self.ways.get(&way))
    }

    fn make(&self, fault: Fault) {
        match fault {
            Fault::OneWay { from, to } => {
                self.ways[&(from, to)].hold_to_server();
                self.ways[&(to, from)].hold_to_client();
            }
            Fault::Silence(one, two) => self.between(one, two).for_each(Proxy::pause),
            Fault::Reset(one, two) => self.between(one, two).for_each(Proxy::cut_off),
            Fault::Delay(one, two, ms) => {
                let time = Duration::from_millis(u64::from(ms));
                self.between(one, two).for_each(|proxy| proxy.delay(time));
            }
            Fault::Slow(node, bytes_per_second) => {
                let time = Duration::from_secs(1) * PIECE_BYTES / bytes_per_second.max(1);
                let ways = self.ways.iter().filter(|((from, to), _)| [*from, *to].contains(&node));
                ways.for_each(|(_, proxy)| proxy.delay(time.min(Duration::from_millis(200))));
            }
            Fault::Loss(..) => {}
        }
    }
}

impl Network for Proxies {
    fn name(&self) -> &'static str {
        "proxies"
    }

    fn place(&self, node: usize, server: ServerBuilder) -> ServerBuilder {
        server.port(self.ports[node])
    }

    fn address(&self, from: usize, to: usize) -> String {
        self.ways[&(from, to)].address()
    }

    fn can(&self, fault: Fault) -> bool {
        !matches!(fault, Fault::Loss(..))
    }

    fn set(&self, faults: &[Fault]) {
        self.ways.values().for_each(Proxy::restore);
        faults.iter().for_each(|fault| self.make(*fault));
    }

    fn give_address(&self, of: usize, to: usize) {
        let target = format!("127.0.0.1:{}", self.ports[to]);
        let ways = self.ways.iter().filter(|((_, reached), _)| *reached == of);
        ways.for_each(|(_, proxy)| proxy.redirect(&target));
    }
}
