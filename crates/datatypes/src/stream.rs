//! Streams: entries of fields and values under ascending identifiers, and the consumer groups that read them.
//!
//! The entries lie in a [`Log`]: blocks, which files hold as a listpack each. A [`Group`] knows how far it has read and
//! which entries its consumers were handed and have not acknowledged. Clones share blocks, groups and their pending entries.

mod block;
mod entry;
mod group;
mod lag;
mod log;
mod next_id;
mod radix;
#[cfg(test)]
mod tests;
mod trim;
mod varint;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::collection::Collection;
use crate::types::Type;

pub use encodings::id_tree::{Id, IdMap};
pub use entry::Entry;
pub use group::{Consumer, Group, Pending};
pub use log::{Damaged, Log, Marks};
pub use next_id::{IdError, NewId};
pub use trim::{Bound, Parts, Trim, Trimmed};

/// A stream. It may be empty, and stays.
#[derive(Clone, Default)]
pub struct Stream {
    body: Box<Body>,
}

#[derive(Clone, Default)]
struct Body {
    log: Log,
    groups: Arc<Groups>,
}

type Groups = BTreeMap<Box<[u8]>, Arc<Group>>;

impl Stream {
    /// A stream of these entries, without groups.
    pub fn of_log(log: Log) -> Stream {
        Stream { body: Box::new(Body { log, groups: Arc::default() }) }
    }

    /// Its entries.
    pub fn log(&self) -> &Log {
        &self.body.log
    }

    /// Its entries, to be changed.
    pub fn log_mut(&mut self) -> &mut Log {
        &mut self.body.log
    }

    /// The groups and their names, in the order of these.
    pub fn groups(&self) -> impl ExactSizeIterator<Item = (&[u8], &Group)> {
        self.body.groups.iter().map(|(name, group)| (&**name, &**group))
    }

    /// The group of this name.
    pub fn group(&self, name: &[u8]) -> Option<&Group> {
        self.body.groups.get(name).map(|group| &**group)
    }

    /// The group of this name, to be changed, beside the entries that it reads.
    pub fn group_mut(&mut self, name: &[u8]) -> Option<(&Log, &mut Group)> {
        self.group(name)?;
        let Body { log, groups } = &mut *self.body;
        let group = Arc::make_mut(groups).get_mut(name)?;
        Some((log, Arc::make_mut(group)))
    }

    /// Puts a group in; false if there is one of this name.
    pub fn create_group(&mut self, name: &[u8], group: Group) -> bool {
        if self.group(name).is_some() {
            return false;
        }
        Arc::make_mut(&mut self.body.groups).insert(name.into(), Arc::new(group));
        true
    }

    /// Takes a group out, with what its consumers have pending; none if there is none of this name.
    pub fn destroy_group(&mut self, name: &[u8]) -> Option<Arc<Group>> {
        self.group(name)?;
        Arc::make_mut(&mut self.body.groups).remove(name)
    }
}

impl PartialEq for Stream {
    fn eq(&self, other: &Stream) -> bool {
        self.log() == other.log() && self.body.groups == other.body.groups
    }
}

impl std::fmt::Debug for Stream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stream").field("log", self.log()).field("groups", &self.body.groups).finish()
    }
}

impl Collection for Stream {
    const TYPE: Type = Type::Stream;

    fn len(&self) -> usize {
        self.log().len()
    }

    /// A stream without entries stays: it remembers its identifiers and its groups.
    fn is_empty(&self) -> bool {
        false
    }

    fn part_count(&self) -> usize {
        self.log().block_count() + self.groups().map(|(_, group)| group.part_count()).sum::<usize>()
    }

    fn allocated_bytes(&self) -> usize {
        let groups = self.groups().map(|(name, group)| name.len() + group.allocated_bytes());
        size_of::<Body>() + self.log().allocated_bytes() + groups.sum::<usize>()
    }

    fn encoding(&self) -> &'static str {
        "stream"
    }
}
