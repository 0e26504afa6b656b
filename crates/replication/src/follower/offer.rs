//! What a primary says that it has, before it is asked for anything.

use engine::facts::standing::{REMEMBERED_MAX, Standing};
use log::{Offset, ReplicationId};

/// What a primary has, as far as it says so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offer {
    /// It tells all histories that its data come from: one that it does not name is strange to it.
    pub tells_lineage: bool,
    /// Its history.
    pub id: Option<ReplicationId>,
    /// How much of it.
    pub offset: Option<Offset>,
    /// Keys.
    pub keys: Option<u64>,
    /// Histories that its data come from, with the offsets up to which it holds all of them.
    pub past: Vec<(ReplicationId, Offset)>,
    /// Histories whose data it gave up for others.
    pub left: Vec<ReplicationId>,
}

impl From<Standing> for Offer {
    fn from(standing: Standing) -> Offer {
        Offer {
            tells_lineage: true,
            id: Some(standing.id),
            offset: Some(standing.offset),
            keys: Some(standing.keys),
            past: standing.past,
            left: standing.left,
        }
    }
}

impl Offer {
    /// How much the primary holds of a history; `None` if it is none of its own.
    pub fn holds_of(&self, id: &ReplicationId) -> Option<Offset> {
        if self.id.as_ref() == Some(id) {
            return self.offset;
        }
        self.past.iter().find(|(past, _)| past == id).map(|(_, up_to)| *up_to)
    }

    /// A line of `INFO replication` or `INFO keyspace` of any server of the family.
    pub fn info_line(&mut self, line: &str) {
        let Some((name, value)) = line.split_once(':') else { return };
        let number = || stdx::number::parse_u64(value.as_bytes());
        match name {
            "master_replid" => self.id = value.parse().ok(),
            "master_repl_offset" => self.offset = number().map(Offset),
            "master_replid2" => {
                self.past = value.parse().ok().map(|id| (id, Offset::ZERO)).into_iter().collect();
            }
            // It names the first byte that is not shared, counted from one.
            "second_repl_offset" => match (number(), self.past.last_mut()) {
                (Some(next @ 1..), Some((_, up_to))) => *up_to = Offset(next - 1),
                _ => self.past.clear(),
            },
            _ => self.keys_of_database(name, value),
        }
        self.past.truncate(REMEMBERED_MAX);
    }

    /// The section of the keyspace begins: without a line of a database there are no keys.
    pub fn keyspace_begins(&mut self) {
        self.keys = Some(0);
    }

    fn keys_of_database(&mut self, name: &str, value: &str) {
        let is_database = name.strip_prefix("db").is_some_and(|number| number.parse::<u32>().is_ok());
        let keys = value.strip_prefix("keys=").and_then(|rest| rest.split(',').next());
        let keys = keys.and_then(|keys| stdx::number::parse_u64(keys.as_bytes()));
        if let (true, Some(keys), Some(sum)) = (is_database, keys, &mut self.keys) {
            *sum = sum.saturating_add(keys);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn from_info() {
        let (first, second) = ("ab".repeat(20), "cd".repeat(20));
        let mut offer = Offer::default();
        let text = format!(
            "role:master\r\nmaster_replid:{first}\r\nmaster_replid2:{second}\r\nmaster_repl_offset:120\r\n\
             second_repl_offset:101"
        );
        text.split("\r\n").for_each(|line| offer.info_line(line));
        assert_eq!(offer.holds_of(&first.parse().unwrap()), Some(Offset(120)));
        assert_eq!(offer.holds_of(&second.parse().unwrap()), Some(Offset(100)));
        assert_eq!(offer.keys, None);
        offer.keyspace_begins();
        for line in ["# Keyspace", "db0:keys=12,expires=0,avg_ttl=0", "db15:keys=3,expires=1", "dbx:keys=9"] {
            offer.info_line(line);
        }
        assert_eq!(offer.keys, Some(15));
    }

    #[test]
    fn without_a_second_history() {
        let mut offer = Offer::default();
        let zeros = "0".repeat(40);
        for line in [format!("master_replid2:{zeros}"), "second_repl_offset:-1".to_owned()] {
            offer.info_line(&line);
        }
        assert_eq!(offer, Offer::default());
    }
}
