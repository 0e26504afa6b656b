//! A scenario played: trouble comes and goes under load, and afterwards all is as it should be.

use std::time::{Duration, Instant};

use testkit::{Network, Program, try_wait_for};

use super::cluster::Cluster;
use super::judge::{Before, Judgement};
use super::load::{Load, missing};
use super::scenario::{Draw, Length, Persistence, Scenario, Step, Trouble};

/// How long something may take that has to come true.
const DEADLINE: Duration = Duration::from_secs(60);

/// How long a burst waits for a primary that takes no connections.
const NO_PRIMARY_PACE: Duration = Duration::from_millis(10);

/// Bursts that are written before the first trouble.
const FIRST_BURSTS: usize = 20;

/// What became of a scenario.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    pub full: i64,
    /// Full resyncs though the bytes that were missed were held.
    pub needless: i64,
    pub partial: i64,
    /// Writes that are gone though they had been acknowledged, by a replica too or by a primary that never went away.
    pub lost: usize,
    /// How often a replica served less than before.
    pub served_less: usize,
    /// From the end of the troubles until all were in step.
    pub settling: Duration,
    /// All that should not be, in words.
    pub wrong: Vec<String>,
    /// The ends of the logs, if something is wrong.
    pub last_words: String,
}

/// Plays the scenario of a seed.
pub fn play(program: &Program, seed: u64, network: fn(usize) -> Box<dyn Network>) -> (Scenario, Outcome) {
    let draw = Draw::new(seed);
    let network = network(draw.topology.nodes());
    let scenario = draw.scenario(network.as_ref());
    let cluster = Cluster::start(program, &scenario, network);
    let load = Load::new(scenario.load, seed);
    let mut run = Run { scenario: &scenario, cluster, load, outcome: Outcome::default(), restarted: false };
    if let Err(wrong) = run.play() {
        run.outcome.wrong.push(wrong);
    }
    let less = std::mem::take(&mut run.cluster.served_less);
    run.outcome.served_less = less.len();
    run.outcome.wrong.extend(less.into_iter().take(3));
    if !run.outcome.wrong.is_empty() {
        run.outcome.last_words = run.cluster.last_words();
    }
    let outcome = run.outcome;
    (scenario, outcome)
}

struct Run<'a> {
    scenario: &'a Scenario,
    cluster: Cluster,
    load: Load,
    outcome: Outcome,
    /// The primary is not the process any more that acknowledged the first writes.
    restarted: bool,
}

