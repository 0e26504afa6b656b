//! A large hash: a hash table of fields, and the order in which those expire that do.

use std::ops::Bound;

use encodings::listpack::Element;
use encodings::ordered::ScoreOrder;
use encodings::table::{Entry, Map};

use super::{Expiry, Field};

/// About so many bytes of a table are one allocation.
const BYTES_PER_PART: usize = 4096;
/// Fields that a table is sized for ahead, at most: the number is only claimed.
const EXPECTED_MAX: usize = 1 << 20;

/// The fields of a large hash.
#[derive(Clone, Default)]
pub(super) struct FieldTable {
    fields: Map,
    /// Names by expiry, which a score holds exactly.
    order: ScoreOrder,
}

impl FieldTable {
    pub(super) fn with_expected(fields: usize) -> FieldTable {
        let mut table = FieldTable::default();
        table.fields.reserve(fields.min(EXPECTED_MAX));
        table
    }

    pub(super) fn len(&self) -> usize {
        self.fields.len()
    }

    /// The fields without the order of expiries.
    pub(super) fn fields(&self) -> &Map {
        &self.fields
    }

    #[inline]
    pub(super) fn get(&self, name: &[u8]) -> Option<Field<'_>> {
        self.fields.get(name).map(field)
    }

    pub(super) fn set(&mut self, name: &[u8], value: &[u8], expiry: Expiry) -> bool {
        let before_ms = self.expiry_of(name);
        let is_new = self.fields.insert(name, value, expiry);
        let after_ms = match expiry {
            Expiry::Keep => before_ms,
            Expiry::Clear => None,
            Expiry::At(at_ms) => Some(at_ms),
        };
        self.reorder(name, before_ms, after_ms);
        is_new
    }

    /// When a field expires; without a look at it if none does.
    fn expiry_of(&self, name: &[u8]) -> Option<i64> {
        if self.order.is_empty() { None } else { self.fields.get(name)?.expire_at_ms }
    }

    fn reorder(&mut self, name: &[u8], before_ms: Option<i64>, after_ms: Option<i64>) {
        if before_ms == after_ms {
            return;
        }
        if let Some(at_ms) = before_ms {
            self.order.remove(at_ms as f64, name);
        }
        if let Some(at_ms) = after_ms {
            self.order.insert(at_ms as f64, name);
        }
    }

    pub(super) fn remove(&mut self, name: &[u8]) -> bool {
        let before_ms = self.expiry_of(name);
        self.reorder(name, before_ms, None);
        self.fields.remove(name)
    }

    pub(super) fn set_expiry(&mut self, name: &[u8], expire_at_ms: Option<i64>) -> bool {
        let before_ms = self.expiry_of(name);
        let is_there = self.fields.set_expiry(name, expire_at_ms);
        if is_there {
            self.reorder(name, before_ms, expire_at_ms);
        }
        is_there
    }

    #[inline]
    pub(super) fn nearest_expiry_ms(&self) -> Option<i64> {
        if self.order.is_empty() {
            return None;
        }
        self.order.first().map(|(at_ms, _)| at_ms as i64)
    }

    pub(super) fn expired_len(&self, now_ms: i64) -> usize {
        if self.order.is_empty() { 0 } else { self.order.end_of_scores(Bound::Excluded(now_ms as f64)) }
    }

    pub(super) fn remove_expired(
        &mut self,
        now_ms: i64,
        most: usize,
        removed: &mut dyn FnMut(&[u8]),
    ) -> usize {
        let count = self.expired_len(now_ms).min(most);
        let FieldTable { fields, order } = self;
        if count > 0 {
            order.remove_range(0, count, &mut |_, name| {
                removed(name);
                fields.remove(name);
            });
        }
        count
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Field<'_>> {
        self.fields.iter().map(field)
    }

    pub(super) fn scan(&self, cursor: u64, count: usize, visit: &mut dyn FnMut(Field<'_>)) -> u64 {
        self.fields.scan(cursor, count, &mut |entry| visit(field(entry)))
    }

    pub(super) fn random(&self, random: &mut fastrand::Rng) -> Option<Field<'_>> {
        self.fields.random(random).map(field)
    }

    pub(super) fn allocated_bytes(&self) -> usize {
        size_of::<FieldTable>() + self.fields.allocated_bytes() + self.order.allocated_bytes()
    }

    pub(super) fn part_count(&self) -> usize {
        1 + self.allocated_bytes() / BYTES_PER_PART
    }
}

fn field(entry: Entry<'_>) -> Field<'_> {
    Field {
        name: Element::Bytes(entry.key),
        value: Element::Bytes(entry.value),
        expire_at_ms: entry.expire_at_ms,
    }
}
