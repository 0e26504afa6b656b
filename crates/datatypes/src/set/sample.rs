//! Several members of a set by chance.

use std::collections::HashSet;

use encodings::listpack::Element;
use stdx::random::Random;

use super::{Form, Set};

/// Above this part of all members (one in so many), walking over all beats drawing until enough different ones came.
const WALK_FROM_PART: usize = 3;

impl Set {
    /// Visits `count` different members by chance, all if there are no more. Each choice is as likely as another; the
    /// order is not by chance.
    pub fn sample<'a>(&'a self, count: usize, random: &mut Random, visit: &mut dyn FnMut(Element<'a>)) {
        if matches!(self.form(), Form::Table(_)) && count < self.len() / WALK_FROM_PART {
            return self.draw_different(count, random, visit);
        }
        let (mut wanted, mut left) = (count.min(self.len()), self.len());
        for member in self.iter() {
            // Each of those left is wanted with the same likelihood: so many of so many.
            if random.index(left) < wanted {
                visit(member);
                wanted -= 1;
            }
            left -= 1;
        }
    }

    fn draw_different<'a>(&'a self, count: usize, random: &mut Random, visit: &mut dyn FnMut(Element<'a>)) {
        let mut drawn = HashSet::with_capacity(count);
        while drawn.len() < count
            && let Some(Element::Bytes(member)) = self.random(random)
        {
            if drawn.insert(member) {
                visit(Element::Bytes(member));
            }
        }
    }

    /// Visits a member by chance `count` times, or as long as `visit` wants another: the same may come again.
    pub fn draw<'a>(&'a self, count: u64, random: &mut Random, visit: &mut dyn FnMut(Element<'a>) -> bool) {
        // Where a listpack has to be walked for each draw, walk it once.
        let packed: Vec<Element<'_>> =
            if matches!(self.form(), Form::Packed(_)) { self.iter().collect() } else { Vec::new() };
        for _ in 0..count {
            let member = if packed.is_empty() {
                self.random(random)
            } else {
                packed.get(random.index(packed.len())).copied()
            };
            if !member.is_some_and(&mut *visit) {
                return;
            }
        }
    }
}
