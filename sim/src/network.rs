//! Connections between hosts and clients: bytes in order within one, delayed by chance, held while a way is closed.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use stdx::random::Random;

/// A connection's number.
pub type ConnectionId = u64;

/// Hosts count from 0; clients have places behind them.
pub type Place = usize;

/// One end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End {
    /// Where it is.
    pub place: Place,
    /// Which life of it: an end of an earlier one is nobody's.
    pub life: u64,
}

/// What travels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parcel {
    /// The wish to connect.
    Knock,
    /// The answer to it.
    Welcome,
    /// Bytes of the stream.
    Bytes(Vec<u8>),
    /// The other end is closed, or never was open.
    End,
}

/// Which end a parcel is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// Whoever connected.
    Caller,
    /// Whoever was connected to.
    Callee,
}

impl Side {
    /// The other one.
    pub fn other(self) -> Side {
        if self == Side::Caller { Side::Callee } else { Side::Caller }
    }
}

/// A connection.
#[derive(Debug)]
struct Connection {
    ends: [End; 2],
    /// What travels to each end, with the time of its arrival.
    ways: [VecDeque<(u64, Parcel)>; 2],
}

/// All connections and the ways between places.
pub struct Network {
    connections: BTreeMap<ConnectionId, Connection>,
    closed_ways: BTreeSet<(Place, Place)>,
    last_id: ConnectionId,
    /// The longest usual delay, in microseconds.
    pub delay_us: u64,
}

/// When the next parcel of a way arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// The connection.
    pub connection: ConnectionId,
    /// For which end.
    pub to: Side,
    /// When, in microseconds.
    pub at_us: u64,
}

impl Network {
    /// No connections, all ways open.
    pub fn new(delay_us: u64) -> Network {
        Network { connections: BTreeMap::new(), closed_ways: BTreeSet::new(), last_id: 0, delay_us }
    }

    /// Opens a connection: the wish travels first.
    pub fn connect(
        &mut self,
        caller: End,
        callee: Place,
        now_us: u64,
        dice: &mut Random,
    ) -> (ConnectionId, Option<Arrival>) {
        self.last_id += 1;
        let ends = [caller, End { place: callee, life: 0 }];
        self.connections.insert(self.last_id, Connection { ends, ways: Default::default() });
        (self.last_id, self.send(self.last_id, Side::Callee, Parcel::Knock, now_us, dice))
    }

    /// Sends a parcel to an end. Returns when it arrives, unless others are on the way before it.
    pub fn send(
        &mut self,
        id: ConnectionId,
        to: Side,
        parcel: Parcel,
        now_us: u64,
        dice: &mut Random,
    ) -> Option<Arrival> {
        let way = &mut self.connections.get_mut(&id)?.ways[to as usize];
        let mut at_us = now_us + 30 + dice.below(self.delay_us);
        // Now and then something is lost on the way and sent again.
        if dice.below(200) == 0 {
            at_us += 20_000 + dice.below(200_000);
        }
        let before_us = way.back().map_or(0, |(at_us, _)| *at_us);
        way.push_back((at_us.max(before_us), parcel));
        (way.len() == 1).then_some(Arrival { connection: id, to, at_us })
    }

    /// Takes the parcel that has arrived. The second is when the next one does; nothing arrives while the way is closed.
    pub fn take(&mut self, id: ConnectionId, to: Side, now_us: u64) -> Option<(Parcel, Option<Arrival>)> {
        let connection = self.connections.get_mut(&id)?;
        let way = (connection.ends[to.other() as usize].place, connection.ends[to as usize].place);
        if self.closed_ways.contains(&way) {
            return None;
        }
        let travelling = &mut connection.ways[to as usize];
        let (_, parcel) = travelling.pop_front_if(|(at_us, _)| *at_us <= now_us)?;
        let next = travelling.front();
        Some((parcel, next.map(|(at_us, _)| Arrival { connection: id, to, at_us: (*at_us).max(now_us) })))
    }

    /// An end of a connection.
    pub fn end(&self, id: ConnectionId, side: Side) -> Option<End> {
        self.connections.get(&id).map(|connection| connection.ends[side as usize])
    }

    /// The one who was called is in this life.
    pub fn welcome(&mut self, id: ConnectionId, life: u64) {
        if let Some(connection) = self.connections.get_mut(&id) {
            connection.ends[Side::Callee as usize].life = life;
        }
    }

    /// Closes the way from one place to another: what travels there is held.
    pub fn close_way(&mut self, from: Place, to: Place) {
        self.closed_ways.insert((from, to));
    }

    /// Opens all ways. Returns what was held and may go on.
    pub fn open_all(&mut self, now_us: u64, dice: &mut Random) -> Vec<Arrival> {
        self.closed_ways.clear();
        let mut arrivals = Vec::new();
        for (id, connection) in &mut self.connections {
            for to in [Side::Caller, Side::Callee] {
                let Some((at_us, _)) = connection.ways[to as usize].front_mut() else { continue };
                if *at_us <= now_us {
                    *at_us = now_us + 1 + dice.below(300_000);
                    arrivals.push(Arrival { connection: *id, to, at_us: *at_us });
                }
            }
        }
        arrivals
    }

    /// The connections that have an end in this life of a place, with that end.
    pub fn of(&self, place: Place, life: u64) -> Vec<(ConnectionId, Side)> {
        let end = End { place, life };
        let sides = |connection: &Connection| {
            [Side::Caller, Side::Callee].into_iter().find(|side| connection.ends[*side as usize] == end)
        };
        self.connections.iter().filter_map(|(id, connection)| Some((*id, sides(connection)?))).collect()
    }

    /// The connections between hosts.
    pub fn between_hosts(&self, hosts: usize) -> Vec<ConnectionId> {
        let is_link = |connection: &Connection| connection.ends.iter().all(|end| end.place < hosts);
        self.connections.iter().filter(|(_, connection)| is_link(connection)).map(|(id, _)| *id).collect()
    }
}
