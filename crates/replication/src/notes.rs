//! Keeps the node file up to date: read at start, written by a thread while things change, and at an orderly end.

use crate::node_file::{FILE_BYTES_MAX, Notes, REPLICAS_MAX};
use engine::engine::Node;
use engine::facts::replication::ReplicationFacts;
use log::vfs::{Vfs, replace_file};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use stdx::logging::warning;

/// A replica that was not seen for so long is forgotten, in milliseconds: a week.
const FORGET_AFTER_MS: i64 = 7 * 24 * 3600 * 1000;

/// Where the file is, and what stands in it.
pub struct NodeNotes {
    vfs: Arc<dyn Vfs>,
    /// The thread that writes; made when there is something to write.
    writer: engine::shared::Shared<Option<Writer>>,
}

struct Writer {
    given: SyncSender<(PathBuf, String)>,
    last: String,
}

fn path(node: &Node) -> PathBuf {
    let snapshotting = &node.engine.config.snapshotting;
    let name = Path::new(&snapshotting.dbfilename).with_extension("node");
    snapshotting.dir.join(name)
}

impl NodeNotes {
    /// Files are reached through `vfs`.
    pub fn new(vfs: Arc<dyn Vfs>) -> NodeNotes {
        NodeNotes { vfs, writer: Default::default() }
    }

    /// At start: what was noted before; `None` if there is no such file, or it cannot be read. The node is who it was, and
    /// a primary that it followed already gets no consent by standing in the configuration.
    pub fn take_up(&self, node: &mut Node) -> Option<Notes> {
        let notes = match self.read(&path(node)) {
            Ok(notes) => notes?,
            Err(error) => {
                warning!("Reading {}: {error}", path(node).display());
                return None;
            }
        };
        let replication = &mut node.engine.replication;
        replication.node_id = Some(notes.node_id);
        replication.lineage.remember(&notes.standing);
        replication.known.clone_from(&notes.replicas);
        if let Some(link) = &mut replication.primary {
            let is_same = |(host, port): &(String, u16)| *host == link.host && *port == link.port;
            link.has_consent = !notes.primary.as_ref().is_some_and(is_same);
        }
        Some(notes)
    }

    fn read(&self, path: &Path) -> io::Result<Option<Notes>> {
        if !self.vfs.exists(path)? {
            return Ok(None);
        }
        let mut bytes = Vec::new();
        self.vfs.open_read(path)?.take(FILE_BYTES_MAX as u64 + 1).read_to_end(&mut bytes)?;
        Ok(Notes::parse(&bytes))
    }

    /// Once a second, and when somebody begins to follow: what has changed is given to the thread. Nothing is noted by a node that never had to do with
    /// replication.
    pub fn cron(&self, node: &mut Node) {
        let Some(notes) = notes(node, false) else { return };
        let (path, text) = (path(node), notes.text());
        let mut writer = self.writer.lock();
        if writer.as_ref().is_some_and(|writer| writer.last == text) {
            return;
        }
        if writer.is_none() {
            *writer = self.begin();
        }
        let Some(writer) = writer.as_mut() else { return };
        match writer.given.try_send((path, text.clone())) {
            Ok(()) => writer.last = text,
            // The disk is slow; the next second's notes are as good.
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {}
        }
    }

    fn begin(&self) -> Option<Writer> {
        let (given, taken) = sync_channel::<(PathBuf, String)>(1);
        let vfs = Arc::clone(&self.vfs);
        let run = move || {
            let mut has_failed = false;
            while let Ok((path, text)) = taken.recv() {
                let outcome = write(&*vfs, &path, &text);
                if let (Err(error), false) = (&outcome, has_failed) {
                    warning!("Writing {}: {error}", path.display());
                }
                has_failed = outcome.is_err();
            }
        };
        match stdx::background::spawn("node-file", run) {
            Ok(_) => Some(Writer { given, last: String::new() }),
            Err(error) => {
                warning!("Can't start the thread of the node file: {error}");
                None
            }
        }
    }

    /// Notes what there is, here and now: for simulations, where the thread would be in nobody's hands.
    pub fn note_now(&self, node: &mut Node) -> io::Result<()> {
        let Some(notes) = notes(node, false) else { return Ok(()) };
        write(&*self.vfs, &path(node), &notes.text())
    }

    /// The process ends in order.
    pub fn end(&self, node: &mut Node) {
        if let Some(notes) = notes(node, true)
            && let Err(error) = write(&*self.vfs, &path(node), &notes.text())
        {
            warning!("Writing {}: {error}", path(node).display());
        }
    }
}

fn write(vfs: &dyn Vfs, path: &Path, text: &str) -> io::Result<()> {
    let temporary = path.with_extension(format!("node.temp-{}", std::process::id()));
    replace_file(vfs, &temporary, path, text.as_bytes()).inspect_err(|_| drop(vfs.remove(&temporary)))
}

