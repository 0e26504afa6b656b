//! A hash: fields with values, of which each may expire at a time of its own.
//!
//! A small one is a listpack: names and values by turns, or, once a field has had an expiry, names, values and expiries with
//! the first to expire in front. A large one is a hash table, with an order of those fields that expire. Nothing here knows
//! what time it is: a field stays until it is removed, and [`Hash::at`] shows the hash without those whose time has come.

use std::ptr::NonNull;

use encodings::either::{Either, View};
use encodings::listpack::{Element, Listpack};
use encodings::table;

use crate::collection::Collection;
use crate::limits::HashLimits;
use crate::types::Type;

mod field_table;
mod fields;
mod packed;
#[cfg(test)]
mod tests;

pub use encodings::table::Expiry;
use field_table::FieldTable;
pub use fields::Fields;
use packed::{Packed, PackedMut};

/// The latest expiry of a field, in milliseconds since 1970: what a double holds exactly, in some hundred thousand years.
pub const LATEST_EXPIRY_MS: i64 = 1 << 53;

/// A hash: one word.
#[derive(Clone, Default)]
pub struct Hash {
    /// Marked if there is room for expiries in the listpack.
    form: Either<Listpack, FieldTable>,
}

/// A field as it lies in a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field<'a> {
    /// Its name.
    pub name: Element<'a>,
    /// Its value.
    pub value: Element<'a>,
    /// When it expires, in milliseconds since 1970.
    pub expire_at_ms: Option<i64>,
}

impl Field<'_> {
    /// Whether its time has come.
    pub fn is_expired(&self, now_ms: i64) -> bool {
        self.expire_at_ms.is_some_and(|at_ms| now_ms > at_ms)
    }
}

impl Hash {
    /// An empty hash that will hold so many fields, of which only a part is believed.
    pub fn with_expected(fields: usize, limits: HashLimits) -> Hash {
        if fields <= limits.listpack_entries {
            return Hash::default();
        }
        Hash { form: Either::large(FieldTable::with_expected(fields)) }
    }

    #[inline]
    fn look(&self) -> View<Packed<'_>, &FieldTable> {
        match self.form.view() {
            View::Packed(elements) => View::Packed(Packed::new(elements, self.form.is_marked())),
            View::Large(table) => View::Large(table),
        }
    }

    #[inline]
    fn change(&mut self) -> View<PackedMut<'_>, &mut FieldTable> {
        let has_expiries = self.form.is_marked();
        match self.form.view_mut() {
            View::Packed(elements) => View::Packed(PackedMut::new(elements, has_expiries)),
            View::Large(table) => View::Large(table),
        }
    }

    /// Where what it owns begins, to be fetched before it is read.
    pub(crate) fn address(&self) -> NonNull<u8> {
        self.form.address()
    }

    /// The table of a large hash.
    #[inline]
    pub(crate) fn table(&self) -> Option<&table::Map> {
        if let View::Large(table) = self.form.view() { Some(table.fields()) } else { None }
    }

    /// Number of fields, those included whose time has come.
    pub fn len(&self) -> usize {
        match self.look() {
            View::Packed(packed) => packed.len(),
            View::Large(table) => table.len(),
        }
    }

    /// Whether there is no field.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The hash as it is seen at a time, in milliseconds since 1970: without what has expired by then.
    pub fn at(&self, now_ms: i64) -> Fields<'_> {
        Fields::new(self, now_ms)
    }

    /// A field, whether or not its time has come.
    #[inline]
    pub fn get(&self, name: &[u8]) -> Option<Field<'_>> {
        match self.look() {
            View::Packed(packed) => packed.get(name),
            View::Large(table) => table.get(name),
        }
    }

    /// Gives a field a value; true if the field is new.
    pub fn set(&mut self, name: &[u8], value: &[u8], expiry: Expiry, limits: HashLimits) -> bool {
        if let View::Packed(packed) = self.look() {
            if !packed.takes(name, value, limits) {
                self.become_table();
            } else if matches!(expiry, Expiry::At(_)) {
                self.make_room_for_expiries();
            }
        }
        let is_new = match self.change() {
            View::Packed(mut packed) => packed.set(name, value, expiry),
            View::Large(table) => table.set(name, value, expiry),
        };
        self.settle(limits);
        is_new
    }

    /// Takes a field out; false if there was none.
    pub fn remove(&mut self, name: &[u8]) -> bool {
        match self.change() {
            View::Packed(mut packed) => packed.remove(name),
            View::Large(table) => table.remove(name),
        }
    }

    /// Gives a field an expiry in milliseconds since 1970, or takes it away; false if there is no such field.
    pub fn set_expiry(&mut self, name: &[u8], expire_at_ms: Option<i64>) -> bool {
        if let View::Packed(packed) = self.look()
            && expire_at_ms.is_some()
            && packed.has(name)
        {
            self.make_room_for_expiries();
        }
        match self.change() {
            View::Packed(mut packed) => packed.set_expiry(name, expire_at_ms),
            View::Large(table) => table.set_expiry(name, expire_at_ms),
        }
    }

    /// How many fields had expired by a time.
    pub fn expired_len(&self, now_ms: i64) -> usize {
        match self.look() {
            View::Packed(packed) => packed.expired_len(now_ms),
            View::Large(table) => table.expired_len(now_ms),
        }
    }

    /// Takes out up to `most` fields that had expired by a time, the earliest first, and shows the name of each; returns how
    /// many they were.
    pub fn remove_expired(&mut self, now_ms: i64, most: usize, removed: &mut dyn FnMut(&[u8])) -> usize {
        match self.change() {
            View::Packed(mut packed) => packed.remove_expired(now_ms, most, removed),
            View::Large(table) => table.remove_expired(now_ms, most, removed),
        }
    }

    /// The fields in the order in which they lie.
    pub fn iter(&self) -> Box<dyn Iterator<Item = Field<'_>> + '_> {
        match self.look() {
            View::Packed(packed) => Box::new(packed.iter()),
            View::Large(table) => Box::new(table.iter()),
        }
    }

    /// The listpack of a small hash, and whether expiries stand in it: what a file holds as it is.
    pub fn packed_bytes(&self) -> Option<(&[u8], bool)> {
        match self.look() {
            View::Packed(packed) => Some((packed.as_bytes(), packed.has_expiries())),
            View::Large(_) => None,
        }
    }

    /// A small hash out of a listpack from outside, every byte of which is checked. Names and values by turns, with expiries
    /// if `has_expiries`: the first to expire in front, 0 for none. It becomes a table if it is too large for the limits.
    pub fn from_packed_bytes(
        bytes: &[u8],
        has_expiries: bool,
        limits: HashLimits,
    ) -> Result<Hash, DamagedHash> {
        let elements = Listpack::from_bytes(bytes).map_err(|_| DamagedHash::Listpack)?;
        Packed::new(&elements, has_expiries).check()?;
        let mut hash =
            Hash { form: if has_expiries { Either::marked(elements) } else { Either::packed(elements) } };
        hash.settle(limits);
        Ok(hash)
    }

    /// Becomes a table if there are more fields than a listpack should have.
    fn settle(&mut self, limits: HashLimits) {
        if let View::Packed(packed) = self.look()
            && packed.len() > limits.listpack_entries
        {
            self.become_table();
        }
    }

    fn become_table(&mut self) {
        let mut table = FieldTable::with_expected(self.len());
        for field in self.iter() {
            let expiry = field.expire_at_ms.map_or(Expiry::Clear, Expiry::At);
            table.set(&field.name.to_vec(), &field.value.to_vec(), expiry);
        }
        self.form = Either::large(table);
    }

    /// A small hash becomes one whose fields may expire.
    fn make_room_for_expiries(&mut self) {
        if let View::Packed(packed) = self.look()
            && !packed.has_expiries()
        {
            self.form = Either::marked(packed.with_expiries());
        }
    }
}

