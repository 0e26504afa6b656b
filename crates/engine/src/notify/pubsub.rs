//! Publish and subscribe: channels, patterns, shard channels, and the way of a message to its subscribers.

use super::inbox::{InboxId, Inboxes};
use super::prefix_map::PrefixMap;
use super::topics::{TopicId, Topics};
use crate::client::card::{Card, flag};
use crate::client::session::Session;
use resp::reply::{Reply, Version};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use stdx::glob;

/// What a subscription names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// A channel.
    Channel,
    /// All channels that match a glob pattern.
    Pattern,
    /// A channel of a shard: in a cluster it is where its slot is.
    Shard,
}

/// All subscriptions.
#[derive(Default)]
pub struct PubSub {
    channels: Topics,
    patterns: Topics,
    shards: Topics,
    /// The patterns by what stands before their first wildcard: a channel that does not begin so cannot match.
    by_prefix: PrefixMap<Vec<TopicId>>,
    /// Clients that subscribe to something.
    clients: usize,
    message: Vec<u8>,
}

impl PubSub {
    /// The subscriptions of a scope.
    pub fn topics(&self, scope: Scope) -> &Topics {
        match scope {
            Scope::Channel => &self.channels,
            Scope::Pattern => &self.patterns,
            Scope::Shard => &self.shards,
        }
    }

    fn topics_mut(&mut self, scope: Scope) -> &mut Topics {
        match scope {
            Scope::Channel => &mut self.channels,
            Scope::Pattern => &mut self.patterns,
            Scope::Shard => &mut self.shards,
        }
    }

    /// Clients that subscribe to something.
    pub fn clients(&self) -> usize {
        self.clients
    }

    /// Whether a message to a channel could have a receiver.
    pub fn has_listeners(&self) -> bool {
        !self.channels.is_empty() || !self.patterns.is_empty()
    }

    /// Subscribes a client.
    pub fn subscribe(&mut self, inboxes: &mut Inboxes, session: &mut Session, scope: Scope, name: &[u8]) {
        let client = inboxes.open(&session.card);
        if self.topics_mut(scope).subscribe(client, name) {
            if scope == Scope::Pattern
                && let (&[_], Some(id)) = (self.patterns.subscribers(name), self.patterns.find(name))
            {
                self.by_prefix.get_or_default(literal_prefix(name)).push(id);
            }
            session.is_subscriber = self.note_counts(&session.card, client);
        }
    }

    /// Ends a subscription of a client; nothing happens if it has none.
    pub fn unsubscribe(&mut self, session: &mut Session, scope: Scope, name: &[u8]) {
        self.end(&session.card, scope, name);
        session.is_subscriber = session.card.has(flag::SUBSCRIBER);
    }

    fn end(&mut self, card: &Card, scope: Scope, name: &[u8]) {
        let Some(client) = Inboxes::of(card) else { return };
        let id = self.topics(scope).find(name);
        if !self.topics_mut(scope).unsubscribe(client, name) {
            return;
        }
        if let Some(id) = id.filter(|_| scope == Scope::Pattern && self.patterns.find(name).is_none()) {
            self.forget_pattern(name, id);
        }
        self.note_counts(card, client);
    }

    fn forget_pattern(&mut self, pattern: &[u8], id: TopicId) {
        let prefix = literal_prefix(pattern);
        let Some(alike) = self.by_prefix.get_mut(prefix) else { return };
        alike.retain(|&other| other != id);
        if alike.is_empty() {
            self.by_prefix.remove(prefix);
        }
    }

    /// What a client subscribes to in a scope.
    pub fn names_of(&self, card: &Card, scope: Scope) -> Vec<Arc<[u8]>> {
        Inboxes::of(card).map_or_else(Vec::new, |client| self.topics(scope).names_of(client))
    }

    /// Ends all subscriptions of a client.
    pub fn unsubscribe_all(&mut self, session: &mut Session) {
        if session.is_subscriber {
            self.leave(&session.card);
            session.is_subscriber = false;
        }
    }

    /// Ends all subscriptions of a client that is to be closed: it counts for no message any more.
    pub fn leave(&mut self, card: &Card) {
        for scope in [Scope::Channel, Scope::Pattern, Scope::Shard] {
            for name in self.names_of(card, scope) {
                self.end(card, scope, &name);
            }
        }
    }

