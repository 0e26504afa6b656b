//! The promises of `docs/guarantees.md` and of `docs/replication.md`, each held against what happens.

use crate::chronicle::Position;
use crate::data;
use crate::disk::{Death, Mood};
use crate::link::{Adoption, parent, position};
use crate::process::Process;
use crate::serving::Claim;
use crate::world::World;
use engine::config::options::AppendFsync;
use engine::engine::Node;
use engine::propagation::DiskLog;
use log::{Offset, ReplicationId};

/// What `everysec` may lose, in microseconds.
const WINDOW_US: u64 = 2_000_000;

/// How many histories before its own a primary goes on from.
const BRANCHES: usize = log::history::CHAIN_LENGTH_MAX - 2;

impl World {
    /// Looks at what a host has appended and at what it says of its disk.
    pub fn observe(&mut self, host: usize, process: &Process) {
        if process.disk.is_dead() {
            return;
        }
        let mut node = process.shared.lock();
        let at = position(&node);
        self.chronicle.meet(at.id, parent(&node), node.engine.propagation.tail.start());
        if let Err(seen) = self.compare_log(host, &node, at) {
            self.break_promise("same-bytes", format!("host{host}: {seen}"));
        }
        let one = &mut self.hosts[host];
        one.seen = Some(at);
        note_most(&mut one.reached, at);
        let durable = node.engine.propagation.disk().map_or(Offset::ZERO, DiskLog::durable);
        if durable > Offset::ZERO {
            let durable = Position { id: at.id, offset: durable };
            one.promises.durable = Some(durable);
            note_most(&mut one.forced, durable);
        }
        let files = &node.engine.health.append_only;
        let is_well = files.write_error.is_none() && !files.is_fsync_suspended && one.mood == Mood::default();
        if !is_well || one.disk_us > 100_000 {
            one.promises.unwell_us = Some(self.now_us);
        }
        node.engine.propagation.tail.trim();
    }

    /// An offset means the same bytes everywhere: those that were appended since the last look.
    fn compare_log(&mut self, host: usize, node: &Node, at: Position) -> Result<(), String> {
        let tail = &node.engine.propagation.tail;
        let seen = self.hosts[host].seen;
        let from = match seen {
            Some(seen) if seen.id == at.id => seen.offset,
            Some(seen) => parent(node).map_or(tail.start(), |parent| parent.offset.min(seen.offset)),
            None => tail.start(),
        };
        let mut from = from.max(tail.start());
        let leads = !node.engine.replication.is_replica();
        while let Some(bytes) = tail.read(from).filter(|bytes| !bytes.is_empty()) {
            self.chronicle.append(at.id, from, bytes, leads)?;
            from = from.plus(bytes.len());
        }
        Ok(())
    }

    /// What a process has found on its disk is what its earlier life promised.
    pub fn check_start(&mut self, host: usize, process: &mut Process) {
        self.observe(host, process);
        let shared = std::sync::Arc::clone(&process.shared);
        let mut node = shared.lock();
        let at = position(&node);
        let keys = node.standing().keys;
        self.note(format_args!("host{host} has {keys} keys at {at}"));
        let has_log = self.hosts[host].config.append_only.appendonly;
        let is_told = !(self.hosts[host].is_deceived && self.hosts[host].death == Death::Power);
        if has_log && is_told {
            self.check_durable(host, at);
            self.check_replies(host, &mut node, at);
        }
        let one = &mut self.hosts[host];
        one.is_deceived &= is_told;
        if !is_told {
            one.promises.durable = None;
        }
        if !has_log {
            one.promises.begin_anew();
        }
        one.promises.unwell_us = None;
        let chronicle = &self.chronicle;
        one.promises.replied.retain(|reply| chronicle.includes(at, reply.at));
        self.check_data(host, &mut node);
    }

    /// What was said to be on the disk is there.
    fn check_durable(&mut self, host: usize, at: Position) {
        let Some(durable) = self.hosts[host].promises.durable else { return };
        if !self.chronicle.includes(at, durable) {
            self.break_promise("durable", format!("host{host} had {durable} on its disk, and finds {at}"));
        }
    }

    /// Replies that waited for the disk, and with `everysec` all but those of the last two seconds.
    fn check_replies(&mut self, host: usize, node: &mut Node, at: Position) {
        let one = &self.hosts[host];
        let policy = one.config.append_only.appendfsync;
        let keeps =
            policy == AppendFsync::EverySecond || (policy == AppendFsync::Never && one.death == Death::Kill);
        let (died_us, unwell_us) = (one.died_us, one.promises.unwell_us);
        let was_well = |sent_us: u64| unwell_us.is_none_or(|unwell_us| unwell_us + WINDOW_US < sent_us);
        let mut missing = None;
        for (promise, floors) in [
            ("acknowledged", one.promises.floors(|reply| reply.is_forced)),
            (
                "two-seconds",
                one.promises
                    .floors(|reply| keeps && reply.sent_us + WINDOW_US < died_us && was_well(reply.sent_us)),
            ),
        ] {
            for (key, reply) in floors {
                let found = data::number(node, key);
                if found < reply.number || !self.chronicle.includes(at, reply.at) {
                    missing = Some((promise, reply.clone(), found));
                }
            }
        }
        if let Some((promise, reply, found)) = missing {
            let key = String::from_utf8_lossy(&reply.key).into_owned();
            let text = format!(
                "host{host} replied to {key}={} at {}, {} us before it died, and finds {found} at {at}",
                reply.number,
                reply.at,
                died_us - reply.sent_us
            );
            self.break_promise(promise, text);
        }
    }

