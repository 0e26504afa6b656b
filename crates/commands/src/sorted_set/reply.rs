//! How members with their scores are replied, and what a command that stores a result does with it.

use crate::prelude::*;
use datatypes::collection::Value;
use datatypes::sorted_set::SortedSet;
use resp::reply::{Reply, Version};

/// Members one after the other: alone, or each with its score. RESP3 has pairs, RESP2 one flat array.
#[derive(Clone, Copy, Debug)]
pub(super) struct Elements {
    with_scores: bool,
}

impl Elements {
    pub(super) fn new(with_scores: bool) -> Elements {
        Elements { with_scores }
    }

    /// Begins the array of so many elements.
    pub(super) fn open(self, reply: &mut Reply<'_>, count: usize) {
        let is_flat = self.with_scores && reply.version() == Version::Resp2;
        reply.array(if is_flat { count * 2 } else { count });
    }

    /// Appends one.
    #[inline]
    pub(super) fn element(self, reply: &mut Reply<'_>, member: &[u8], score: f64) {
        if self.with_scores && reply.version() == Version::Resp3 {
            reply.array(2);
        }
        reply.bulk(member);
        if self.with_scores {
            reply.double(score);
        }
    }
}

/// Puts a result in the place of what a key held and replies its size; without elements the key goes away.
pub(crate) fn store(ctx: &mut Context<'_>, key: &[u8], set: SortedSet, event: Event) {
    let count = set.len();
    if count > 0 {
        ctx.keys.set_value(key, Value::SortedSet(set), NewExpiry::Clear);
        ctx.keys.modified(key, event);
    } else if ctx.keys.remove(key) {
        ctx.keys.modified(key, Event::DEL);
    }
    ctx.reply.integer(count as i64);
}
