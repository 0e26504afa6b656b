//! The sets that are combined, and the work on them.

use super::{Aggregate, Operation, not_nan};
use crate::prelude::*;
use datatypes::collection::ValueRef;
use datatypes::set::Set;
use datatypes::sorted_set::SortedSet;
use keyspace::EntryRef;
use std::collections::HashMap;

/// A set or a sorted set (a clone, which shares its parts), or nothing.
pub(super) struct Source {
    kind: Kind,
    pub(super) weight: f64,
}

enum Kind {
    Nothing,
    Sorted(SortedSet),
    Unsorted(Set),
}

/// What is to be done.
pub(super) struct Work {
    pub(super) operation: Operation,
    pub(super) aggregate: Aggregate,
    /// Only so many elements are looked for; 0 for all.
    pub(super) limit: usize,
}

impl Source {
    pub(super) fn look_up(ctx: &mut Context<'_>, key: &[u8]) -> Result<Source, Stop> {
        let kind = match ctx.keys.look_up(key, Lookup::Read).map(EntryRef::value) {
            None => Kind::Nothing,
            Some(ValueRef::SortedSet(set)) => Kind::Sorted(set.clone()),
            Some(ValueRef::Set(set)) => Kind::Unsorted(set.clone()),
            Some(_) => return Err(Stop::WRONG_TYPE),
        };
        Ok(Source { kind, weight: 1.0 })
    }

    fn len(&self) -> usize {
        match &self.kind {
            Kind::Nothing => 0,
            Kind::Sorted(set) => set.len(),
            Kind::Unsorted(set) => set.len(),
        }
    }

    /// The weighed score of a member; those of a set without scores have 1.
    fn score(&self, member: &[u8]) -> Option<f64> {
        let score = match &self.kind {
            Kind::Nothing => None,
            Kind::Sorted(set) => set.score(member),
            Kind::Unsorted(set) => set.contains(member).then_some(1.0),
        };
        score.map(|score| not_nan(score * self.weight))
    }

    fn each(&self, visit: &mut dyn FnMut(&[u8], f64)) {
        match &self.kind {
            Kind::Nothing => {}
            Kind::Sorted(set) => {
                set.ascend(0..set.len(), &mut |member, score| visit(member, not_nan(score * self.weight)));
            }
            Kind::Unsorted(set) => {
                set.for_each(&mut |member| visit(member, not_nan(self.weight)));
            }
        }
    }
}

impl Work {
    /// The elements of the result, in no order.
    pub(super) fn run(&self, mut sources: Vec<Source>) -> Vec<(Vec<u8>, f64)> {
        match self.operation {
            Operation::Difference => difference(&sources),
            // Scores are added in the order of the sets' sizes, as Redis does: a sum of doubles depends on it.
            Operation::Union => {
                sources.sort_by_key(Source::len);
                self.union(&sources)
            }
            Operation::Intersection => {
                sources.sort_by_key(Source::len);
                self.intersection(&sources)
            }
        }
    }

    fn union(&self, sources: &[Source]) -> Vec<(Vec<u8>, f64)> {
        let mut scores: HashMap<Vec<u8>, f64> = HashMap::new();
        for source in sources {
            source.each(&mut |member, score| match scores.get_mut(member) {
                Some(sum) => *sum = self.aggregate.of(*sum, score),
                None => drop(scores.insert(member.to_vec(), score)),
            });
        }
        scores.into_iter().collect()
    }

    fn intersection(&self, sources: &[Source]) -> Vec<(Vec<u8>, f64)> {
        let Some((smallest, others)) = sources.split_first() else { return Vec::new() };
        let mut found = Vec::new();
        smallest.each(&mut |member, score| {
            if self.limit > 0 && found.len() >= self.limit {
                return;
            }
            let sum = others
                .iter()
                .try_fold(score, |sum, other| other.score(member).map(|score| self.aggregate.of(sum, score)));
            found.extend(sum.map(|sum| (member.to_vec(), sum)));
        });
        found
    }
}

fn difference(sources: &[Source]) -> Vec<(Vec<u8>, f64)> {
    let Some((first, others)) = sources.split_first() else { return Vec::new() };
    let mut found = Vec::new();
    first.each(&mut |member, score| {
        if others.iter().all(|other| other.score(member).is_none()) {
            found.push((member.to_vec(), score));
        }
    });
    found
}
