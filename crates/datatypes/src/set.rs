//! Sets: different strings in no order.
//!
//! Small ones are one run of bytes, sorted integers or a listpack, byte for byte as files hold them; large ones are a
//! hash table. A set becomes larger in its encoding, never smaller again.

mod combine;
mod members;
mod sample;

pub use combine::{difference, intersect, intersection};
pub use members::Members;

use std::ptr::NonNull;

use encodings::either::{Either, View};
use encodings::intset::Intset;
use encodings::listpack::{Element, Listpack, TextBuffer, would_be_bytes};
use encodings::packed_set::{Kind, PackedSet};
use encodings::table;
use stdx::random::Random;

use crate::collection::Collection;
use crate::limits::SetLimits;
use crate::types::Type;

/// An intset never grows beyond this, whatever the options say.
const INTSET_ENTRIES_MAX: usize = 1 << 30;
/// How many members a segment of a table holds, about.
const MEMBERS_PER_PART: usize = 100;

/// A set: one word.
#[derive(Clone, Default)]
pub struct Set {
    form: Either<PackedSet, table::Set>,
}

/// A look at a set in one of its forms.
#[derive(Clone, Copy, Debug)]
pub enum Form<I, P, T> {
    /// Integers in ascending order.
    Ints(I),
    /// Some members in the order in which they came.
    Packed(P),
    /// Any number of members.
    Table(T),
}

impl Set {
    /// A look at its form.
    #[inline]
    pub fn form(&self) -> Form<&Intset, &Listpack, &table::Set> {
        match self.form.view() {
            View::Packed(small) => match small.view() {
                Kind::Ints(ints) => Form::Ints(ints),
                Kind::Packed(packed) => Form::Packed(packed),
            },
            View::Large(table) => Form::Table(table),
        }
    }

    #[inline]
    fn form_mut(&mut self) -> Form<&mut Intset, &mut Listpack, &mut table::Set> {
        match self.form.view_mut() {
            View::Packed(small) => match small.view_mut() {
                Kind::Ints(ints) => Form::Ints(ints),
                Kind::Packed(packed) => Form::Packed(packed),
            },
            View::Large(table) => Form::Table(table),
        }
    }

    /// Where what it owns begins, to be fetched before it is read.
    pub(crate) fn address(&self) -> NonNull<u8> {
        self.form.address()
    }

    /// The table of a large set.
    #[inline]
    pub(crate) fn table(&self) -> Option<&table::Set> {
        if let View::Large(table) = self.form.view() { Some(table) } else { None }
    }

    /// The number of members.
    pub fn len(&self) -> usize {
        match self.form() {
            Form::Ints(ints) => ints.len(),
            Form::Packed(packed) => packed.len(),
            Form::Table(table) => table.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether it has a member.
    pub fn contains(&self, member: &[u8]) -> bool {
        self.has(Element::of(member), member)
    }

    /// Whether it has a member, of which `text` is the text.
    fn has(&self, member: Element<'_>, text: &[u8]) -> bool {
        match self.form() {
            Form::Ints(ints) => member.integer().is_some_and(|integer| ints.contains(integer)),
            Form::Packed(packed) => packed.first().is_some_and(|first| packed.find(first, text, 0).is_some()),
            Form::Table(table) => table.contains(text),
        }
    }

    /// The members.
    pub fn iter(&self) -> Members<'_> {
        Members::new(self)
    }

    /// Visits the texts of all members.
    pub fn for_each(&self, visit: &mut dyn FnMut(&[u8])) {
        let mut text = TextBuffer::new();
        self.iter().for_each(|member| visit(member.text(&mut text)));
    }

    /// Prepares for `count` members to be added, of which `first` is the first: whatever is too many for an encoding does
    /// not go through it.
    pub fn expect(&mut self, first: &[u8], count: usize, limits: SetLimits) {
        let too_many = match self.form() {
            Form::Ints(ints) if ints.is_empty() => {
                let suits = count <= limits.intset_entries && stdx::number::parse_i64(first).is_some();
                if !suits && count <= limits.listpack_entries {
                    *self = Listpack::new().into();
                    return;
                }
                !suits
            }
            Form::Ints(_) => count > limits.intset_entries,
            Form::Packed(_) => count > limits.listpack_entries,
            Form::Table(_) => false,
        };
        if too_many {
            self.make_table();
        }
    }

    /// Adds a member; true if it is new.
    pub fn add(&mut self, member: &[u8], limits: SetLimits) -> bool {
        match self.form_mut() {
            Form::Table(table) => table.insert(member),
            Form::Packed(packed) => {
                if packed.first().is_some_and(|first| packed.find(first, member, 0).is_some()) {
                    return false;
                }
                let fits = packed.len() < limits.listpack_entries
                    && member.len() <= limits.listpack_value_bytes
                    && packed.is_safe_to_add(would_be_bytes(Element::of(member)));
                if fits {
                    packed.push_back(member);
                    return true;
                }
                self.make_table().insert(member)
            }
            Form::Ints(ints) => match Element::of(member) {
                Element::Integer(integer) => {
                    let is_new = ints.insert(integer);
                    if is_new && ints.len() > limits.intset_entries.min(INTSET_ENTRIES_MAX) {
                        self.make_table();
                    }
                    is_new
                }
                Element::Bytes(_) => self.add_to_ints(member, limits),
            },
        }
    }

    /// Adds a member that is no integer to a set of integers.
    fn add_to_ints(&mut self, member: &[u8], limits: SetLimits) -> bool {
        let Form::Ints(ints) = self.form() else { return false };
        let longest = [ints.min(), ints.max()].into_iter().flatten().map(stdx::number::decimal_len).max();
        let fits = ints.len() < limits.listpack_entries
            && member.len().max(longest.unwrap_or(0)) <= limits.listpack_value_bytes;
        if fits {
            let mut packed: Listpack = ints.iter().map(Element::Integer).collect();
            packed.push_back(member);
            *self = packed.into();
            return true;
        }
        self.make_table().insert(member)
    }

    /// Takes a member out; false if it was not there.
    pub fn remove(&mut self, member: &[u8]) -> bool {
        match self.form_mut() {
            Form::Ints(ints) => stdx::number::parse_i64(member).is_some_and(|integer| ints.remove(integer)),
            Form::Packed(packed) => {
                let found = packed.first().and_then(|first| packed.find(first, member, 0));
                if let Some(position) = found {
                    packed.remove(position);
                }
                found.is_some()
            }
            Form::Table(table) => table.remove(member),
        }
    }

    /// A member by chance, each as likely as another.
    pub fn random(&self, random: &mut Random) -> Option<Element<'_>> {
        match self.form() {
            Form::Ints(ints) => ints.get(random.index(ints.len())).map(Element::Integer),
            Form::Packed(packed) => {
                packed.seek(random.index(packed.len()) as i64).map(|position| packed.get(position))
            }
            Form::Table(table) => table.random(random.generator()).map(|entry| Element::Bytes(entry.key)),
        }
    }

