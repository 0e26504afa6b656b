//! WATCH: which clients are to know that a key was changed before their EXEC.

use super::card::{Card, flag};
use super::session::Session;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

/// A key that a client watches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WatchedKey {
    /// Number of its database.
    pub database: u32,
    /// Its name.
    pub key: Box<[u8]>,
    /// Whether it was there when WATCH came: then its mere expiry counts as a change.
    pub existed: bool,
}

/// The watched keys of all clients. A change is marked on the card of the client, whichever worker holds it.
#[derive(Default)]
pub struct Watches {
    databases: HashMap<u32, HashMap<Box<[u8]>, Vec<Watcher>>>,
}

/// A client that watches a key.
struct Watcher {
    card: Arc<Card>,
    /// Whether the key was there when it began.
    existed: bool,
}

impl Watcher {
    fn tell(&self) {
        self.card.set(flag::DIRTY_EXEC, true);
    }
}

impl Watches {
    /// Whether nobody watches anything.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.databases.is_empty()
    }

    /// Watches a key of the session's database; a key that is watched already stays as it was.
    pub fn watch(&mut self, session: &mut Session, key: &[u8], existed: bool) {
        let database = session.database;
        let known = |watched: &WatchedKey| watched.database == database && *watched.key == *key;
        if session.watched.iter().any(known) {
            return;
        }
        let watchers = self.databases.entry(database).or_default().entry(key.into()).or_default();
        watchers.push(Watcher { card: session.card.clone(), existed });
        session.watched.push(WatchedKey { database, key: key.into(), existed });
        session.card.watched.store(session.watched.len() as u32, Relaxed);
    }

    /// The client watches nothing any more.
    pub fn forget(&mut self, session: &mut Session) {
        for watched in session.watched.drain(..) {
            let Some(keys) = self.databases.get_mut(&watched.database) else { continue };
            if let Some(watchers) = keys.get_mut(&watched.key) {
                watchers.retain(|watcher| !Arc::ptr_eq(&watcher.card, &session.card));
                if watchers.is_empty() {
                    keys.remove(&watched.key);
                }
            }
            if keys.is_empty() {
                self.databases.remove(&watched.database);
            }
        }
        session.card.watched.store(0, Relaxed);
        session.card.set(flag::DIRTY_EXEC, false);
    }

    /// A key was changed: those who watch it are told.
    #[inline]
    pub fn touch(&self, database: u32, key: &[u8]) {
        self.watchers(database, key).iter().for_each(Watcher::tell);
    }

    /// A key was removed because its time had come. For those who began to watch it later, it was never there.
    pub fn touch_expired(&self, database: u32, key: &[u8]) {
        self.watchers(database, key).iter().filter(|watcher| watcher.existed).for_each(Watcher::tell);
    }

    fn watchers(&self, database: u32, key: &[u8]) -> &[Watcher] {
        self.databases.get(&database).and_then(|keys| keys.get(key)).map_or(&[], Vec::as_slice)
    }

    /// A database is about to be emptied or exchanged: those are told who watch a key that `changes`.
    pub fn touch_database(&self, database: u32, mut changes: impl FnMut(&[u8]) -> bool) {
        for (key, watchers) in self.databases.get(&database).into_iter().flatten() {
            if changes(key) {
                watchers.iter().for_each(Watcher::tell);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::card::ClientKind;

    fn is_dirty(session: &Session) -> bool {
        session.card.has(flag::DIRTY_EXEC)
    }

    #[test]
    fn only_watchers_of_the_key_are_told() {
        let mut watches = Watches::default();
        let mut first = Session::internal(ClientKind::Normal);
        let mut second = Session::internal(ClientKind::Normal);
        watches.watch(&mut first, b"a", true);
        watches.watch(&mut first, b"a", false);
        watches.watch(&mut second, b"a", true);
        watches.watch(&mut second, b"b", false);
        assert_eq!((first.watched.len(), first.watched[0].existed), (1, true));
        watches.touch(1, b"a");
        watches.touch(0, b"c");
        watches.touch_expired(0, b"b");
        assert!(!is_dirty(&first) && !is_dirty(&second));
        watches.touch(0, b"b");
        assert!(!is_dirty(&first) && is_dirty(&second));
        watches.forget(&mut second);
        assert!(!is_dirty(&second));
        watches.touch_database(0, |key| key == b"a");
        assert!(is_dirty(&first) && !is_dirty(&second));
        watches.forget(&mut first);
        assert!(watches.is_empty());
    }
}
