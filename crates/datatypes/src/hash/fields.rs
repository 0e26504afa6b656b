//! A hash as it is seen at a time: without the fields that have expired.

use encodings::either::View;

use super::{Field, Hash};

/// Random picks that may hit an expired field before all fields are looked at.
const RANDOM_TRIES: usize = 32;

/// The fields of a hash that have not expired.
#[derive(Clone, Copy)]
pub struct Fields<'a> {
    hash: &'a Hash,
    now_ms: i64,
}

impl<'a> Fields<'a> {
    pub(super) fn new(hash: &'a Hash, now_ms: i64) -> Fields<'a> {
        Fields { hash, now_ms }
    }

    /// How many there are.
    pub fn len(self) -> usize {
        self.hash.len() - self.hash.expired_len(self.now_ms)
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The field of a name.
    #[inline]
    pub fn get(self, name: &[u8]) -> Option<Field<'a>> {
        self.hash.get(name).filter(|field| !field.is_expired(self.now_ms))
    }

    /// All in the order in which they lie.
    pub fn iter(self) -> impl Iterator<Item = Field<'a>> {
        self.hash.iter().filter(move |field| !field.is_expired(self.now_ms))
    }

    /// Visits about `count` fields from `cursor` on, which is 0 or what the last call returned; returns the next cursor, 0 at
    /// the end. A small hash is visited whole.
    pub fn scan(self, cursor: u64, count: usize, visit: &mut dyn FnMut(Field<'_>)) -> u64 {
        match self.hash.look() {
            View::Packed(_) => {
                self.iter().for_each(visit);
                0
            }
            View::Large(table) => table.scan(cursor, count, &mut |field| {
                if !field.is_expired(self.now_ms) {
                    visit(field);
                }
            }),
        }
    }

    /// A field by chance, each as likely as another.
    pub fn random(self, random: &mut fastrand::Rng) -> Option<Field<'a>> {
        let (all, expired) = (self.hash.len(), self.hash.expired_len(self.now_ms));
        if expired >= all {
            return None;
        }
        match self.hash.look() {
            // What has expired stands in front.
            View::Packed(packed) => packed.nth(random.usize(expired..all)),
            View::Large(table) => (0..RANDOM_TRIES)
                .filter_map(|_| table.random(random))
                .find(|field| !field.is_expired(self.now_ms))
                .or_else(|| self.iter().nth(random.usize(..all - expired))),
        }
    }
}
