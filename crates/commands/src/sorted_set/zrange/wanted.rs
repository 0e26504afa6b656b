//! What a range of a sorted set says: its two ends, from which side, which part of it.

use crate::grammar::bounds::{self, Ends};
use crate::grammar::range;
use crate::prelude::*;
use datatypes::sorted_set::SortedSet;
use std::ops::Range;

/// What the two ends of a range are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    Position,
    Score,
    Member,
}

/// What a command's name says and its options may not say again.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Fixed {
    pub(super) by: Option<By>,
    pub(super) reversed: Option<bool>,
    pub(super) stores: bool,
}

/// A range as it was asked for.
pub(super) struct Wanted<'a> {
    ends: ParsedEnds<'a>,
    pub(super) reversed: bool,
    offset: i64,
    /// Negative for no limit.
    count: i64,
    pub(super) with_scores: bool,
}

/// Both ends, read.
enum ParsedEnds<'a> {
    Positions(i64, i64),
    Scores(Ends<f64>),
    Members(Option<Ends<&'a [u8]>>),
}

impl<'a> Wanted<'a> {
    pub(super) fn parse(args: &mut Args<'a>, fixed: Fixed) -> Result<Wanted<'a>, Stop> {
        let (first, second) = (args.next()?, args.next()?);
        let (mut by, mut reversed, mut with_scores) = (fixed.by, fixed.reversed, false);
        let (mut offset, mut count) = (0, -1);
        while !args.is_empty() {
            if !fixed.stores && args.keyword("WITHSCORES") {
                with_scores = true;
            } else if args.len() >= 3 && args.keyword("LIMIT") {
                (offset, count) = (args.integer()?, args.integer()?);
            } else if reversed.is_none() && args.keyword("REV") {
                reversed = Some(true);
            } else if by.is_none() && args.keyword("BYLEX") {
                by = Some(By::Member);
            } else if by.is_none() && args.keyword("BYSCORE") {
                by = Some(By::Score);
            } else {
                return Err(Stop::SYNTAX);
            }
        }
        let (by, reversed) = (by.unwrap_or(By::Position), reversed.unwrap_or(false));
        if count != -1 && by == By::Position {
            return Err(Stop::error(
                "ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX",
            ));
        }
        if with_scores && by == By::Member {
            return Err(Stop::error("ERR syntax error, WITHSCORES not supported in combination with BYLEX"));
        }
        let (lower, upper) = if reversed && by != By::Position { (second, first) } else { (first, second) };
        let ends = ParsedEnds::parse(by, lower, upper)?;
        Ok(Wanted { ends, reversed, offset, count, with_scores })
    }

    /// The ranks that are wanted of a set, from the lowest up.
    pub(super) fn ranks(&self, set: &SortedSet) -> Range<usize> {
        let ranks = match &self.ends {
            ParsedEnds::Positions(start, stop) => return positions(*start, *stop, set.len(), self.reversed),
            ParsedEnds::Scores((lower, upper)) => set.ranks_of_scores(*lower, *upper),
            ParsedEnds::Members(Some((lower, upper))) => set.ranks_of_members(*lower, *upper),
            ParsedEnds::Members(None) => 0..0,
        };
        let Ok(offset) = usize::try_from(self.offset) else { return 0..0 };
        let left = ranks.len().saturating_sub(offset);
        let count = usize::try_from(self.count).map_or(left, |count| count.min(left));
        if self.reversed {
            let end = ranks.end - offset.min(ranks.len());
            end - count..end
        } else {
            let start = ranks.start + offset.min(ranks.len());
            start..start + count
        }
    }
}

impl<'a> ParsedEnds<'a> {
    fn parse(by: By, lower: &'a [u8], upper: &'a [u8]) -> Result<ParsedEnds<'a>, Stop> {
        let integer = |text| stdx::number::parse_i64(text).ok_or(Stop::NOT_AN_INTEGER);
        Ok(match by {
            By::Position => ParsedEnds::Positions(integer(lower)?, integer(upper)?),
            By::Score => ParsedEnds::Scores(bounds::scores(lower, upper)?),
            By::Member => ParsedEnds::Members(bounds::members(lower, upper)?),
        })
    }
}

/// The ranks between two positions, both included, which count from the end when negative; `reversed`, from the highest
/// rank down.
fn positions(start: i64, stop: i64, len: usize, reversed: bool) -> Range<usize> {
    let ranks = range::elements(start, stop, len);
    if reversed && !ranks.is_empty() { len - ranks.end..len - ranks.start } else { ranks }
}

#[cfg(test)]
mod tests {
    use super::positions;

    #[test]
    fn positions_count_from_both_ends() {
        assert_eq!((positions(0, -1, 5, false), positions(1, 2, 5, false)), (0..5, 1..3));
        assert_eq!((positions(0, 0, 5, true), positions(-2, -1, 5, true)), (4..5, 0..2));
        assert_eq!(
            (positions(3, 1, 5, false), positions(5, 9, 5, false), positions(0, -1, 0, true)),
            (0..0, 0..0, 0..0)
        );
        assert_eq!(positions(i64::MIN, i64::MAX, 5, false), 0..5);
    }
}