impl Run<'_> {
    fn play(&mut self) -> Result<(), String> {
        for _ in 0..FIRST_BURSTS {
            self.tick();
        }
        self.settle()?;
        if self.scenario.persistence == Persistence::Rdb {
            self.cluster.save();
        }
        for step in &self.scenario.steps {
            self.step(step).map_err(|wrong| format!("{wrong} (in the step of {:?})", step.troubles))?;
        }
        self.must_be_alike()?;
        self.must_have_lost_nothing()
    }

    fn step(&mut self, step: &Step) -> Result<(), String> {
        self.load.begin_step();
        let before = Before::of(&mut self.cluster)?;
        let replicas: Vec<Option<i64>> =
            (0..self.cluster.nodes.len()).map(|node| self.cluster.replicas(node)).collect();
        self.begin(step);
        match step.length {
            Length::Bursts(count) => (0..count).for_each(|_| self.tick()),
            Length::Noticed => {
                for trouble in &step.troubles {
                    self.until(&format!("somebody has noticed: {trouble}"), |run| {
                        run.is_noticed(*trouble, step, &replicas)
                    })?;
                }
            }
        }
        self.heal(step)?;
        let healed = Instant::now();
        self.settle()?;
        self.outcome.settling += healed.elapsed();
        let judgement = Judgement::of(&mut self.cluster, &before, self.scenario, step)?;
        self.outcome.full += judgement.full;
        self.outcome.partial += judgement.partial;
        self.outcome.needless += judgement.needless;
        self.outcome.wrong.extend(judgement.wrong);
        Ok(())
    }

    fn begin(&mut self, step: &Step) {
        let faults: Vec<_> = step
            .troubles
            .iter()
            .filter_map(|trouble| if let Trouble::Network(fault) = trouble { Some(*fault) } else { None })
            .collect();
        self.cluster.network.set(&faults);
        for trouble in &step.troubles {
            match *trouble {
                Trouble::Network(_) => {}
                Trouble::Stop(node) => self.cluster.stop(node),
                Trouble::Kill(node) => {
                    if node == 0
                        && let Some(client) = self.cluster.client(0)
                    {
                        self.load.burst_in_flight(client);
                    }
                    self.cluster.kill(node);
                }
                Trouble::End(node) => self.cluster.end(node, self.scenario.persistence),
            }
            self.restarted |= trouble.restarted() == Some(0);
        }
    }

    fn heal(&mut self, step: &Step) -> Result<(), String> {
        if !step.processes_first {
            self.cluster.network.set(&[]);
        }
        for trouble in &step.troubles {
            match *trouble {
                Trouble::Network(_) => {}
                Trouble::Stop(node) => self.cluster.go_on(node),
                Trouble::Kill(node) | Trouble::End(node) => self.cluster.start_again(node)?,
            }
        }
        self.cluster.network.set(&[]);
        Ok(())
    }

    /// Whether a trouble shows at the other end; what only slows down never does.
    fn is_noticed(&mut self, trouble: Trouble, step: &Step, replicas: &[Option<i64>]) -> bool {
        use testkit::Fault::{Delay, Loss, OneWay, Reset, Silence, Slow};
        let lower = match trouble {
            Trouble::Network(Loss(..) | Delay(..) | Slow(..)) => return true,
            Trouble::Network(OneWay { from, to }) => from.max(to),
            Trouble::Network(Silence(one, two) | Reset(one, two)) => one.max(two),
            Trouble::Stop(node) | Trouble::Kill(node) | Trouble::End(node) => node,
        };
        let is_out = |run: &Self, node: usize| run.cluster.nodes[node].is_out;
        if lower != 0 {
            let above = self.cluster.topology.above(lower).expect("only the primary has none");
            let fewer = self.cluster.replicas(above).zip(replicas[above]);
            let lost = fewer.is_some_and(|(now, then)| now < then);
            let down = !is_out(self, lower) && !self.cluster.has_link(lower);
            return lost || down || (is_out(self, above) && is_out(self, lower));
        }
        // The primary itself: whoever follows it and can be asked.
        let links = self.cluster.topology.links();
        let below: Vec<usize> = links
            .into_iter()
            .filter(|link| link.1 == 0 && !is_out(self, link.0))
            .map(|link| link.0)
            .collect();
        step.troubles.len() > 1 || below.into_iter().all(|node| !self.cluster.has_link(node))
    }

    /// A burst of the load, if there is a primary, and a look at what the replicas serve.
    fn tick(&mut self) {
        let written = match self.cluster.client(0) {
            Some(client) => self.load.burst(client).is_ok(),
            None => {
                // Nothing paces the load until the primary takes connections again.
                try_wait_for(NO_PRIMARY_PACE, || self.cluster.client(0).map(drop));
                true
            }
        };
        if !written {
            self.cluster.forget_client(0);
        }
        self.cluster.look();
    }

    /// Goes on with the load until something holds.
    fn until(&mut self, what: &str, mut holds: impl FnMut(&mut Self) -> bool) -> Result<(), String> {
        let began = Instant::now();
        while !holds(self) {
            if began.elapsed() > DEADLINE {
                return Err(format!("waited {DEADLINE:?} in vain until {what}"));
            }
            self.tick();
        }
        Ok(())
    }

    /// Lets every link come up under load, then lets the load rest until all are in step.
    fn settle(&mut self) -> Result<(), String> {
        self.until("every link is up", |run| {
            (1..run.cluster.nodes.len()).all(|node| run.cluster.has_link(node))
        })?;
        let mut offsets: Vec<Option<i64>> = Vec::new();
        let in_step = try_wait_for(DEADLINE, || {
            offsets = (0..self.cluster.nodes.len()).map(|node| self.cluster.offset(node)).collect();
            let up = (1..offsets.len()).all(|node| self.cluster.has_link(node));
            let written = (0..offsets.len()).all(|node| self.cluster.has_written_its_log(node));
            self.cluster.look();
            let alike = offsets[0].is_some() && offsets.iter().all(|offset| *offset == offsets[0]);
            (up && written && alike).then_some(())
        });
        in_step.ok_or_else(|| format!("waited {DEADLINE:?} in vain until all are in step: {offsets:?}"))
    }

    /// Digests and histories are equal.
    fn must_be_alike(&mut self) -> Result<(), String> {
        let began = Instant::now();
        loop {
            let mut seen = Vec::new();
            for node in 0..self.cluster.nodes.len() {
                let history =
                    self.cluster.info(node, "replication").map(|info| info.text("master_replid").to_owned());
                let client = self.cluster.client(node).ok_or("a node is gone")?;
                let keys = client.run("DBSIZE").integer();
                seen.push((client.command(&["DEBUG", "DIGEST"]).text(), keys, history));
            }
            if seen.iter().all(|one| *one == seen[0]) {
                return Ok(());
            }
            if began.elapsed() > DEADLINE {
                return Err(format!("digests, keys and histories differ: {seen:?}"));
            }
        }
    }

    fn must_have_lost_nothing(&mut self) -> Result<(), String> {
        let kept = !self.restarted || self.scenario.persistence == Persistence::AofAlways;
        for node in 0..self.cluster.nodes.len() {
            let client = self.cluster.client(node).ok_or("a node is gone")?;
            let wanted = if kept { &self.load.acknowledged } else { &self.load.replicated };
            let gone = missing(wanted, client);
            self.outcome.lost = self.outcome.lost.max(gone.len());
            if let Some(first) = gone.first() {
                self.outcome.wrong.push(format!("node {node} has lost {} writes: {first}", gone.len()));
            }
        }
        Ok(())
    }
}
