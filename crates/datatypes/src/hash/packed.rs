//! A small hash: one listpack of names and values, or of names, values and expiries.
//!
//! With expiries, the fields are ordered: the first to expire in front, those that do not expire behind all others, with 0 in
//! the place of their expiry. Files hold the listpack as it is.

use std::collections::HashSet;

use encodings::listpack::{Element, Listpack, Position};

use super::{DamagedHash, Expiry, Field, LATEST_EXPIRY_MS};
use crate::limits::HashLimits;

/// Stands in the place of the expiry of a field that does not expire.
const NEVER: i64 = 0;

/// Up to so many names are compared one with the other to see whether they differ.
const COMPARED_NAMES: usize = 32;

/// A look at the fields of a small hash.
#[derive(Clone, Copy)]
pub(super) struct Packed<'a> {
    elements: &'a Listpack,
    has_expiries: bool,
}

/// The fields of a small hash, to be changed.
pub(super) struct PackedMut<'a> {
    elements: &'a mut Listpack,
    has_expiries: bool,
}

impl<'a> Packed<'a> {
    #[inline]
    pub(super) fn new(elements: &'a Listpack, has_expiries: bool) -> Packed<'a> {
        Packed { elements, has_expiries }
    }

    /// Checks a listpack from outside whole, for names twice too.
    pub(super) fn check(self) -> Result<(), DamagedHash> {
        if self.elements.is_empty() || !self.elements.len().is_multiple_of(self.stride()) {
            return Err(DamagedHash::Incomplete);
        }
        if !self.names_differ() {
            return Err(DamagedHash::Duplicate);
        }
        let mut latest = 0;
        for field in self.iter() {
            let at_ms = field.expire_at_ms.unwrap_or(LATEST_EXPIRY_MS);
            if !(latest..=LATEST_EXPIRY_MS).contains(&at_ms) {
                return Err(DamagedHash::Expiry);
            }
            latest = at_ms;
        }
        let is_number = |element: Element<'_>| matches!(element, Element::Integer(_));
        let expiries = self.elements.iter().skip(2).step_by(3);
        if self.has_expiries && !expiries.into_iter().all(is_number) {
            return Err(DamagedHash::Expiry);
        }
        Ok(())
    }

    /// Whether no name is there twice. Few are compared with each other: that needs no memory.
    fn names_differ(self) -> bool {
        if self.len() > COMPARED_NAMES {
            let mut names = HashSet::with_capacity(self.len());
            return self.iter().all(|field| names.insert(field.name.to_vec()));
        }
        self.iter()
            .enumerate()
            .all(|(index, field)| self.iter().take(index).all(|earlier| earlier.name != field.name))
    }

    pub(super) fn as_bytes(self) -> &'a [u8] {
        self.elements.as_bytes()
    }

    pub(super) fn has_expiries(self) -> bool {
        self.has_expiries
    }

    /// How many elements a field takes.
    fn stride(self) -> usize {
        if self.has_expiries { 3 } else { 2 }
    }

    pub(super) fn len(self) -> usize {
        self.elements.len() / self.stride()
    }

    /// Whether the limits let a field with this value in.
    pub(super) fn takes(self, name: &[u8], value: &[u8], limits: HashLimits) -> bool {
        let longest = name.len().max(value.len());
        longest <= limits.listpack_value_bytes && self.elements.is_safe_to_add(name.len() + value.len())
    }

    pub(super) fn has(self, name: &[u8]) -> bool {
        self.find(name).is_some()
    }

    fn find(self, name: &[u8]) -> Option<Position> {
        self.elements.find(self.elements.first()?, name, self.stride() - 1)
    }

    fn behind(self, position: Position) -> Position {
        self.elements.next(position).expect("a field is whole")
    }

