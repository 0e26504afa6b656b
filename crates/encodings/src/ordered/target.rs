//! Places in the order that are looked for, and what inner nodes know of a leaf.

use std::cmp::Ordering;

use super::leaf::Leaf;
use crate::tree::{Edge, LastWhere};

/// So many bytes of a member are compared without looking at it.
const PREFIX_BYTES: usize = 16;

/// The first bytes of a member as big-endian numbers, filled up with zeros: if two differ, the members are ordered alike.
type Prefix = [u64; PREFIX_BYTES / 8];

/// What inner nodes know of a leaf: its first element, the member cut short.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Key {
    score: f64,
    prefix: Prefix,
}

impl Key {
    pub(super) fn new(score: f64, member: &[u8]) -> Key {
        Key { score, prefix: prefix_of(member) }
    }
}

fn prefix_of(member: &[u8]) -> Prefix {
    let mut bytes = [0; PREFIX_BYTES];
    let len = member.len().min(PREFIX_BYTES);
    bytes[..len].copy_from_slice(&member[..len]);
    let (halves, _) = bytes.as_chunks::<8>();
    [u64::from_be_bytes(halves[0]), u64::from_be_bytes(halves[1])]
}

/// A place between elements: before or behind all those that have the score and the member, as far as they are given.
#[derive(Clone, Copy)]
pub(super) struct Target<'a> {
    score: Option<f64>,
    member: Option<&'a [u8]>,
    prefix: Prefix,
    is_past: bool,
}

impl<'a> Target<'a> {
    /// The place before an element.
    pub(super) fn at(score: f64, member: &'a [u8]) -> Self {
        Target { score: Some(score), ..Self::at_member(member) }
    }

    /// The place before the first element with a score.
    pub(super) fn at_score(score: f64) -> Self {
        Target { score: Some(score), member: None, prefix: Prefix::default(), is_past: false }
    }

    /// The place before a member, all scores being equal.
    pub(super) fn at_member(member: &'a [u8]) -> Self {
        Target { score: None, member: Some(member), prefix: prefix_of(member), is_past: false }
    }

    /// The place behind instead.
    pub(super) fn past(self) -> Self {
        Target { is_past: true, ..self }
    }

    /// Whether an element stands before this place. The member is asked for only if the score does not decide.
    #[inline]
    pub(super) fn is_behind<'m>(&self, score: f64, member: impl FnOnce() -> &'m [u8]) -> bool {
        let of_members = || self.member.map_or(Ordering::Equal, |wanted| member().cmp(wanted));
        self.decide(self.order_of_score(score).then_with(of_members))
    }

    /// The way to the last leaf whose first element stands before this place.
    pub(super) fn seek<const FAN: usize>(&self) -> LastWhere<impl FnMut(&Edge<Leaf, FAN>) -> bool> {
        LastWhere(|edge: &Edge<Leaf, FAN>| {
            let order = self.order_of_score(edge.key().score);
            if order.is_ne() || self.member.is_none() {
                return self.decide(order);
            }
            match edge.key().prefix.cmp(&self.prefix) {
                Ordering::Equal => edge
                    .first_block()
                    .elements()
                    .next()
                    .is_some_and(|(score, member)| self.is_behind(score, || member)),
                order => self.decide(order),
            }
        })
    }

    /// How a score compares to the wanted one.
    #[inline]
    fn order_of_score(&self, score: f64) -> Ordering {
        let order = self.score.map(|wanted| score.partial_cmp(&wanted));
        order.flatten().unwrap_or(Ordering::Equal)
    }

    #[inline]
    fn decide(&self, order: Ordering) -> bool {
        order.is_lt() || (order.is_eq() && self.is_past)
    }
}
