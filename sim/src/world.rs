//! Everything at once: hosts, clients, network and what is to happen when. One event after the other.

use crate::chronicle::Chronicle;
use crate::clients::Client;
use crate::copying::Sent;
use crate::faults::Fault;
use crate::hosts::{Host, number_of};
use crate::link::{Effect, lost};
use crate::network::{Arrival, ConnectionId, End, Network, Parcel, Side};
use crate::process::Process;
use crate::serving::Serving;
use crate::trace::Trace;
use replication::follower::machine::Input;
use std::collections::BTreeMap;
use std::fmt;
use stdx::random::Random;

/// What happens.
#[derive(Clone, Copy, Debug)]
pub enum Event {
    /// A parcel arrives.
    Arrive(ConnectionId, Side),
    /// Something of a host is due.
    Step(usize),
    /// A host's process is started.
    Start(usize),
    /// A client goes on.
    Client(usize),
    /// Something goes wrong, or an operator acts.
    Fault(Fault),
}

/// Everything at once.
pub struct World {
    /// Virtual time in microseconds.
    pub now_us: u64,
    pub dice: Random,
    pub trace: Trace,
    events: BTreeMap<(u64, u64), Event>,
    events_made: u64,
    pub network: Network,
    pub hosts: Vec<Host>,
    pub clients: Vec<Client>,
    pub chronicle: Chronicle,
    /// The host that clients and operator take for the primary.
    pub primary: usize,
    /// The first promise that was broken: its name and what was seen.
    pub broken: Option<(&'static str, String)>,
    /// Histories that somebody gave up by order.
    pub given_up: std::collections::BTreeSet<log::ReplicationId>,
    /// Starts that found unreadable files where the disk had failed.
    pub refused_files: u64,
    /// What happened how often: full copies, partial resyncs, refusals.
    pub tally: Tally,
}

/// What happened how often.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    pub full_copies: u64,
    pub partial_resyncs: u64,
    pub refusals: u64,
    pub deaths: u64,
    pub writes: u64,
}

impl Tally {
    /// Adds what happened in another run.
    pub fn add(&mut self, other: Tally) {
        self.full_copies += other.full_copies;
        self.partial_resyncs += other.partial_resyncs;
        self.refusals += other.refusals;
        self.deaths += other.deaths;
        self.writes += other.writes;
    }
}

impl World {
    /// A world without anything in it.
    pub fn new(seed: u64, is_shown: bool) -> World {
        let mut dice = Random::from_seed(seed);
        let delay_us = [200, 1_000, 20_000][dice.index(3)];
        World {
            now_us: 1_000_000,
            trace: Trace::new(is_shown),
            events: BTreeMap::new(),
            events_made: 0,
            network: Network::new(delay_us),
            hosts: Vec::new(),
            clients: Vec::new(),
            chronicle: Chronicle::default(),
            primary: 0,
            broken: None,
            given_up: Default::default(),
            refused_files: 0,
            tally: Tally::default(),
            dice,
        }
    }

    /// Adds a line to the trace.
    pub fn note(&mut self, what: fmt::Arguments<'_>) {
        self.trace.note(self.now_us, what);
    }

    /// A promise was broken: the run ends.
    pub fn break_promise(&mut self, promise: &'static str, seen: String) {
        self.note(format_args!("BROKEN {promise}: {seen}"));
        self.broken.get_or_insert((promise, seen));
    }

    /// Something happens at a time.
    pub fn at(&mut self, at_us: u64, event: Event) {
        self.events_made += 1;
        self.events.insert((at_us.max(self.now_us), self.events_made), event);
    }

