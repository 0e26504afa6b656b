//! What a running command sees: its keys, its reply, its client, the engine.

use super::call;
use crate::blocking::Wanted;
use crate::client::card::flag;
use crate::client::session::Session;
use crate::client::watch::WatchedKey;
use crate::command::{Stop, WaitOn};
use crate::engine::Engine;
use crate::facts::requests::{Asked, ProcessRequest};
use crate::facts::standing::Standing;
use crate::notify::monitor::HiddenWords;
use keyspace::{ExpiryMode, Keys, View};
use resp::reply::Reply;
use resp::request::{OwnedRequest, Request};

/// What a running command sees. Holds no logic.
pub struct Context<'a> {
    /// The data, through the view that the command may use.
    pub keys: Keys<'a>,
    /// Where its reply goes.
    pub reply: Reply<'a>,
    /// Who asked.
    pub client: &'a mut Session,
    /// Everything else.
    pub engine: &'a mut Engine,
    /// The request as it came.
    pub request: Request<'a>,
    /// What is passed on instead of the request.
    pub(super) passed_on: PassedOn,
    /// Whether the command runs as part of a transaction.
    pub(super) is_nested: bool,
    /// Words of the request that must not be shown.
    pub(super) hidden: HiddenWords,
}

/// What goes to the log for a command.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum PassedOn {
    /// The request, if it changed something.
    #[default]
    AsSent,
    /// What the command recorded itself.
    Recorded,
    /// The request, whether or not it changed something.
    Always,
}

impl Context<'_> {
    /// What goes to the log instead of the request. May be called several times: the operations go together.
    pub fn propagate_as(&mut self, words: &[&[u8]]) {
        self.passed_on = PassedOn::Recorded;
        call::pass_on_removals(self);
        if !self.client.is_history() && !self.engine.replication.is_replica() {
            self.engine.propagation.record_words(self.keys.database(), words);
        }
    }

    /// Nothing goes to the log for this request.
    pub fn propagate_nothing(&mut self) {
        self.passed_on = PassedOn::Recorded;
    }

    /// The request goes to the log even if no key was changed (FLUSHALL of an empty data set).
    pub fn propagate_always(&mut self) {
        self.passed_on = PassedOn::Always;
    }

    /// What this node holds.
    pub fn standing(&mut self) -> Standing {
        self.engine.standing(self.keys.keyspace())
    }

    /// Leaves a request to the process; the command replies itself.
    pub fn leave(&mut self, request: ProcessRequest) {
        self.engine.requests.push(Asked { request, client: None });
    }

    /// Whether the command may wait. Inside a transaction it must be answered with what is true now, and a history that
    /// we follow or load cannot stop.
    pub fn may_wait(&self) -> bool {
        !self.is_nested && !self.client.is_history()
    }

    /// The request waits until one of these keys holds what is wanted, and runs again then: to be returned as the command's
    /// outcome, if it [may wait](Context::may_wait). `deadline_ms` is on the monotonic clock, 0 for never: when it comes,
    /// the reply is a null array. A request that runs again and finds nothing again calls this as at first.
    pub fn wait_for_keys<'k>(
        &mut self,
        keys: impl Iterator<Item = &'k [u8]>,
        wanted: Wanted,
        deadline_ms: u64,
    ) -> Stop {
        let request = OwnedRequest::from(self.request);
        self.wait_for_keys_with(request, keys, wanted, deadline_ms)
    }

    /// As [`wait_for_keys`](Context::wait_for_keys), but it is another request that runs again: one whose words mean the
    /// same then as this one's do now.
    pub fn wait_for_keys_with<'k>(
        &mut self,
        request: OwnedRequest,
        keys: impl Iterator<Item = &'k [u8]>,
        wanted: Wanted,
        deadline_ms: u64,
    ) -> Stop {
        if !self.engine.blocking.contains(self.client.card.id) {
            self.engine.blocking.add(self.client, request, keys, wanted, deadline_ms);
            self.update_interest();
        }
        Stop::Wait(WaitOn::Keys)
    }

    /// Watches a key: EXEC will refuse when it was changed meanwhile.
    pub fn watch(&mut self, key: &[u8]) {
        // An expired key is not removed here: that would count as the change that is watched for.
        let view = View {
            database: self.keys.database(),
            now_ms: self.keys.now_ms(),
            expiry: ExpiryMode::Hide,
            touch: false,
        };
        let existed = self.keys.keyspace().keys(view).peek(key).is_some();
        self.engine.watches.watch(self.client, key, existed);
        self.update_interest();
    }

    /// Whether a watched key was changed, or has expired.
    pub fn watched_was_changed(&mut self) -> bool {
        let expired = |watched: &WatchedKey| {
            watched.existed && self.keys.in_database(watched.database).peek(&watched.key).is_none()
        };
        self.client.watched.iter().any(expired) || self.client.card.has(flag::DIRTY_EXEC)
    }

    /// The client watches nothing any more.
    pub fn forget_watched(&mut self) {
        self.engine.watches.forget(self.client);
        self.update_interest();
    }

    /// Lets the keyspace record what somebody wants to know: to be called when that has changed.
    pub fn update_interest(&mut self) {
        let changes = self.keys.keyspace().changes_mut();
        (changes.interest, changes.interest_in_misses) = self.engine.interest();
    }

    /// A word of the request, by its place, is a secret: monitors do not see it.
    pub fn hide_word(&mut self, place: usize) {
        self.hidden.hide(place);
    }

    /// A database is about to be emptied, or to be exchanged with `other`: tells who watches keys that are there, in
    /// either, and has those looked at who wait for keys. To be called for each database before it happens.
    pub fn touch_watched_in(&mut self, database: u32, other: Option<u32>) {
        self.engine.blocking.touch_database(database);
        let keys = &mut self.keys;
        self.engine.watches.touch_database(database, |key| {
            keys.in_database(database).peek(key).is_some()
                || other.is_some_and(|other| keys.in_database(other).peek(key).is_some())
        });
    }

    /// Asks something of the process, which answers for the command: to be returned as the command's outcome. In a
    /// transaction nobody waits for the answer: the reply is `+OK` at once.
    pub fn ask(&mut self, request: ProcessRequest) -> Stop {
        let client = (!self.is_nested).then_some(self.client.card.id);
        self.engine.requests.push(Asked { request, client });
        Stop::Wait(WaitOn::Process)
    }

    /// Now, in milliseconds since 1970, as read at the beginning of the turn.
    pub fn now_ms(&self) -> i64 {
        self.engine.clock.wall_ms
    }
}
