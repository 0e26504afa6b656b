//! Names that clients subscribe to, and who subscribes to each: one such set for channels, patterns, shard channels.

use super::inbox::InboxId;
use std::collections::HashMap;
use std::sync::Arc;

/// The number of a name; free again when nobody subscribes to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TopicId(u32);

/// A name with its subscribers, in no order.
struct Topic {
    name: Arc<[u8]>,
    subscribers: Vec<InboxId>,
}

/// Names and their subscribers. Subscribing and leaving take constant time, however many there are.
#[derive(Default)]
pub struct Topics {
    by_name: HashMap<Arc<[u8]>, TopicId>,
    topics: Vec<Option<Topic>>,
    free: Vec<TopicId>,
    /// What each client subscribes to, and its place among the subscribers there.
    by_client: HashMap<InboxId, HashMap<TopicId, u32>>,
}

impl Topics {
    /// How many names have subscribers.
    pub fn len(&self) -> usize {
        self.by_name.len()
    }

    /// Whether nobody subscribes to anything.
    pub fn is_empty(&self) -> bool {
        self.by_name.is_empty()
    }

    /// How many names a client subscribes to.
    pub fn count_of(&self, client: InboxId) -> usize {
        self.by_client.get(&client).map_or(0, HashMap::len)
    }

    /// What a client subscribes to.
    pub fn names_of(&self, client: InboxId) -> Vec<Arc<[u8]>> {
        let own = self.by_client.get(&client).into_iter().flat_map(HashMap::keys);
        own.filter_map(|&id| self.topic(id)).map(|topic| Arc::clone(&topic.name)).collect()
    }

    /// Every name that has subscribers.
    pub fn names(&self) -> impl Iterator<Item = &[u8]> {
        self.by_name.keys().map(|name| &**name)
    }

    /// The number of a name.
    pub fn find(&self, name: &[u8]) -> Option<TopicId> {
        self.by_name.get(name).copied()
    }

    /// The subscribers of a name.
    #[inline]
    pub fn subscribers(&self, name: &[u8]) -> &[InboxId] {
        self.find(name).and_then(|id| self.topic(id)).map_or(&[], |topic| &topic.subscribers)
    }

    /// A name and its subscribers.
    pub fn get(&self, id: TopicId) -> Option<(&[u8], &[InboxId])> {
        self.topic(id).map(|topic| (&*topic.name, topic.subscribers.as_slice()))
    }

    fn topic(&self, id: TopicId) -> Option<&Topic> {
        self.topics.get(id.0 as usize)?.as_ref()
    }

    /// Subscribes a client; false when it does already.
    pub fn subscribe(&mut self, client: InboxId, name: &[u8]) -> bool {
        let id = self.find(name).unwrap_or_else(|| self.add(name));
        let own = self.by_client.entry(client).or_default();
        if own.contains_key(&id) {
            return false;
        }
        let topic = self.topics[id.0 as usize].as_mut().expect("a number that is in the index is in use");
        own.insert(id, topic.subscribers.len() as u32);
        topic.subscribers.push(client);
        true
    }

    fn add(&mut self, name: &[u8]) -> TopicId {
        let name: Arc<[u8]> = name.into();
        let topic = Some(Topic { name: Arc::clone(&name), subscribers: Vec::new() });
        let id = match self.free.pop() {
            Some(id) => {
                self.topics[id.0 as usize] = topic;
                id
            }
            None => {
                self.topics.push(topic);
                TopicId(self.topics.len() as u32 - 1)
            }
        };
        self.by_name.insert(name, id);
        id
    }

    /// Ends a subscription; false when there is none.
    pub fn unsubscribe(&mut self, client: InboxId, name: &[u8]) -> bool {
        let Some(id) = self.find(name) else { return false };
        let Some(own) = self.by_client.get_mut(&client) else { return false };
        let Some(place) = own.remove(&id) else { return false };
        if own.is_empty() {
            self.by_client.remove(&client);
        }
        let topic = self.topics[id.0 as usize].as_mut().expect("a number that is in the index is in use");
        topic.subscribers.swap_remove(place as usize);
        if let Some(moved) = topic.subscribers.get(place as usize) {
            let theirs = self.by_client.get_mut(moved).expect("a subscriber is in the list of clients");
            theirs.insert(id, place);
        } else if topic.subscribers.is_empty() {
            self.by_name.remove(name);
            self.topics[id.0 as usize] = None;
            self.free.push(id);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::card::{Card, ClientKind};
    use crate::notify::inbox::Inboxes;
    use std::collections::{BTreeMap, BTreeSet};
    use stdx::random::Random;

    fn clients(count: usize) -> Vec<InboxId> {
        let mut inboxes = Inboxes::default();
        let card = || Arc::new(Card::new(1, ClientKind::Normal, String::new(), String::new(), 0));
        (0..count).map(|_| inboxes.open(&card())).collect()
    }

    /// The same random subscriptions here and in plain maps.
    #[test]
    fn agrees_with_plain_maps() {
        let (mut random, clients) = (Random::from_seed(7), clients(20));
        let names: Vec<Vec<u8>> = (0..12).map(|number| format!("name:{number}").into_bytes()).collect();
        let (mut topics, mut model) = (Topics::default(), BTreeMap::<&[u8], BTreeSet<InboxId>>::new());
        for _ in 0..20_000 {
            let (client, name) = (clients[random.index(20)], names[random.index(12)].as_slice());
            if random.index(2) == 0 {
                assert_eq!(topics.subscribe(client, name), model.entry(name).or_default().insert(client));
            } else {
                let expected = model.get_mut(name).is_some_and(|own| own.remove(&client));
                assert_eq!(topics.unsubscribe(client, name), expected);
                model.retain(|_, own| !own.is_empty());
            }
            let found: BTreeSet<InboxId> = topics.subscribers(name).iter().copied().collect();
            assert_eq!(found, model.get(name).cloned().unwrap_or_default());
            let own = model.values().filter(|subscribers| subscribers.contains(&client)).count();
            assert_eq!((topics.len(), topics.count_of(client)), (model.len(), own));
            assert_eq!(topics.names_of(client).len(), own);
        }
    }
}
