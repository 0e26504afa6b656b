//! Walking a large sorted set in the order of its members' hashes: a member keeps its place whatever becomes of its score.
//!
//! The index tells which scores belong to a stretch of hashes; the members with these scores are looked at in the order,
//! and those are shown whose hash lies in the stretch. Where many members share a score, all of them are looked at for a
//! stretch, which is therefore made longer: looking at all some times in a whole scan is the most that happens.

use std::collections::BTreeMap;
use std::ops::Bound;

use encodings::ordered::ScoreOrder;
use encodings::score_index::{ScoreIndex, member_hash};

use super::Visit;

/// A stretch holds at least a part of the set such that members with one score are looked at so often in a whole scan.
const LOOKS_AT_MOST: usize = 32;

pub(super) fn scan(
    order: &ScoreOrder,
    index: &ScoreIndex,
    cursor: u64,
    count: usize,
    visit: &mut Visit<'_>,
) -> u64 {
    let mut scores = BTreeMap::new();
    let mut cursor_after = cursor;
    let mut wanted = count.max(1);
    let mut seen = 0;
    let mut looks = 0;
    loop {
        cursor_after = index.scan(cursor_after, wanted - seen, &mut |score: f64| {
            seen += 1;
            let normal = score + 0.0;
            scores.entry(ordered_bits(normal)).or_insert_with(|| {
                let ranks = ranks(order, normal);
                looks += ranks.len();
                ranks
            });
        });
        wanted = wanted.max((looks / LOOKS_AT_MOST).min(order.len()));
        if cursor_after == 0 || seen >= wanted {
            break;
        }
    }
    for ranks in scores.into_values() {
        for (score, member) in order.ascending(ranks.start).take(ranks.len()) {
            let position = u64::from(member_hash(member));
            if position >= cursor && (cursor_after == 0 || position < cursor_after) {
                visit(member, score);
            }
        }
    }
    cursor_after
}

fn ranks(order: &ScoreOrder, score: f64) -> std::ops::Range<usize> {
    order.start_of_scores(Bound::Included(score))..order.end_of_scores(Bound::Included(score))
}

/// A score as a number that is ordered as scores are.
fn ordered_bits(score: f64) -> u64 {
    let bits = score.to_bits();
    if bits >> 63 == 0 { bits | 1 << 63 } else { !bits }
}