    /// Takes a member out by chance.
    pub fn pop(&mut self, random: &mut Random) -> Option<Vec<u8>> {
        let member = self.random(random)?.to_vec();
        self.remove(&member);
        Some(member)
    }

    /// Visits some members from `cursor` on, which is 0 or what the last call returned; returns the next cursor, 0 at the
    /// end. A small set is visited at once, whatever the cursor.
    pub fn scan(&self, cursor: u64, count: usize, visit: &mut dyn FnMut(Element<'_>)) -> u64 {
        match self.form() {
            Form::Table(table) => table.scan(cursor, count, &mut |entry| visit(Element::Bytes(entry.key))),
            _ => {
                self.iter().for_each(visit);
                0
            }
        }
    }

    /// Makes a hash table of it.
    pub fn make_table(&mut self) -> &mut table::Set {
        if let View::Packed(_) = self.form.view() {
            let mut table = table::Set::new();
            self.for_each(&mut |member| {
                table.insert(member);
            });
            self.form = Either::large(table);
        }
        match self.form.view_mut() {
            View::Large(table) => table,
            View::Packed(_) => unreachable!("it was just made one"),
        }
    }

    /// Makes an intset of it if all members are integers and they are not too many.
    fn make_ints(&mut self, limits: SetLimits) {
        if matches!(self.form(), Form::Ints(_)) || self.len() > limits.intset_entries.min(INTSET_ENTRIES_MAX)
        {
            return;
        }
        let ints: Option<Intset> =
            self.iter().map(Element::integer).collect::<Option<Vec<i64>>>().map(Intset::from_iter);
        if let Some(ints) = ints {
            *self = ints.into();
        }
    }
}

impl From<Intset> for Set {
    fn from(ints: Intset) -> Set {
        Set { form: Either::packed(ints.into()) }
    }
}

/// Of members that are different.
impl From<Listpack> for Set {
    fn from(members: Listpack) -> Set {
        Set { form: Either::packed(members.into()) }
    }
}

impl PartialEq for Set {
    fn eq(&self, other: &Set) -> bool {
        let mut text = TextBuffer::new();
        self.len() == other.len() && self.iter().all(|member| other.contains(member.text(&mut text)))
    }
}

impl std::fmt::Debug for Set {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl Collection for Set {
    const TYPE: Type = Type::Set;

    fn len(&self) -> usize {
        Set::len(self)
    }

    fn is_empty(&self) -> bool {
        Set::is_empty(self)
    }

    fn part_count(&self) -> usize {
        match self.form() {
            Form::Ints(_) | Form::Packed(_) => 1,
            Form::Table(table) => 2 + table.len() / MEMBERS_PER_PART,
        }
    }

    fn allocated_bytes(&self) -> usize {
        match self.form() {
            Form::Ints(ints) => ints.total_bytes(),
            Form::Packed(packed) => packed.total_bytes(),
            Form::Table(table) => size_of::<table::Set>() + table.allocated_bytes(),
        }
    }

    fn encoding(&self) -> &'static str {
        match self.form() {
            Form::Ints(_) => "intset",
            Form::Packed(_) => "listpack",
            Form::Table(_) => "hashtable",
        }
    }
}

#[cfg(test)]
mod tests;