/// What there is to note; `None` for a node that never had to do with replication.
fn notes(node: &mut Node, ended_in_order: bool) -> Option<Notes> {
    // A copy that is being taken at start is not what the node held.
    if node.engine.health.loading.as_ref().is_some_and(|loading| !loading.is_async) {
        return None;
    }
    let now_ms = node.engine.clock.wall_ms;
    let replication = &mut node.engine.replication;
    if replication.node_id.is_none() && !replication.is_replica() && replication.replicas.is_empty() {
        return None;
    }
    let node_id = *replication.node_id.get_or_insert_with(engine::propagation::new_id);
    update_known(replication, now_ms);
    let primary = replication.primary.as_ref().map(|link| (link.host.clone(), link.port));
    let replicas = replication.known.clone();
    Some(Notes { node_id, primary, standing: node.standing(), replicas, ended_in_order })
}

/// Replicas that are here are known as they are now; others stay known for a while.
fn update_known(replication: &mut ReplicationFacts, now_ms: i64) {
    let ReplicationFacts { replicas, known, .. } = replication;
    for replica in known.iter_mut() {
        let is_it = |fact: &&engine::facts::replication::ReplicaFact| {
            fact.port == replica.port && fact.address == replica.address
        };
        if let Some(fact) = replicas.iter().find(is_it) {
            replica.acknowledged = fact.acknowledged;
            // To the hour, so that an idle node has nothing to write.
            replica.seen_ms = now_ms - now_ms % 3_600_000;
        }
    }
    known.retain(|replica| now_ms.saturating_sub(replica.seen_ms) < FORGET_AFTER_MS);
    let beyond = known.len().saturating_sub(REPLICAS_MAX);
    known.drain(..beyond);
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::facts::replication::PrimaryLink;
    use log::Offset;
    use log::vfs::MemoryVfs;

    fn node(primary: Option<&str>) -> Node {
        let table = Box::leak(Box::new(engine::command::index::Table::new(&[])));
        let mut node = Node::new(Default::default(), table);
        node.engine.config.snapshotting.dir = "/data".into();
        if let Some(host) = primary {
            node.engine.follow(host, 6379);
        }
        node
    }

    fn noted(primary: Option<&str>) -> NodeNotes {
        let disk = MemoryVfs::new();
        disk.create_dir(Path::new("/data")).unwrap();
        let notes = NodeNotes::new(Arc::new(disk));
        let mut before = node(primary);
        before.engine.replication.node_id = Some(engine::propagation::new_id());
        notes.end(&mut before);
        notes
    }

    #[test]
    fn a_plain_server_notes_nothing() {
        assert_eq!(notes(&mut node(None), false), None);
        let noted = notes(&mut node(Some("a")), false).unwrap();
        assert_eq!(noted.primary, Some(("a".to_owned(), 6379)));
    }

    #[test]
    fn only_another_primary_than_before_has_consent() {
        let consents = |before: Option<&str>, now: &str| {
            let (notes, mut node) = (noted(before), node(Some(now)));
            assert!(notes.take_up(&mut node).is_some_and(|noted| noted.ended_in_order));
            node.engine.replication.primary.map(|link: PrimaryLink| link.has_consent)
        };
        assert_eq!(consents(Some("a"), "a"), Some(false));
        assert_eq!(consents(Some("a"), "b"), Some(true));
        assert_eq!(consents(None, "a"), Some(true));
    }

    #[test]
    fn who_it_is_stays_and_without_a_file_all_is_new() {
        let notes = noted(Some("a"));
        let (mut first, mut second) = (node(None), node(None));
        notes.take_up(&mut first);
        notes.take_up(&mut second);
        assert!(first.engine.replication.node_id.is_some());
        assert_eq!(first.engine.replication.node_id, second.engine.replication.node_id);
        let empty = NodeNotes::new(Arc::new(MemoryVfs::new()));
        let mut node = node(Some("a"));
        assert!(empty.take_up(&mut node).is_none());
        assert!(node.engine.replication.primary.is_some_and(|link| link.has_consent));
    }

    #[test]
    fn replicas_are_known_for_a_week_and_not_too_many_of_them() {
        let mut facts = ReplicationFacts::default();
        let replica = |port, seen_ms| engine::facts::replication::KnownReplica {
            address: "a".to_owned(),
            port,
            node_id: None,
            acknowledged: Offset::ZERO,
            seen_ms,
        };
        facts.know(replica(1, 0));
        (2..100).for_each(|port| facts.know(replica(port, FORGET_AFTER_MS)));
        facts.know(replica(50, FORGET_AFTER_MS));
        update_known(&mut facts, FORGET_AFTER_MS);
        assert_eq!(facts.known.len(), REPLICAS_MAX);
        assert_eq!(facts.known.last().map(|replica| replica.port), Some(50));
    }
}
