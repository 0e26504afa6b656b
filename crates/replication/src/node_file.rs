//! What a node notes of itself beside its data: who it is, whom it followed, who followed it, and how far it was.
//!
//! A few lines of text: a word, a blank, the rest. Lines that are not known are passed over, so that later releases may
//! add some.

use engine::facts::replication::KnownReplica;
use engine::facts::standing::Standing;
use log::{Offset, ReplicationId};
use std::fmt::Write;

/// The file is never longer than this, in bytes; what is longer is none of ours.
pub const FILE_BYTES_MAX: usize = 64 * 1024;
/// Replicas that are noted.
pub const REPLICAS_MAX: usize = 64;
/// The first line.
const FIRST_LINE: &str = "ochre-node 1";

/// What is noted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notes {
    /// What names the node whatever its address.
    pub node_id: ReplicationId,
    /// Whom it followed; `None` for a primary.
    pub primary: Option<(String, u16)>,
    /// What it held.
    pub standing: Standing,
    /// Who followed it.
    pub replicas: Vec<KnownReplica>,
    /// It ended in order: what it held is what it noted.
    pub ended_in_order: bool,
}

impl Notes {
    /// The notes as a file.
    pub fn text(&self) -> String {
        let mut text = format!("{FIRST_LINE}\nnode {}\n", self.node_id);
        // Writing to a string cannot fail.
        if let Some((host, port)) = &self.primary {
            let _ = writeln!(text, "primary {port} {host}");
        }
        let _ = writeln!(text, "holds {}", self.standing);
        for replica in self.replicas.iter().take(REPLICAS_MAX) {
            let KnownReplica { address, port, node_id, acknowledged, seen_ms } = replica;
            let id = node_id.map_or_else(|| "?".to_owned(), |id| id.to_string());
            let _ = writeln!(text, "replica {id} {acknowledged} {seen_ms} {port} {address}");
        }
        if self.ended_in_order {
            text.push_str("ended in order\n");
        }
        text
    }

    /// Reads a file; `None` if it is not one of ours, or not whole.
    pub fn parse(bytes: &[u8]) -> Option<Notes> {
        if bytes.len() > FILE_BYTES_MAX {
            return None;
        }
        let text = std::str::from_utf8(bytes).ok()?;
        let mut lines = text.strip_suffix('\n')?.split('\n');
        if lines.next() != Some(FIRST_LINE) {
            return None;
        }
        let (mut node_id, mut standing) = (None, None);
        let (mut primary, mut replicas, mut ended_in_order) = (None, Vec::new(), false);
        for line in lines {
            let (word, rest) = line.split_once(' ')?;
            match word {
                "node" => node_id = Some(rest.parse().ok()?),
                "primary" => {
                    let (port, host) = rest.split_once(' ')?;
                    primary = Some((host.to_owned(), port.parse().ok()?));
                }
                "holds" => standing = Some(rest.parse().ok()?),
                "replica" if replicas.len() < REPLICAS_MAX => replicas.push(replica(rest)?),
                "ended" => ended_in_order = true,
                _ => {}
            }
        }
        Some(Notes { node_id: node_id?, primary, standing: standing?, replicas, ended_in_order })
    }
}

fn replica(text: &str) -> Option<KnownReplica> {
    let mut words = text.splitn(5, ' ');
    let mut next = || words.next();
    let (id, acknowledged, seen_ms, port, address) = (next()?, next()?, next()?, next()?, next()?);
    Some(KnownReplica {
        address: address.to_owned(),
        port: port.parse().ok()?,
        node_id: if id == "?" { None } else { Some(id.parse().ok()?) },
        acknowledged: Offset(acknowledged.parse().ok()?),
        seen_ms: seen_ms.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(byte: u8) -> ReplicationId {
        ReplicationId::from_random([byte; 20])
    }

    fn notes() -> Notes {
        let replica = |port, node_id| KnownReplica {
            address: "10.0.0.2".to_owned(),
            port,
            node_id,
            acknowledged: Offset(77),
            seen_ms: 1_763_900_000_000,
        };
        Notes {
            node_id: id(1),
            primary: Some(("primary.example".to_owned(), 6379)),
            standing: Standing {
                id: id(2),
                offset: Offset(99),
                keys: 5,
                past: vec![(id(3), Offset(4))],
                left: vec![id(5)],
            },
            replicas: vec![replica(6380, Some(id(6))), replica(6381, None)],
            ended_in_order: true,
        }
    }

    #[test]
    fn is_read_as_it_was_written() {
        let mut notes = notes();
        assert_eq!(Notes::parse(notes.text().as_bytes()).as_ref(), Some(&notes));
        (notes.primary, notes.ended_in_order) = (None, false);
        notes.replicas.clear();
        assert_eq!(Notes::parse(notes.text().as_bytes()), Some(notes));
    }

    #[test]
    fn what_is_not_known_is_passed_over_and_what_is_torn_is_refused() {
        let text = notes().text();
        assert!(Notes::parse(format!("{text}later words\n").as_bytes()).is_some());
        for torn in ["", "ochre-node 2\n", "ochre-node 1\nnode x\n", &text[..text.len() - 1]] {
            assert_eq!(Notes::parse(torn.as_bytes()), None, "{torn:?}");
        }
        assert_eq!(Notes::parse(&[b'\n'; FILE_BYTES_MAX + 1]), None);
    }

    #[test]
    fn any_bytes_are_read_without_harm() {
        let (text, mut random) = (notes().text().into_bytes(), stdx::random::Random::from_seed(7));
        for _ in 0..20_000 {
            let mut bytes = text.clone();
            for _ in 0..=random.below(4) {
                let place = random.index(bytes.len());
                match random.below(3) {
                    0 => bytes[place] = random.bits() as u8,
                    1 => bytes.truncate(place.max(1)),
                    _ => bytes.insert(place, b" \n:=9"[random.index(5)]),
                }
            }
            if let Some(read) = Notes::parse(&bytes) {
                assert_eq!(Notes::parse(read.text().as_bytes()), Some(read), "what was read can be written");
            }
        }
    }
}
