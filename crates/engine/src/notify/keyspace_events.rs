//! Keyspace events: what happened to a key becomes a message on two channels.

use super::inbox::Inboxes;
use super::pubsub::PubSub;
use crate::config::kind::EventClasses;
use keyspace::Event;

/// Publishes an event: its name on the key's channel, the key on the event's channel, as far as either is wanted.
pub fn publish(
    pubsub: &mut PubSub,
    inboxes: &mut Inboxes,
    wanted: EventClasses,
    database: u32,
    key: &[u8],
    event: Event,
) {
    if wanted.by_key {
        let channel = [format!("__keyspace@{database}__:").as_bytes(), key].concat();
        pubsub.publish(inboxes, &channel, event.name.as_bytes());
    }
    if wanted.by_event {
        let channel = format!("__keyevent@{database}__:{}", event.name);
        pubsub.publish(inboxes, channel.as_bytes(), key);
    }
}
