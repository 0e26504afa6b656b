//! Several strings at a time: what will be read of all of them is asked for before the first one is looked at.

use crate::access::{Keys, Lookup};
use crate::entry::EntryRef;
use crate::strings::NewExpiry;

/// How many keys are looked at ahead.
const AHEAD: usize = 16;

impl Keys<'_> {
    /// Sets strings one after the other, as [`Keys::set_string`] does, without an expiry; `done` is called after each.
    pub fn set_strings<'w>(
        &mut self,
        pairs: impl Iterator<Item = (&'w [u8], &'w [u8])>,
        mut done: impl FnMut(&mut Self, &'w [u8]),
    ) {
        self.each_ahead(
            pairs,
            |(key, _)| key,
            |keys, hash, (key, value)| {
                keys.set_string_of(hash, key, value, NewExpiry::Clear);
                done(keys, key);
            },
        );
    }

    /// Reads strings one after the other; what is no string counts as missing.
    pub fn strings<'w>(
        &mut self,
        wanted: impl Iterator<Item = &'w [u8]>,
        mut show: impl FnMut(Option<&[u8]>),
    ) {
        self.each_ahead(
            wanted,
            |key| key,
            |keys, hash, key| {
                let entry = keys.look_up_of(hash, key, Lookup::Read);
                show(entry.and_then(EntryRef::string));
            },
        );
    }

    /// Calls `each` for each item with the hash of its key.
    #[inline]
    fn each_ahead<'w, T: Copy>(
        &mut self,
        mut items: impl Iterator<Item = T>,
        key_of: impl Fn(T) -> &'w [u8],
        mut each: impl FnMut(&mut Self, u64, T),
    ) {
        let database = self.database();
        loop {
            let mut window = [None; AHEAD];
            let mut count = 0;
            for (place, item) in window.iter_mut().zip(items.by_ref()) {
                let hash = self.hash_of(key_of(item));
                self.keyspace.prefetch_bucket(database, hash);
                *place = Some((hash, item));
                count += 1;
            }
            let known = window[..count].iter().flatten();
            known.for_each(|(hash, _)| self.keyspace.prefetch_entry(database, *hash));
            for (hash, item) in window[..count].iter().flatten() {
                each(self, *hash, *item);
            }
            if count < AHEAD {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{ExpiryMode, Keyspace, View};

    const VIEW: View = View { database: 0, now_ms: 1_000, expiry: ExpiryMode::Delete, touch: true };

    #[test]
    fn any_number_is_set_and_read_in_order() {
        for count in [0_usize, 1, 15, 16, 17, 40] {
            let mut keyspace = Keyspace::new(1, [1, 2]);
            let texts: Vec<String> = (0..count).map(|number| format!("{}", number % 30)).collect();
            let mut done = Vec::new();
            let pairs =
                texts.iter().enumerate().map(|(at, key)| (key.as_bytes(), texts[count - 1 - at].as_bytes()));
            keyspace.keys(VIEW).set_strings(pairs, |_, key| done.push(key.to_vec()));
            assert!(done.iter().eq(texts.iter().map(String::as_bytes)));
            let mut read = Vec::new();
            let wanted = texts.iter().map(String::as_bytes).chain([b"none".as_slice()]);
            keyspace.keys(VIEW).strings(wanted, |found| read.push(found.map(<[u8]>::to_vec)));
            let last = |key: &String| {
                let at = texts.iter().rposition(|text| text == key)?;
                Some(texts[count - 1 - at].clone().into_bytes())
            };
            assert!(read.into_iter().eq(texts.iter().map(last).chain([None])));
        }
    }
}
