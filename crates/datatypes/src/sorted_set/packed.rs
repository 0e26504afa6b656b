//! A small sorted set: one listpack, a member and its score in turn, in order.
//!
//! A score that is a whole number lies there as an integer, another as the fewest digits that read back as it.

use std::cmp::Ordering;
use std::ops::{Bound, Range};

use encodings::listpack::{Element, Listpack, Position, TextBuffer, would_be_bytes};
use stdx::number;

use super::{Inserted, Visit};

/// Scores up to this size are tried as integers, as Redis does.
const INTEGER_SCORE_MAX: f64 = (i64::MAX / 2) as f64;

/// The longest text of a score.
const SCORE_BYTES: usize = 32;

/// A look at the elements.
#[derive(Clone, Copy)]
pub(super) struct Packed<'a> {
    listpack: &'a Listpack,
}

/// The elements, to be changed.
pub(super) struct PackedMut<'a> {
    listpack: &'a mut Listpack,
}

/// What is known of an element while the listpack is walked.
struct Found {
    position: Position,
    score: f64,
}

/// The listpack of these elements, which are in order.
pub(super) fn from_sorted(elements: &[(Vec<u8>, f64)]) -> Listpack {
    let mut listpack = Listpack::new();
    for (member, score) in elements {
        listpack.push_back(Element::of(member));
        with_score(*score, |score| listpack.push_back(score));
    }
    listpack
}