    /// The field whose name stands here.
    fn field(self, position: Position) -> Field<'a> {
        let value = self.behind(position);
        let expire_at_ms = self.has_expiries.then(|| self.elements.get(self.behind(value)));
        Field {
            name: self.elements.get(position),
            value: self.elements.get(value),
            expire_at_ms: expire_at_ms.and_then(expiry_of),
        }
    }

    #[inline]
    pub(super) fn get(self, name: &[u8]) -> Option<Field<'a>> {
        self.find(name).map(|position| self.field(position))
    }

    /// The name of the first field that expires at this time or later, or never.
    fn first_not_before(self, at_ms: i64) -> Option<Position> {
        let mut position = self.elements.first();
        while let Some(name) = position {
            let expiry = self.behind(self.behind(name));
            if expiry_of(self.elements.get(expiry)).is_none_or(|other_ms| other_ms >= at_ms) {
                break;
            }
            position = self.elements.next(expiry);
        }
        position
    }

    #[inline]
    pub(super) fn nearest_expiry_ms(self) -> Option<i64> {
        if self.has_expiries { self.first_expiry_ms() } else { None }
    }

    /// Apart, so that every change of a hash without expiries asks in a few instructions.
    #[inline(never)]
    fn first_expiry_ms(self) -> Option<i64> {
        self.field(self.elements.first()?).expire_at_ms
    }

    pub(super) fn expired_len(self, now_ms: i64) -> usize {
        if self.nearest_expiry_ms().is_none_or(|at_ms| at_ms >= now_ms) {
            return 0;
        }
        self.iter().take_while(|field| field.is_expired(now_ms)).count()
    }

    pub(super) fn iter(self) -> impl Iterator<Item = Field<'a>> {
        let mut elements = self.elements.iter();
        std::iter::from_fn(move || {
            let (name, value) = (elements.next()?, elements.next()?);
            let expire_at_ms = if self.has_expiries { expiry_of(elements.next()?) } else { None };
            Some(Field { name, value, expire_at_ms })
        })
    }

    /// The field with this number in order.
    pub(super) fn nth(self, index: usize) -> Option<Field<'a>> {
        let index = i64::try_from(index * self.stride()).ok()?;
        self.elements.seek(index).map(|position| self.field(position))
    }

    /// The same fields, each with room for an expiry.
    pub(super) fn with_expiries(self) -> Listpack {
        let pairs = self.elements.pairs();
        pairs.flat_map(|(name, value)| [name, value, Element::Integer(NEVER)]).collect()
    }
}

impl<'a> PackedMut<'a> {
    #[inline]
    pub(super) fn new(elements: &'a mut Listpack, has_expiries: bool) -> PackedMut<'a> {
        PackedMut { elements, has_expiries }
    }

    #[inline]
    fn look(&self) -> Packed<'_> {
        Packed { elements: self.elements, has_expiries: self.has_expiries }
    }

    /// Gives a field a value. Only with room for expiries may it expire.
    pub(super) fn set(&mut self, name: &[u8], value: &[u8], expiry: Expiry) -> bool {
        let Some(position) = self.look().find(name) else {
            let expire_at_ms = if let Expiry::At(at_ms) = expiry { Some(at_ms) } else { None };
            self.insert(name, value, expire_at_ms);
            return true;
        };
        let moves = match expiry {
            Expiry::Keep => false,
            Expiry::Clear => self.look().field(position).expire_at_ms.is_some(),
            Expiry::At(_) => true,
        };
        if !moves {
            self.elements.replace(self.look().behind(position), value);
            return false;
        }
        self.elements.remove_many(position, self.look().stride());
        self.insert(name, value, if let Expiry::At(at_ms) = expiry { Some(at_ms) } else { None });
        false
    }

    /// Puts in a field that is not there, at its place in order.
    fn insert(&mut self, name: &[u8], value: &[u8], expire_at_ms: Option<i64>) {
        debug_assert!(self.has_expiries || expire_at_ms.is_none(), "the hash has made room");
        let (name, value) = (Element::of(name), Element::of(value));
        if !self.has_expiries {
            return self.elements.insert_row(None, [name, value]);
        }
        let place = expire_at_ms.and_then(|at_ms| self.look().first_not_before(at_ms));
        self.elements.insert_row(place, [name, value, Element::Integer(expire_at_ms.unwrap_or(NEVER))]);
    }

    pub(super) fn remove(&mut self, name: &[u8]) -> bool {
        let found = self.look().find(name);
        if let Some(position) = found {
            self.elements.remove_many(position, self.look().stride());
        }
        found.is_some()
    }

    pub(super) fn set_expiry(&mut self, name: &[u8], expire_at_ms: Option<i64>) -> bool {
        let Some(position) = self.look().find(name) else { return false };
        let field = self.look().field(position);
        if expire_at_ms.is_some() || field.expire_at_ms.is_some() {
            let value = field.value.to_vec();
            self.elements.remove_many(position, self.look().stride());
            self.insert(name, &value, expire_at_ms);
        }
        true
    }

    pub(super) fn remove_expired(
        &mut self,
        now_ms: i64,
        most: usize,
        removed: &mut dyn FnMut(&[u8]),
    ) -> usize {
        let expired = self.look().iter().take_while(|field| field.is_expired(now_ms)).take(most);
        let count = expired.map(|field| removed(&field.name.to_vec())).count();
        if let Some(first) = self.elements.first()
            && count > 0
        {
            self.elements.remove_many(first, count * self.look().stride());
        }
        count
    }
}

fn expiry_of(element: Element<'_>) -> Option<i64> {
    element.integer().filter(|&at_ms| at_ms != NEVER)
}
