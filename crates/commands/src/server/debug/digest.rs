//! DEBUG DIGEST: forty digits that are the same on two servers if their data are, whatever the order of the keys.
//!
//! The construction is Redis's, so that a digest of ours can be compared with one of its.

use crate::prelude::*;
use datatypes::collection::ValueRef;
use datatypes::hash::Hash;
use datatypes::list::List;
use datatypes::set::Set;
use datatypes::sorted_set::SortedSet;
use datatypes::stream::{Id, Stream};
use encodings::listpack::TextBuffer;
use keyspace::{EntryRef, ExpiryMode, Type, View};
use stdx::{hex, sha};

/// Keys visited between two looks at the cursor.
const KEYS_A_STEP: usize = 1000;

/// What an entry with an expiry adds to its digest. When it expires is no part of it.
const EXPIRES: &[u8] = b"!!expire!!";

/// What a field with an expiry adds to its digest.
const FIELD_EXPIRES: &[u8] = b"!!hexpire!!";

/// A digest that is still being made.
#[derive(Clone, Copy, Default)]
struct Digest([u8; 20]);

impl Digest {
    /// Adds bytes whose order among others does not matter.
    fn add(&mut self, bytes: &[u8]) {
        for (own, other) in self.0.iter_mut().zip(sha::sha1(bytes)) {
            *own ^= other;
        }
    }

    /// Adds bytes whose order matters.
    fn mix(&mut self, bytes: &[u8]) {
        self.add(bytes);
        self.0 = sha::sha1(&self.0);
    }

    fn mix_value(&mut self, entry: EntryRef<'_>) {
        self.mix(&type_number(entry.kind()).to_be_bytes());
        match entry.value() {
            ValueRef::String(bytes) => self.mix(bytes),
            ValueRef::List(list) => self.mix_list(list),
            ValueRef::Set(set) => self.mix_set(set),
            ValueRef::SortedSet(set) => self.mix_sorted_set(set),
            ValueRef::Hash(hash) => self.add_fields(hash),
            ValueRef::Stream(stream) => self.mix_stream(stream),
        }
        if entry.expire_at_ms().is_some() {
            self.add(EXPIRES);
        }
    }
}

impl Digest {
    /// Elements in their order.
    fn mix_list(&mut self, list: &List) {
        let mut text = TextBuffer::new();
        list.visit(0, list.len(), |element| self.mix(element.text(&mut text)));
    }

    fn mix_set(&mut self, set: &Set) {
        set.for_each(&mut |member| self.add(member));
    }

    /// Members with their scores, in no order.
    fn mix_sorted_set(&mut self, set: &SortedSet) {
        let mut text = Vec::new();
        set.ascend(0..set.len(), &mut |member, score| {
            text.clear();
            stdx::number::append_f64_shortest(&mut text, score);
            let mut own = Digest::default();
            own.mix(member);
            own.mix(&text);
            self.add(&own.0);
        });
    }

    /// Adds the fields of a hash, in whatever order they lie.
    fn add_fields(&mut self, hash: &Hash) {
        for field in hash.iter() {
            let mut own = Digest::default();
            own.mix(&field.name.to_vec());
            own.mix(&field.value.to_vec());
            if field.expire_at_ms.is_some() {
                own.add(FIELD_EXPIRES);
            }
            self.add(&own.0);
        }
    }

    /// The entries in their order. Groups are no part of it.
    fn mix_stream(&mut self, stream: &Stream) {
        let mut text = TextBuffer::new();
        for entry in stream.log().range(Id::MIN, Id::MAX) {
            self.mix(format!("{}.{}", entry.id.ms, entry.id.seq).as_bytes());
            for (name, value) in entry.fields() {
                self.mix(name.text(&mut text));
                self.mix(value.text(&mut text));
            }
        }
    }
}

/// The number of a data type in Redis.
fn type_number(kind: Type) -> u32 {
    match kind {
        Type::String => 0,
        Type::List => 1,
        Type::Set => 2,
        Type::SortedSet => 3,
        Type::Hash => 4,
        Type::Stream => 6,
    }
}

/// DEBUG DIGEST: of all databases.
pub(super) fn all(ctx: &mut Context<'_>, _: Args<'_>) -> Result<(), Stop> {
    let mut digest = Digest::default();
    for database in 0..ctx.keys.database_count() {
        let view = View { database, now_ms: ctx.keys.now_ms(), expiry: ExpiryMode::Ignore, touch: false };
        let mut keys = ctx.keys.keyspace().keys(view);
        if keys.is_empty() {
            continue;
        }
        digest.mix(&database.to_be_bytes());
        let mut cursor = 0;
        loop {
            cursor = keys.scan(cursor, KEYS_A_STEP, &mut |entry| {
                let mut own = Digest::default();
                own.mix(entry.key());
                own.mix_value(entry);
                digest.add(&own.0);
            });
            if cursor == 0 {
                break;
            }
        }
    }
    ctx.reply.simple(&hex::to_string(&digest.0));
    Ok(())
}

/// DEBUG DIGEST-VALUE: of the values of some keys; zeros for one that is not there.
pub(super) fn values(ctx: &mut Context<'_>, args: Args<'_>) -> Result<(), Stop> {
    ctx.reply.array(args.len());
    for key in args.rest() {
        let mut digest = Digest::default();
        if let Some(entry) = ctx.keys.peek(key) {
            digest.mix_value(entry);
        }
        ctx.reply.simple(&hex::to_string(&digest.0));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::tests::open_bench;
    use crate::testing::check_on;

    /// The digests were read from a Redis 7.0.15 with the same data.
    #[test]
    fn equals_that_of_redis() {
        check_on(
            &mut open_bench(),
            "DEBUG DIGEST -> 0000000000000000000000000000000000000000
             SET k v | SET n 12345 | APPEND n 6 | SELECT 3 | SET e v EX 100000
             DEBUG DIGEST -> c791b991455c77397f73164457d724373b7550f2
             DEBUG DIGEST-VALUE e nosuch -> [311b17018163335616e089f6b951c82c477335ac, 0000000000000000000000000000000000000000]
             SELECT 0
             DEBUG DIGEST-VALUE k n -> [d79ee9fe5d5ad902d7f6620efc3b07b75ddd742f, f65119d7a8e5aea6d8a789c71fad19e6308fd126]",
        );
    }

    /// Read from a Redis 8.0.6: replies show these scores without an exponent, the digest has one.
    #[test]
    fn scores_are_seen_as_by_redis() {
        check_on(
            &mut open_bench(),
            "ZADD z 1e10 m 12000000 n | DEBUG DIGEST-VALUE z -> [24d9c0ec92592f86ab0a690827d63f0158426bda]",
        );
    }

    #[test]
    fn the_order_of_a_list_counts() {
        check_on(
            &mut open_bench(),
            "RPUSH l a 12 -5 \"with space\" | DEBUG DIGEST -> 63aa86c2e132a2dfb4508f6e4a5fc26fdba9c875
             DEBUG DIGEST-VALUE l -> [cdbdf7aed70803e32a200d72716b294aa6223b91]",
        );
    }
}