impl<'a> Packed<'a> {
    #[inline]
    pub(super) fn new(listpack: &'a Listpack) -> Packed<'a> {
        Packed { listpack }
    }

    /// The set in a listpack from outside, if it is one.
    pub(super) fn checked(listpack: &'a Listpack) -> Option<Packed<'a>> {
        let packed = Packed { listpack };
        if !packed.listpack.len().is_multiple_of(2) {
            return None;
        }
        let mut members: Vec<Vec<u8>> = Vec::with_capacity(packed.len());
        let mut previous: Option<(f64, Vec<u8>)> = None;
        for (member, score) in packed.listpack.pairs() {
            let (member, score) = (member.to_vec(), checked_score(score)?);
            if previous.is_some_and(|(other_score, other)| {
                compare(other_score, &other, score, &member) != Ordering::Less
            }) {
                return None;
            }
            members.push(member.clone());
            previous = Some((score, member));
        }
        members.sort_unstable();
        let is_unique = members.windows(2).all(|pair| pair[0] != pair[1]);
        is_unique.then_some(packed)
    }

    pub(super) fn len(self) -> usize {
        self.listpack.len() / 2
    }

    pub(super) fn total_bytes(self) -> usize {
        self.listpack.total_bytes()
    }

    pub(super) fn longest_member(self) -> usize {
        self.listpack.pairs().map(|(member, _)| member.len()).max().unwrap_or(0)
    }

    pub(super) fn has_room(self, member: &[u8]) -> bool {
        self.listpack.is_safe_to_add(would_be_bytes(Element::of(member)) + SCORE_BYTES)
    }

    pub(super) fn score(self, member: &[u8]) -> Option<f64> {
        self.find(member).map(|found| found.score)
    }

    fn find(self, member: &[u8]) -> Option<Found> {
        let position = self.listpack.find(self.listpack.first()?, member, 1)?;
        let score = score_of(self.listpack.get(self.listpack.next(position)?));
        Some(Found { position, score })
    }

    pub(super) fn rank(self, member: &[u8]) -> Option<(usize, f64)> {
        let wanted = self.find(member)?;
        let mut next = self.listpack.first();
        for rank in 0.. {
            let position = next?;
            if position == wanted.position {
                return Some((rank, wanted.score));
            }
            next = self.listpack.next(position).and_then(|score| self.listpack.next(score));
        }
        None
    }

    pub(super) fn ascend(self, ranks: Range<usize>, visit: &mut Visit<'_>) {
        let mut buffer = TextBuffer::new();
        let mut next = self.position(ranks.start);
        for _ in ranks {
            let Some(position) = next else { return };
            let score_position = self.listpack.next(position).expect("members and scores come in pairs");
            visit(self.listpack.get(position).text(&mut buffer), score_of(self.listpack.get(score_position)));
            next = self.listpack.next(score_position);
        }
    }

    pub(super) fn descend(self, ranks: Range<usize>, visit: &mut Visit<'_>) {
        let mut buffer = TextBuffer::new();
        let Some(last) = ranks.end.checked_sub(1) else { return };
        let mut next = self.position(last).and_then(|member| self.listpack.next(member));
        for _ in ranks {
            let Some(score_position) = next else { return };
            let position = self.listpack.previous(score_position).expect("members and scores come in pairs");
            visit(self.listpack.get(position).text(&mut buffer), score_of(self.listpack.get(score_position)));
            next = self.listpack.previous(position);
        }
    }

    fn position(self, rank: usize) -> Option<Position> {
        self.listpack.seek(i64::try_from(rank * 2).ok()?)
    }

    /// The ranks of the first element that a lower bound lets in, and of the first that an upper bound does not.
    pub(super) fn ranks_of_scores(self, lower: Bound<f64>, upper: Bound<f64>) -> (usize, usize) {
        let is_below = |score: f64| match lower {
            Bound::Unbounded => false,
            Bound::Included(bound) => score < bound,
            Bound::Excluded(bound) => score <= bound,
        };
        let is_within = |score: f64| match upper {
            Bound::Unbounded => true,
            Bound::Included(bound) => score <= bound,
            Bound::Excluded(bound) => score < bound,
        };
        let scores = || self.listpack.pairs().map(|(_, score)| score_of(score));
        (
            scores().take_while(|score| is_below(*score)).count(),
            scores().take_while(|score| is_within(*score)).count(),
        )
    }

    /// As `ranks_of_scores`, by members.
    pub(super) fn ranks_of_members(self, lower: Bound<&[u8]>, upper: Bound<&[u8]>) -> (usize, usize) {
        let is_below = |member: &[u8]| match lower {
            Bound::Unbounded => false,
            Bound::Included(bound) => member < bound,
            Bound::Excluded(bound) => member <= bound,
        };
        let is_within = |member: &[u8]| match upper {
            Bound::Unbounded => true,
            Bound::Included(bound) => member <= bound,
            Bound::Excluded(bound) => member < bound,
        };
        let count_while = |wanted: &dyn Fn(&[u8]) -> bool| {
            let mut buffer = TextBuffer::new();
            self.listpack.pairs().take_while(|(member, _)| wanted(member.text(&mut buffer))).count()
        };
        (count_while(&is_below), count_while(&is_within))
    }
}

impl<'a> PackedMut<'a> {
    #[inline]
    pub(super) fn new(listpack: &'a mut Listpack) -> PackedMut<'a> {
        PackedMut { listpack }
    }

    #[inline]
    pub(super) fn look(&self) -> Packed<'_> {
        Packed { listpack: self.listpack }
    }

    /// Puts a member in; `old` is the score that it has.
    pub(super) fn insert(&mut self, member: &[u8], score: f64, old: Option<f64>) -> Inserted {
        let Some(old) = old else {
            self.insert_new(member, score);
            return Inserted::New;
        };
        if old == score {
            return Inserted::Same;
        }
        self.remove(member);
        self.insert_new(member, score);
        Inserted::Moved(old)
    }

    fn insert_new(&mut self, member: &[u8], score: f64) {
        let mut next = self.listpack.first();
        let mut buffer = TextBuffer::new();
        while let Some(position) = next {
            let score_position = self.listpack.next(position).expect("members and scores come in pairs");
            let other_score = score_of(self.listpack.get(score_position));
            let other = self.listpack.get(position).text(&mut buffer);
            if compare(other_score, other, score, member) == Ordering::Greater {
                self.listpack.insert_before(position, Element::of(member));
                with_score(score, |score| self.listpack.insert_after(position, score));
                return;
            }
            next = self.listpack.next(score_position);
        }
        self.listpack.push_back(Element::of(member));
        with_score(score, |score| self.listpack.push_back(score));
    }

    pub(super) fn remove(&mut self, member: &[u8]) -> Option<f64> {
        let found = self.look().find(member)?;
        self.listpack.remove_many(found.position, 2);
        Some(found.score)
    }

    pub(super) fn remove_ranks(&mut self, ranks: Range<usize>, removed: &mut Visit<'_>) {
        let count = ranks.end.min(self.look().len()).saturating_sub(ranks.start);
        self.look().ascend(ranks.start..ranks.start + count, removed);
        if let Some(position) = self.look().position(ranks.start).filter(|_| count > 0) {
            self.listpack.remove_many(position, count * 2);
        }
    }
}

fn compare(score: f64, member: &[u8], other_score: f64, other: &[u8]) -> Ordering {
    score.partial_cmp(&other_score).unwrap_or(Ordering::Equal).then_with(|| member.cmp(other))
}

fn score_of(element: Element<'_>) -> f64 {
    checked_score(element).expect("scores were checked when they came")
}

fn checked_score(element: Element<'_>) -> Option<f64> {
    match element {
        Element::Integer(integer) => Some(integer as f64),
        Element::Bytes(text) => number::parse_f64(text),
    }
}

/// Shows a score as it lies in a listpack.
fn with_score<R>(score: f64, show: impl FnOnce(Element<'_>) -> R) -> R {
    let integer = score as i64;
    if score.abs() <= INTEGER_SCORE_MAX && integer as f64 == score {
        return show(Element::Integer(integer));
    }
    let mut text = Vec::with_capacity(SCORE_BYTES);
    number::append_f64(&mut text, score);
    show(Element::Bytes(&text))
}
