//! Values by a byte string, asked for by all texts that begin with it.

use std::collections::{BTreeMap, HashMap};

/// Values by prefix. Finding those whose prefix a text begins with costs a look for each length that occurs, not for
/// each prefix.
#[derive(Debug)]
pub struct PrefixMap<V> {
    values: HashMap<Box<[u8]>, V>,
    /// How many prefixes have this length.
    lengths: BTreeMap<usize, usize>,
}

impl<V> Default for PrefixMap<V> {
    fn default() -> Self {
        PrefixMap { values: HashMap::new(), lengths: BTreeMap::new() }
    }
}

impl<V> PrefixMap<V> {
    /// How many prefixes there are.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there is no prefix.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The value of a prefix.
    pub fn get(&self, prefix: &[u8]) -> Option<&V> {
        self.values.get(prefix)
    }

    /// The value of a prefix, to be changed.
    pub fn get_mut(&mut self, prefix: &[u8]) -> Option<&mut V> {
        self.values.get_mut(prefix)
    }

    /// The value of a prefix, made when it is not there.
    pub fn get_or_default(&mut self, prefix: &[u8]) -> &mut V
    where
        V: Default,
    {
        if !self.values.contains_key(prefix) {
            *self.lengths.entry(prefix.len()).or_default() += 1;
        }
        self.values.entry(prefix.into()).or_default()
    }

    /// Removes a prefix.
    pub fn remove(&mut self, prefix: &[u8]) -> Option<V> {
        let removed = self.values.remove(prefix)?;
        if let Some(count) = self.lengths.get_mut(&prefix.len()) {
            *count -= 1;
            if *count == 0 {
                self.lengths.remove(&prefix.len());
            }
        }
        Some(removed)
    }

    /// The prefixes that a text begins with, the shortest first.
    pub fn prefixes_of<'a>(&'a self, text: &'a [u8]) -> impl Iterator<Item = (&'a [u8], &'a V)> {
        let lengths = self.lengths.range(..=text.len());
        lengths.filter_map(|(&length, _)| {
            let prefix = &text[..length];
            self.values.get(prefix).map(|value| (prefix, value))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_every_prefix_of_a_text() {
        let mut map = PrefixMap::<u32>::default();
        for (number, prefix) in ["", "a", "ab", "b", "abcd", "abce"].iter().enumerate() {
            *map.get_or_default(prefix.as_bytes()) = number as u32;
        }
        let found = |map: &PrefixMap<u32>, text: &str| -> Vec<u32> {
            map.prefixes_of(text.as_bytes()).map(|(_, number)| *number).collect()
        };
        assert_eq!(found(&map, "abcde"), [0, 1, 2, 4]);
        assert_eq!(found(&map, ""), [0]);
        assert_eq!((map.remove(b"ab"), map.remove(b"ab"), map.remove(b"")), (Some(2), None, Some(0)));
        assert_eq!(found(&map, "abcde"), [1, 4]);
        assert_eq!(map.len(), 4);
    }
}