    /// Brings the figures that others see up to date; whether the client subscribes to anything.
    fn note_counts(&mut self, card: &Card, client: InboxId) -> bool {
        let scopes = [Scope::Channel, Scope::Pattern, Scope::Shard];
        let counts = scopes.map(|scope| self.topics(scope).count_of(client) as u32);
        for (shown, count) in card.subscriptions.iter().zip(counts) {
            shown.store(count, Relaxed);
        }
        let subscribes = counts.iter().any(|&count| count > 0);
        if subscribes != card.has(flag::SUBSCRIBER) {
            card.set(flag::SUBSCRIBER, subscribes);
            self.clients = if subscribes { self.clients + 1 } else { self.clients - 1 };
        }
        subscribes
    }

    /// Sends a message to the subscribers of a channel and of the patterns that it matches. Returns how many got it,
    /// counting a client once for each of its subscriptions.
    pub fn publish(&mut self, inboxes: &mut Inboxes, channel: &[u8], text: &[u8]) -> usize {
        let subscribers = self.channels.subscribers(channel);
        send(inboxes, subscribers, &mut self.message, &[b"message", channel, text]);
        let mut receivers = subscribers.len();
        for (_, patterns) in self.by_prefix.prefixes_of(channel) {
            for (pattern, subscribers) in patterns.iter().filter_map(|&id| self.patterns.get(id)) {
                if glob::matches(pattern, channel, false) {
                    send(inboxes, subscribers, &mut self.message, &[b"pmessage", pattern, channel, text]);
                    receivers += subscribers.len();
                }
            }
        }
        receivers
    }

    /// Sends a message to the subscribers of a shard channel. Returns how many got it.
    pub fn publish_to_shard(&mut self, inboxes: &mut Inboxes, channel: &[u8], text: &[u8]) -> usize {
        let subscribers = self.shards.subscribers(channel);
        send(inboxes, subscribers, &mut self.message, &[b"smessage", channel, text]);
        subscribers.len()
    }
}

/// Encodes a message once and leaves it for everybody.
fn send(inboxes: &mut Inboxes, subscribers: &[InboxId], message: &mut Vec<u8>, words: &[&[u8]]) {
    if subscribers.is_empty() {
        return;
    }
    message.clear();
    let mut reply = Reply::new(message, Version::Resp2);
    reply.array(words.len());
    words.iter().for_each(|word| reply.bulk(word));
    for &subscriber in subscribers {
        inboxes.post_message(subscriber, message);
    }
    message.shrink_to(1 << 20);
}

/// The bytes of a pattern before its first special one.
fn literal_prefix(pattern: &[u8]) -> &[u8] {
    let end = pattern.iter().position(|byte| b"*?[\\".contains(byte));
    &pattern[..end.unwrap_or(pattern.len())]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::card::ClientKind;
    use stdx::random::Random;

    #[test]
    fn a_pattern_is_looked_for_by_its_beginning() {
        for (pattern, prefix) in
            [("a*", "a"), ("*", ""), ("ab", "ab"), ("a\\*", "a"), ("x[ab]", "x"), ("y?", "y")]
        {
            assert_eq!(literal_prefix(pattern.as_bytes()), prefix.as_bytes());
        }
    }

    /// The receivers that are counted are those that a walk over all subscriptions finds.
    #[test]
    fn agrees_with_a_walk_over_all_patterns() {
        let mut random = Random::from_seed(3);
        let (mut inboxes, mut pubsub) = (Inboxes::default(), PubSub::default());
        let mut sessions: Vec<Session> = (0..6).map(|_| Session::internal(ClientKind::Normal)).collect();
        let mut model: Vec<(usize, Vec<u8>)> = Vec::new();
        let word = |random: &mut Random, letters: &[u8]| -> Vec<u8> {
            (0..random.index(4)).map(|_| letters[random.index(letters.len())]).collect()
        };
        for _ in 0..5_000 {
            let (client, pattern) = (random.index(6), word(&mut random, b"ab*?["));
            if random.index(3) > 0 {
                pubsub.subscribe(&mut inboxes, &mut sessions[client], Scope::Pattern, &pattern);
                if !model.contains(&(client, pattern.clone())) {
                    model.push((client, pattern));
                }
            } else {
                pubsub.unsubscribe(&mut sessions[client], Scope::Pattern, &pattern);
                model.retain(|(other, known)| *other != client || *known != pattern);
            }
            let channel = word(&mut random, b"ab");
            let expected =
                model.iter().filter(|(_, pattern)| glob::matches(pattern, &channel, false)).count();
            assert_eq!(pubsub.publish(&mut inboxes, &channel, b"x"), expected);
        }
        sessions.iter_mut().for_each(|session| pubsub.unsubscribe_all(session));
        assert!(pubsub.patterns.is_empty() && pubsub.by_prefix.is_empty() && pubsub.clients() == 0);
    }
}