    /// Lets everything happen until a time, or until a promise is broken.
    pub fn run_until(&mut self, until_us: u64) {
        while self.broken.is_none() {
            let Some(entry) = self.events.first_entry().filter(|entry| entry.key().0 <= until_us) else {
                break;
            };
            self.now_us = entry.key().0;
            let event = entry.remove();
            self.happen(event);
        }
        self.now_us = self.now_us.max(until_us);
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Arrive(connection, to) => self.arrive(connection, to),
            Event::Step(host) => {
                if self.hosts[host].scheduled_us.is_some_and(|at_us| at_us <= self.now_us) {
                    self.hosts[host].scheduled_us = None;
                    self.step(host);
                }
            }
            Event::Start(host) => self.start(host),
            Event::Client(client) => self.client_goes_on(client),
            Event::Fault(fault) => self.fault(fault),
        }
    }

    /// Sends a parcel to an end of a connection.
    pub fn send(&mut self, connection: ConnectionId, to: Side, parcel: Parcel) {
        let arrival = self.network.send(connection, to, parcel, self.now_us, &mut self.dice);
        self.expect(arrival);
    }

    /// Something is on its way.
    pub fn expect(&mut self, arrivals: impl IntoIterator<Item = Arrival>) {
        for Arrival { connection, to, at_us } in arrivals {
            self.at(at_us, Event::Arrive(connection, to));
        }
    }

    /// Opens a connection to a host.
    pub fn connect(&mut self, from: End, to: usize) -> ConnectionId {
        let (id, arrival) = self.network.connect(from, to, self.now_us, &mut self.dice);
        self.expect(arrival);
        id
    }

    fn arrive(&mut self, connection: ConnectionId, to: Side) {
        let Some((parcel, next)) = self.network.take(connection, to, self.now_us) else { return };
        self.expect(next);
        let Some(end) = self.network.end(connection, to) else { return };
        if end.place >= self.hosts.len() {
            let client = end.place - self.hosts.len();
            return self.client_hears(client, end.life, connection, parcel);
        }
        let host = end.place;
        self.set_clocks(host);
        let one = &mut self.hosts[host];
        let is_meant = one.life == end.life || parcel == Parcel::Knock;
        let Some(mut process) = one.process.take_if(|_| is_meant) else {
            if parcel != Parcel::End {
                self.nobody_there(connection, to);
            }
            return;
        };
        if to == Side::Callee {
            self.called(host, &mut process, connection, parcel);
        } else {
            self.answered(host, &mut process, connection, &parcel);
        }
        self.put_back(host, process);
    }

    /// Something comes on a connection that somebody else opened.
    fn called(&mut self, host: usize, process: &mut Process, connection: ConnectionId, parcel: Parcel) {
        let shared = std::sync::Arc::clone(&process.shared);
        let mut node = shared.lock();
        match parcel {
            Parcel::Knock => {
                let from = self.network.end(connection, Side::Caller).map_or(0, |end| end.place);
                let serving = Serving::accept(&mut node, &format!("place{from}"));
                process.connections.insert(connection, serving);
                self.network.welcome(connection, self.hosts[host].life);
                self.send(connection, Side::Caller, Parcel::Welcome);
            }
            Parcel::Bytes(bytes) => match process.connections.get_mut(&connection) {
                Some(serving) => serving.input.extend_from_slice(&bytes),
                None => self.nobody_there(connection, Side::Callee),
            },
            Parcel::End => process.forget(&mut node, connection),
            Parcel::Welcome => {}
        }
        let at_us = self.now_us + self.dice.below(150);
        process.due.turn.get_or_insert(at_us);
    }

    /// Something comes on the link to the primary.
    fn answered(&mut self, host: usize, process: &mut Process, connection: ConnectionId, parcel: &Parcel) {
        let Some(link) = process.link.as_mut().filter(|link| link.connection == Some(connection)) else {
            if *parcel != Parcel::End {
                self.nobody_there(connection, Side::Caller);
            }
            return;
        };
        let welcomed = if *parcel == Parcel::Welcome { link.welcomed() } else { None };
        let effects = match (parcel, welcomed) {
            (Parcel::Welcome, Some(input)) => process.step_link(input, self.now_us),
            (Parcel::Bytes(bytes), _) => process.step_link(Input::Received(bytes), self.now_us),
            (Parcel::End, _) => process.step_link(lost(), self.now_us),
            _ => Vec::new(),
        };
        self.take_effects(host, process, effects);
        process.due.turn.get_or_insert(self.now_us);
    }

    /// Does what is due of a host.
    fn step(&mut self, host: usize) {
        self.set_clocks(host);
        let Some(mut process) = self.hosts[host].process.take() else { return };
        let now_us = self.now_us;
        let is_due = |at_us: Option<u64>| at_us.is_some_and(|at_us| at_us <= now_us);
        if is_due(process.due.log) {
            process.due.log = None;
            process.persistence.work_on_log();
            process.due.turn = Some(now_us);
        }
        let (due, later) =
            std::mem::take(&mut process.work).into_iter().partition(|(at_us, _)| *at_us <= now_us);
        process.work = later;
        let due: Vec<(u64, stdx::simulation::Work)> = due;
        for (_, work) in due {
            work();
            process.due.turn = Some(now_us);
        }
        if is_due(process.due.copy) {
            process.due.copy = None;
            let sent = process.go_on_copying();
            self.send_copy(&mut process, sent);
        }
        let mut effects = Vec::new();
        if is_due(process.due.load) {
            process.due.load = None;
            effects.extend(process.load_copy(self.now_us));
        }
        if process.link.as_ref().is_some_and(|link| is_due(link.wakes_at_us())) {
            effects.extend(process.tick_link(self.now_us));
        }
        if !effects.is_empty() {
            process.due.turn = Some(now_us);
        }
        self.take_effects(host, &mut process, effects);
        if is_due(process.due.turn) || process.due.cron <= now_us {
            self.turn(host, &mut process);
        }
        self.put_back(host, process);
    }

    fn turn(&mut self, host: usize, process: &mut Process) {
        let turn = process.turn(self.now_us);
        if process.disk.is_dead() {
            return;
        }
        for connection in turn.closed {
            self.send(connection, Side::Caller, Parcel::End);
        }
        for connection in std::mem::take(&mut process.orphaned) {
            self.send(connection, Side::Callee, Parcel::End);
        }
        self.observe(host, process);
        for claim in turn.claims {
            self.check_claim(host, &claim);
        }
        self.check_copies_wanted(host, process);
        let shared = std::sync::Arc::clone(&process.shared);
        let begun = process.begin_copy(&mut shared.lock());
        self.send_copy(process, begun);
        self.send_output(host, process);
    }

    fn send_copy(&mut self, process: &mut Process, sent: Option<Sent>) {
        let Some(Sent { to, bytes, is_over }) = sent.filter(|_| !process.disk.is_dead()) else { return };
        for connection in to {
            self.send(connection, Side::Caller, Parcel::Bytes(bytes.clone()));
        }
        let at_us = self.now_us + 200 + self.dice.below(30_000);
        if is_over {
            process.due.turn.get_or_insert(at_us);
        } else {
            process.due.copy = Some(at_us);
        }
    }

    fn send_output(&mut self, host: usize, process: &mut Process) {
        let ids: Vec<ConnectionId> = process.connections.keys().copied().collect();
        for id in ids {
            let Some(serving) = process.connections.get_mut(&id) else { continue };
            let (bytes, replied) = serving.take_output(self.now_us);
            self.tally.writes += replied.len() as u64;
            self.hosts[host].promises.replied.extend(replied);
            if !bytes.is_empty() {
                let cut = self.dice.index(bytes.len() + 1);
                let halves =
                    if self.dice.below(4) == 0 { bytes.split_at(cut) } else { (&[][..], &bytes[..]) };
                for half in [halves.0, halves.1].into_iter().filter(|half| !half.is_empty()) {
                    self.send(id, Side::Caller, Parcel::Bytes(half.to_vec()));
                }
            }
        }
    }

    fn take_effects(&mut self, host: usize, process: &mut Process, effects: Vec<Effect>) {
        if process.disk.is_dead() {
            return;
        }
        for effect in effects {
            match effect {
                Effect::Connect(to) => {
                    let from = End { place: host, life: self.hosts[host].life };
                    let connection = number_of(&to).map(|to| self.connect(from, to));
                    if let Some(link) = &mut process.link {
                        link.connection = connection;
                    }
                }
                Effect::Send(bytes) => {
                    if let Some(connection) = process.link.as_ref().and_then(|link| link.connection) {
                        self.send(connection, Side::Callee, Parcel::Bytes(bytes));
                    }
                }
                Effect::Close(connection) => self.send(connection, Side::Callee, Parcel::End),
                Effect::Adopted(adoption) => self.adopted(host, &adoption),
                Effect::Continued => {
                    self.tally.partial_resyncs += 1;
                    self.note(format_args!("host{host} goes on"));
                }
                Effect::Refused(words) => {
                    self.tally.refusals += 1;
                    self.note(format_args!("host{host} refuses: {words}"));
                }
            }
        }
        self.observe(host, process);
    }

    /// A process goes on living, or is found dead.
    pub fn put_back(&mut self, host: usize, mut process: Process) {
        if process.disk.is_dead() {
            return self.buried(host, process, crate::disk::Death::Kill);
        }
        for (_, work) in stdx::simulation::take_work() {
            let at_us = self.now_us + 100 + self.dice.below(40_000);
            process.work.push((at_us, work));
        }
        let slow_us = self.dice.below(self.hosts[host].disk_us);
        if let Some(due_ms) = process.persistence.log_due_ms() {
            let due_us = (due_ms * 1000).max(self.now_us) + slow_us;
            process.due.log = Some(process.due.log.map_or(due_us, |at_us| at_us.min(due_us)));
        }
        if process.link.as_ref().is_some_and(|link| link.wants_load) && process.due.load.is_none() {
            process.due.load = Some(self.now_us + self.dice.below(50_000));
        }
        self.hosts[host].process = Some(process);
        self.schedule(host);
    }

    /// The host's next step is expected when something of it is due.
    pub fn schedule(&mut self, host: usize) {
        let Some(process) = &self.hosts[host].process else { return };
        let next_us = process.next_us().max(self.now_us);
        if self.hosts[host].scheduled_us.is_none_or(|at_us| next_us < at_us) {
            self.hosts[host].scheduled_us = Some(next_us);
            self.at(next_us, Event::Step(host));
        }
    }
}
