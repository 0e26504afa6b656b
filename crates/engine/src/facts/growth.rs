//! When the log was how long: tells how old the data of a replica are that has acknowledged some offset.

use log::Offset;
use std::collections::VecDeque;

/// How close two marks are at most, in milliseconds: the age is true to so much.
const STEP_MS: u64 = 10;
/// How many marks are kept: forty seconds of writing without a break.
const MARKS_MAX: usize = 4096;

/// The marks, oldest first: a time in milliseconds and the log's end then.
#[derive(Clone, Debug, Default)]
pub struct Growth {
    marks: VecDeque<(u64, Offset)>,
}

impl Growth {
    /// The log ends at `end` now.
    pub fn note(&mut self, now_ms: u64, end: Offset) {
        if self.marks.back().is_some_and(|&(_, last)| last > end) {
            self.marks.clear(); // The log goes on elsewhere.
        }
        match self.marks.back() {
            Some(&(at_ms, _)) if now_ms < at_ms + STEP_MS => return,
            Some(&(_, last)) if last == end => return,
            _ => {}
        }
        if self.marks.len() == MARKS_MAX {
            self.marks.pop_front();
        }
        self.marks.push_back((now_ms, end));
    }

    /// Since how many milliseconds there are bytes behind `acknowledged`; 0 when there are none.
    pub fn age_ms(&self, now_ms: u64, acknowledged: Offset, end: Offset) -> u64 {
        if acknowledged >= end {
            return 0;
        }
        let place = self.marks.partition_point(|&(_, at)| at <= acknowledged);
        self.marks.get(place).map_or(0, |&(at_ms, _)| now_ms.saturating_sub(at_ms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_age_is_that_of_the_first_byte_that_is_missing() {
        let mut growth = Growth::default();
        for (now_ms, end) in [(0, 10), (5, 20), (10, 30), (50, 30), (60, 40)] {
            growth.note(now_ms, Offset(end));
        }
        let age_ms = |acknowledged| growth.age_ms(100, Offset(acknowledged), Offset(50));
        assert_eq!([0, 10, 29, 30, 40, 50].map(age_ms), [100, 90, 90, 40, 0, 0]);
    }

    #[test]
    fn a_log_that_goes_on_elsewhere_has_no_past() {
        let mut growth = Growth::default();
        growth.note(0, Offset(100));
        growth.note(20, Offset(5));
        assert_eq!(growth.age_ms(30, Offset(1), Offset(5)), 10);
    }

    #[test]
    fn is_bounded() {
        let mut growth = Growth::default();
        for number in 0..2 * MARKS_MAX as u64 {
            growth.note(number * STEP_MS, Offset(number + 1));
        }
        assert_eq!(growth.marks.len(), MARKS_MAX);
    }
}
