//! What a node holds, as it tells others and notes for itself: which history, how much of it, and what it came from.

use crate::engine::{Engine, Node};
use keyspace::Keyspace;
use log::{Offset, ReplicationId};
use std::fmt;
use std::str::FromStr;

/// Histories that are remembered in each list; older ones are forgotten.
pub const REMEMBERED_MAX: usize = 16;

/// What a node holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The history that it is in.
    pub id: ReplicationId,
    /// How much of it.
    pub offset: Offset,
    /// Keys.
    pub keys: u64,
    /// Histories that the data come from, the latest first, each with the offset up to which all of it is held.
    pub past: Vec<(ReplicationId, Offset)>,
    /// Histories whose data were given up for others, because an operator said so or these were found to be as good.
    pub left: Vec<ReplicationId>,
}

impl Standing {
    /// How much of a history is held; `None` if it is not one that the data come from.
    pub fn holds_of(&self, id: &ReplicationId) -> Option<Offset> {
        if self.id == *id {
            return Some(self.offset);
        }
        self.past.iter().find(|(past, _)| past == id).map(|(_, up_to)| *up_to)
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let past: Vec<String> = self.past.iter().map(|(id, up_to)| format!("{id}:{up_to}")).collect();
        let left: Vec<String> = self.left.iter().map(ReplicationId::to_string).collect();
        let Standing { id, offset, keys, .. } = self;
        write!(f, "id={id} offset={offset} keys={keys} past={} left={}", past.join(","), left.join(","))
    }
}

/// The text is not what a node holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MalformedStanding;

impl fmt::Display for MalformedStanding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("that is not what a node says it holds")
    }
}

impl FromStr for Standing {
    type Err = MalformedStanding;

    /// Words that are not known are passed over: later releases may say more.
    fn from_str(text: &str) -> Result<Standing, MalformedStanding> {
        let word = |name: &str| {
            let mut values = text.split_ascii_whitespace().filter_map(|word| word.split_once('='));
            values.find(|(known, _)| *known == name).map(|(_, value)| value)
        };
        let id = |text: &str| text.parse::<ReplicationId>().map_err(|_| MalformedStanding);
        let number = |text: &str| stdx::number::parse_u64(text.as_bytes()).ok_or(MalformedStanding);
        let list = |name: &str| word(name).unwrap_or("").split(',').filter(|item| !item.is_empty());
        let past = list("past").take(REMEMBERED_MAX).map(|item| {
            let (past, up_to) = item.split_once(':').ok_or(MalformedStanding)?;
            Ok((id(past)?, Offset(number(up_to)?)))
        });
        Ok(Standing {
            id: id(word("id").ok_or(MalformedStanding)?)?,
            offset: Offset(number(word("offset").ok_or(MalformedStanding)?)?),
            keys: number(word("keys").ok_or(MalformedStanding)?)?,
            past: past.collect::<Result<_, _>>()?,
            left: list("left").take(REMEMBERED_MAX).map(id).collect::<Result<_, _>>()?,
        })
    }
}

/// What the data set comes from, beyond what the log's history says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lineage {
    past: Vec<(ReplicationId, Offset)>,
    left: Vec<ReplicationId>,
}

impl Lineage {
    /// The data go on from this history, of which everything up to an offset is held.
    pub fn went_on_from(&mut self, id: ReplicationId, up_to: Offset) {
        self.past.retain(|(known, _)| *known != id);
        self.past.insert(0, (id, up_to));
        self.past.truncate(REMEMBERED_MAX);
    }

    /// The data of this history, and what it came from, were given up for others.
    pub fn left(&mut self, id: ReplicationId) {
        let given_up = std::mem::take(&mut self.past);
        for id in given_up.into_iter().map(|(id, _)| id).rev().chain([id]) {
            self.left.retain(|known| *known != id);
            self.left.insert(0, id);
        }
        self.left.truncate(REMEMBERED_MAX);
    }

    /// Takes up what was noted before a restart.
    pub fn remember(&mut self, standing: &Standing) {
        self.left.clone_from(&standing.left);
    }
}

impl Engine {
    /// What this node holds, with the data set that it has.
    pub fn standing(&self, keyspace: &Keyspace) -> Standing {
        let (propagation, lineage) = (&self.propagation, &self.replication.lineage);
        let mut past: Vec<_> = propagation.history.past().collect();
        for (id, up_to) in &lineage.past {
            if past.iter().all(|(known, _)| known != id) {
                past.push((*id, *up_to));
            }
        }
        past.truncate(REMEMBERED_MAX);
        let lengths = (0..keyspace.database_count()).map(|database| keyspace.len(database) as u64);
        Standing {
            id: propagation.history.id,
            offset: propagation.end(),
            keys: lengths.sum(),
            past,
            left: lineage.left.clone(),
        }
    }
}

impl Node {
    /// What this node holds.
    pub fn standing(&self) -> Standing {
        self.engine.standing(&self.keyspace)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(byte: u8) -> ReplicationId {
        ReplicationId::from_random([byte; 20])
    }

    #[test]
    fn is_read_as_it_was_written() {
        let mut standing =
            Standing { id: id(1), offset: Offset(7), keys: 1000, past: Vec::new(), left: Vec::new() };
        assert_eq!(standing.to_string().parse(), Ok(standing.clone()));
        standing.past = vec![(id(2), Offset(5)), (id(3), Offset(0))];
        standing.left = vec![id(4)];
        assert_eq!(standing.to_string().parse(), Ok(standing.clone()));
        assert_eq!(format!("new=1 {standing}").parse(), Ok(standing.clone()));
        assert_eq!(standing.holds_of(&id(1)), Some(Offset(7)));
        assert_eq!(standing.holds_of(&id(2)), Some(Offset(5)));
        assert_eq!(standing.holds_of(&id(4)), None);
    }

    #[test]
    fn rubbish_is_refused() {
        let good = format!("id={} offset=1 keys=2 past=,, left=", id(1));
        assert!(good.parse::<Standing>().is_ok());
        for (from, to) in [("id=", "id=x"), ("offset=1", "offset=-1"), ("keys=2", ""), ("past=", "past=z:1")]
        {
            assert_eq!(good.replace(from, to).parse::<Standing>(), Err(MalformedStanding), "{to}");
        }
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut lineage = Lineage::default();
        for step in 0..40 {
            lineage.went_on_from(id(step), Offset(u64::from(step)));
        }
        assert_eq!(lineage.past.len(), REMEMBERED_MAX);
        assert_eq!(lineage.past[0], (id(39), Offset(39)));
        lineage.left(id(40));
        assert_eq!((lineage.past.len(), lineage.left.len()), (0, REMEMBERED_MAX));
        assert_eq!(lineage.left[..2], [id(40), id(39)]);
    }
}
