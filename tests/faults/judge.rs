//! Whether a resync had to be a full one.

use super::cluster::Cluster;
use super::scenario::{Persistence, Scenario, Step, Trouble};

/// Bytes that the servers' own signs of life may take in the stream, and some room for how a backlog is cut.
const SLACK_BYTES: i64 = 16 << 10;

/// How things stood before a step.
pub struct Before {
    offsets: Vec<i64>,
    full: Vec<i64>,
    partial: Vec<i64>,
    history: String,
}

impl Before {
    pub fn of(cluster: &mut Cluster) -> Result<Self, String> {
        let history = history(cluster, 0)?;
        let nodes = 0..cluster.nodes.len();
        let offsets = nodes.clone().map(|node| cluster.offset(node).ok_or("no offset".to_owned()));
        let offsets = offsets.collect::<Result<_, _>>()?;
        let full = nodes.clone().map(|node| counter(cluster, node, "sync_full")).collect::<Result<_, _>>()?;
        let partial =
            nodes.map(|node| counter(cluster, node, "sync_partial_ok")).collect::<Result<_, _>>()?;
        Ok(Self { offsets, full, partial, history })
    }
}

/// What a step has cost.
pub struct Judgement {
    pub full: i64,
    pub partial: i64,
    pub needless: i64,
    pub wrong: Vec<String>,
}

impl Judgement {
    /// Called when all are in step again.
    pub fn of(
        cluster: &mut Cluster,
        before: &Before,
        scenario: &Scenario,
        step: &Step,
    ) -> Result<Self, String> {
        let mut judgement = Self { full: 0, partial: 0, needless: 0, wrong: Vec::new() };
        let mut copied = vec![false; cluster.nodes.len()];
        for above in 0..cluster.nodes.len() {
            // A new process counts anew.
            let is_new = was_restarted(step, above);
            let (full, partial) = if is_new { (0, 0) } else { (before.full[above], before.partial[above]) };
            let full = counter(cluster, above, "sync_full")? - full;
            judgement.full += full;
            judgement.partial += counter(cluster, above, "sync_partial_ok")? - partial;
            let links = scenario.topology.links().into_iter().filter(|link| link.1 == above);
            let below: Vec<usize> = links.map(|link| link.0).collect();
            let end = cluster.offset(0).ok_or("no offset")?;
            let mut allowed = false;
            for node in &below {
                allowed |= copied[above] || may_be_full(cluster, before, scenario, step, (*node, above), end);
            }
            if full > 0 {
                below.iter().for_each(|node| copied[*node] = true);
                if !allowed {
                    judgement.needless += full;
                    judgement
                        .wrong
                        .push(format!("{full} needless full resyncs of {above}'s replicas, {step:?}"));
                }
            }
        }
        if !was_restarted(step, 0) {
            let now = history(cluster, 0)?;
            if now != before.history {
                judgement.wrong.push(format!("the history {} became {now}", before.history));
            }
        }
        Ok(judgement)
    }
}

/// Whether the replica could not go on where it was: what it missed is not held above it, or it came back with nothing.
fn may_be_full(
    cluster: &Cluster,
    before: &Before,
    scenario: &Scenario,
    step: &Step,
    (below, above): (usize, usize),
    end: i64,
) -> bool {
    let persistence = scenario.persistence;
    let came_back = was_restarted(step, below);
    if persistence == Persistence::Nothing && (came_back || was_restarted(step, above)) {
        return true;
    }
    // A file of a moment knows the history up to then; what comes after is for those who wait, not for those who lag.
    if persistence == Persistence::Rdb && was_restarted(step, above) {
        return above != 0 || step.troubles.len() > 1;
    }
    // The log on disk holds all that was written since the scenario began.
    if persistence.is_log() {
        return false;
    }
    let since = if came_back { cluster.nodes[below].saved_offset } else { before.offsets[below] };
    end - since + SLACK_BYTES > scenario.backlog_bytes.cast_signed()
}

fn was_restarted(step: &Step, node: usize) -> bool {
    step.troubles.iter().any(|trouble: &Trouble| trouble.restarted() == Some(node))
}

fn counter(cluster: &mut Cluster, node: usize, name: &str) -> Result<i64, String> {
    cluster.info(node, "stats").map(|info| info.number(name)).ok_or(format!("node {node} does not answer"))
}

fn history(cluster: &mut Cluster, node: usize) -> Result<String, String> {
    let info = cluster.info(node, "replication").ok_or("the primary does not answer")?;
    Ok(info.text("master_replid").to_owned())
}