impl Collection for Hash {
    const TYPE: Type = Type::Hash;

    fn len(&self) -> usize {
        Hash::len(self)
    }

    fn is_empty(&self) -> bool {
        Hash::is_empty(self)
    }

    fn part_count(&self) -> usize {
        match self.look() {
            View::Packed(_) => 1,
            View::Large(table) => table.part_count(),
        }
    }

    fn allocated_bytes(&self) -> usize {
        match self.look() {
            View::Packed(packed) if packed.has_expiries() => size_of::<Listpack>() + packed.as_bytes().len(),
            View::Packed(packed) => packed.as_bytes().len(),
            View::Large(table) => table.allocated_bytes(),
        }
    }

    fn encoding(&self) -> &'static str {
        match self.look() {
            View::Packed(packed) if packed.has_expiries() => "listpackex",
            View::Packed(_) => "listpack",
            View::Large(_) => "hashtable",
        }
    }

    #[inline]
    fn nearest_expiry_ms(&self) -> Option<i64> {
        match self.look() {
            View::Packed(packed) => packed.nearest_expiry_ms(),
            View::Large(table) => table.nearest_expiry_ms(),
        }
    }
}

/// Hashes are equal when their fields are, in whatever order they lie.
impl PartialEq for Hash {
    fn eq(&self, other: &Hash) -> bool {
        self.len() == other.len() && self.iter().all(|field| other.get(&field.name.to_vec()) == Some(field))
    }
}

impl std::fmt::Debug for Hash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

/// Why bytes from outside are no hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DamagedHash {
    /// They are no listpack.
    Listpack,
    /// A name without a value, or without an expiry where there should be one; or nothing at all.
    Incomplete,
    /// A name is there twice.
    Duplicate,
    /// An expiry is no number, out of range, or not in order.
    Expiry,
}

impl DamagedHash {
    /// What is wrong, in words.
    pub const fn text(self) -> &'static str {
        match self {
            DamagedHash::Listpack => "its listpack is damaged",
            DamagedHash::Incomplete => "its listpack does not hold whole fields",
            DamagedHash::Duplicate => "a field is there twice",
            DamagedHash::Expiry => "the expiry of a field makes no sense",
        }
    }
}

impl std::fmt::Display for DamagedHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.text())
    }
}

impl std::error::Error for DamagedHash {}
