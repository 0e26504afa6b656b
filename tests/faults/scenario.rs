//! What goes wrong in a scenario, drawn from its seed.

use std::fmt::{self, Display, Formatter};

use testkit::{Fault, Network};

/// Who follows whom. Node 0 is the primary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topology {
    Pair,
    TwoReplicas,
    Chain,
}

impl Topology {
    pub fn nodes(self) -> usize {
        if self == Self::Pair { 2 } else { 3 }
    }

    /// Whom a node follows.
    pub fn above(self, node: usize) -> Option<usize> {
        match (self, node) {
            (_, 0) => None,
            (Self::Chain, node) => Some(node - 1),
            _ => Some(0),
        }
    }

    /// Each link: who follows, and whom.
    pub fn links(self) -> Vec<(usize, usize)> {
        (0..self.nodes()).filter_map(|node| Some((node, self.above(node)?))).collect()
    }
}

/// What the nodes keep on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Persistence {
    Nothing,
    Rdb,
    AofEverysec,
    AofAlways,
}

impl Persistence {
    pub fn is_log(self) -> bool {
        matches!(self, Self::AofEverysec | Self::AofAlways)
    }

    pub fn lines(self) -> &'static str {
        match self {
            Self::Nothing | Self::Rdb => "appendonly no",
            Self::AofEverysec => "appendonly yes\nappendfsync everysec",
            Self::AofAlways => "appendonly yes\nappendfsync always",
        }
    }
}

/// What is written meanwhile, in bursts.
#[derive(Clone, Copy, Debug)]
pub struct LoadShape {
    pub writes: u32,
    pub value_bytes: usize,
    /// Each burst is a transaction.
    pub transactions: bool,
    /// Each burst ends with WAIT 1.
    pub waits: bool,
}

/// One thing that goes wrong.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Trouble {
    Network(Fault),
    /// The process is stopped, and goes on later.
    Stop(usize),
    /// The process is killed, and started again later.
    Kill(usize),
    /// The process is asked to end, and started again later.
    End(usize),
}

impl Trouble {
    /// Whose process it is about.
    pub fn process(self) -> Option<usize> {
        match self {
            Self::Network(_) => None,
            Self::Stop(node) | Self::Kill(node) | Self::End(node) => Some(node),
        }
    }

    /// Who is not the same process afterwards.
    pub fn restarted(self) -> Option<usize> {
        self.process().filter(|_| !matches!(self, Self::Stop(_)))
    }
}

/// How long it lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// While so many bursts are written.
    Bursts(u32),
    /// Until the other side has noticed, which silence takes `repl-timeout` for.
    Noticed,
}

/// Troubles that come and go together.
#[derive(Clone, Debug)]
pub struct Step {
    pub troubles: Vec<Trouble>,
    pub length: Length,
    /// Processes come back before the network does.
    pub processes_first: bool,
}

/// All that a seed stands for.
#[derive(Clone, Debug)]
pub struct Scenario {
    pub seed: u64,
    pub topology: Topology,
    pub persistence: Persistence,
    pub load: LoadShape,
    pub backlog_bytes: u64,
    pub steps: Vec<Step>,
}

/// Draws a scenario's parts; the network comes in late, for it says which faults it can make.
pub struct Draw {
    random: fastrand::Rng,
    seed: u64,
    pub topology: Topology,
}

impl Draw {
    pub fn new(seed: u64) -> Self {
        let mut random = fastrand::Rng::with_seed(seed);
        let topology = [Topology::Pair, Topology::TwoReplicas, Topology::Chain][random.usize(0..3)];
        Self { random, seed, topology }
    }

    pub fn scenario(mut self, network: &dyn Network) -> Scenario {
        let random = &mut self.random;
        let kinds =
            [Persistence::Nothing, Persistence::Rdb, Persistence::AofEverysec, Persistence::AofAlways];
        let persistence = kinds[random.usize(0..kinds.len())];
        let load = LoadShape {
            writes: [1, 10, 100][random.usize(0..3)],
            value_bytes: [8, 100, 4000][random.usize(0..3)],
            transactions: random.u32(0..3) == 0,
            waits: random.u32(0..4) > 0,
        };
        let backlog_bytes = [64 << 10, 1 << 20, 64 << 20][random.usize(0..3)];
        let count = random.usize(1..=3);
        let steps = (0..count).map(|_| self.step(persistence, network)).collect();
        Scenario { seed: self.seed, topology: self.topology, persistence, load, backlog_bytes, steps }
    }

    fn step(&mut self, persistence: Persistence, network: &dyn Network) -> Step {
        let first = self.trouble(persistence, network);
        let mut troubles = vec![first];
        // A primary that comes back is to find its replicas as they were.
        if first.process() != Some(0) && self.random.u32(0..4) == 0 {
            let second = self.trouble(persistence, network);
            if second.process() != Some(0) && (second.process() != first.process()) {
                troubles.push(second);
            }
        }
        let length =
            if self.random.bool() { Length::Noticed } else { Length::Bursts(self.random.u32(1..60)) };
        Step { troubles, length, processes_first: self.random.bool() }
    }

    fn trouble(&mut self, persistence: Persistence, network: &dyn Network) -> Trouble {
        let fault = self.fault();
        let node = self.random.usize(0..self.topology.nodes());
        let trouble = match self.random.u32(0..10) {
            0 => Trouble::Stop(node),
            1 | 2 => Trouble::Kill(node),
            3 => Trouble::End(node),
            _ if network.can(fault) => Trouble::Network(fault),
            _ => Trouble::Stop(node),
        };
        match (trouble, persistence) {
            // That would be a primary that comes back with nothing, or with less than it had: tests of its own.
            (Trouble::Kill(0) | Trouble::End(0), Persistence::Nothing) => Trouble::Stop(0),
            (Trouble::Kill(0), Persistence::Rdb) => Trouble::End(0),
            _ => trouble,
        }
    }

    fn fault(&mut self) -> Fault {
        let links = self.topology.links();
        let (below, above) = links[self.random.usize(0..links.len())];
        let random = &mut self.random;
        match random.u32(0..8) {
            0 => Fault::OneWay { from: above, to: below },
            1 => Fault::OneWay { from: below, to: above },
            2 | 3 => Fault::Silence(below, above),
            4 | 5 => Fault::Reset(below, above),
            6 if random.bool() => Fault::Loss(below, above, random.u32(5..40)),
            6 => Fault::Delay(below, above, random.u32(1..100)),
            _ => Fault::Slow(if random.bool() { above } else { below }, random.u32(20_000..2_000_000)),
        }
    }
}

impl Display for Trouble {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Network(fault) => write!(out, "{fault}"),
            Self::Stop(node) => write!(out, "{node} stopped"),
            Self::Kill(node) => write!(out, "{node} killed"),
            Self::End(node) => write!(out, "{node} shut down"),
        }
    }
}

impl Display for Scenario {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let Self { seed, topology, persistence, load, backlog_bytes, steps } = self;
        let LoadShape { writes, value_bytes, transactions, waits } = load;
        write!(
            out,
            "seed {seed}: {topology:?}, {persistence:?}, backlog {backlog_bytes}, bursts of {writes} writes of \
             {value_bytes} bytes{}{}",
            if *transactions { " in transactions" } else { "" },
            if *waits { " with WAIT" } else { "" },
        )?;
        for step in steps {
            let troubles: Vec<String> = step.troubles.iter().map(Trouble::to_string).collect();
            write!(out, "; {} ({:?})", troubles.join(" and "), step.length)?;
        }
        Ok(())
    }
}