    /// At the same place of a history the data are the same, and transactions are whole.
    pub fn check_data(&mut self, host: usize, node: &mut Node) {
        let digest = data::digest(node);
        // Without anybody who reads the log the data change and the place does not.
        if node.engine.propagation.is_active()
            && let Err(seen) = self.chronicle.compare(position(node), digest)
        {
            self.break_promise("same-data", format!("host{host}: {seen}"));
        }
        for client in 0..self.clients.len() {
            let halves =
                [b'a', b'b'].map(|half| data::number(node, format!("t{client}{}", half as char).as_bytes()));
            if halves[0] != halves[1] {
                self.break_promise(
                    "whole-transactions",
                    format!("host{host}: client {client} has {halves:?}"),
                );
            }
        }
    }

    /// WAIT and WAITAOF tell the truth.
    pub fn check_claim(&mut self, host: usize, claim: &Claim) {
        let has = |most: &std::collections::BTreeMap<ReplicationId, Offset>| {
            most.get(&claim.at.id).is_some_and(|offset| *offset >= claim.at.offset)
        };
        let others = self.hosts.iter().enumerate().filter(|(other, _)| *other != host);
        let holders =
            others.filter(|(_, one)| has(if claim.on_disk { &one.forced } else { &one.reached })).count();
        if claim.at.offset > Offset::ZERO && (holders as u64) < claim.replicas {
            let promise = if claim.on_disk { "waitaof" } else { "wait" };
            self.break_promise(promise, format!("host{host} claims {claim:?}, {holders} have it"));
        }
        if claim.on_own_disk && claim.at.offset > Offset::ZERO && !has(&self.hosts[host].forced) {
            self.break_promise("waitaof", format!("host{host} claims {claim:?}, its disk has not said so"));
        }
    }

    /// A full copy is taken only where the stream could not go on.
    pub fn check_copies_wanted(&mut self, host: usize, process: &Process) {
        let node = process.shared.lock();
        let at = position(&node);
        let tail = &node.engine.propagation.tail;
        for waiting in &process.copies_wanted {
            let Some((id, next)) = &waiting.had else { continue };
            let Ok(id) = ReplicationId::parse(id) else { continue };
            let had = Position { id, offset: Offset(next.0.saturating_sub(1)) };
            let first = node.engine.propagation.held_files().and_then(|files| Some(*files.range()?.start()));
            let first = first.map_or(tail.start(), |first| first.min(tail.start()));
            let is_here = first <= had.offset && had.offset <= tail.end();
            if is_here && self.chronicle.names(at, had, BRANCHES) {
                let text = format!("host{host} at {at} gives a full copy to whoever had {had}");
                self.break_promise("partial", text);
                return;
            }
        }
    }

    /// Another data set took the place of a host's: it is no less, or somebody has said so, and the old one is kept.
    pub fn adopted(&mut self, host: usize, adoption: &Adoption) {
        self.tally.full_copies += 1;
        self.note(format_args!("host{host} adopts {adoption:?}"));
        let Adoption { old, new, .. } = *adoption;
        self.chronicle.meet(new.id, None, new.offset);
        let goes_on = self.chronicle.includes(new, old);
        let is_given_up = self.given_up.contains(&old.id);
        if adoption.old_keys > 0 && !goes_on && !adoption.has_consent && !is_given_up {
            self.break_promise("safe-follow", format!("host{host}: {adoption:?}"));
        }
        if adoption.old_keys > 0 && !goes_on {
            self.given_up.insert(old.id);
        }
        let one = &mut self.hosts[host];
        let could_keep = one.mood == Mood::default();
        if !goes_on && adoption.old_keys > 0 && !adoption.is_kept && could_keep {
            self.break_promise("kept", format!("host{host}: {adoption:?}"));
        }
        let one = &mut self.hosts[host];
        one.seen = Some(new);
        one.promises.begin_anew();
        one.promises.unwell_us = Some(self.now_us);
    }

    /// Whether all hosts hold the same, forced to disk where there is a log; what is wrong if not.
    pub fn unsettled(&mut self) -> Option<String> {
        let mut common = None;
        for host in 0..self.hosts.len() {
            let Some(process) = &self.hosts[host].process else { return Some(format!("host{host} is down")) };
            let shared = std::sync::Arc::clone(&process.shared);
            let mut node = shared.lock();
            let at = position(&node);
            let link = node.engine.replication.primary.as_ref();
            let follows = link.map(|link| link.host.clone());
            if follows.is_none() != (host == self.primary) || !node.engine.replication.link_is_up() {
                let state = link.map(|link| (link.state, link.last_error.clone()));
                return Some(format!("host{host} follows {follows:?}, {state:?}"));
            }
            let disk = node.engine.propagation.disk().map(|disk| (disk.durable(), disk.failure()));
            let forces = node.engine.config.append_only.appendfsync == AppendFsync::Always;
            if let Some((durable, failure)) = disk
                && ((forces && durable < at.offset) || failure.is_some())
            {
                let files = &node.engine.health.append_only;
                return Some(format!(
                    "host{host} is at {at}, its disk at {durable}: {failure:?}; {} rewrites failed, one runs: {}, a snapshot \
                     is walked: {}",
                    files.failed_rewrites,
                    files.rewrite.is_some(),
                    node.keyspace.is_snapshot_running()
                ));
            }
            if self.hosts[host].config.append_only.appendonly && !node.engine.propagation.has_file() {
                return Some(format!("host{host} has no log"));
            }
            let state = (at, data::digest(&mut node));
            if *common.get_or_insert(state) != state {
                return Some(format!("host{host} is at {at}, others are at {common:?}"));
            }
            drop(node);
        }
        None
    }
}

fn note_most(most: &mut std::collections::BTreeMap<ReplicationId, Offset>, at: Position) {
    let known = most.entry(at.id).or_insert(at.offset);
    *known = (*known).max(at.offset);
}
