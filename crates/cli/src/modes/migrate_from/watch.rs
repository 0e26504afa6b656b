//! How far the target is, as a pure machine: what both servers say goes in, the stage and its figures come out.

use std::collections::VecDeque;

use super::amounts::{bytes, duration};

/// How long the link may be down before the migration is given up.
const PATIENCE_MS: u64 = 60_000;
/// So many copies may break off.
const BROKEN_COPIES: u32 = 3;
/// The lag at which the target counts as in step: short enough for writers to wait.
const IN_STEP_MS: u64 = 500;
/// How many places of the source's stream are remembered with their times.
const PLACES: usize = 600;

/// What the target says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TargetSight {
    /// It still follows the source.
    pub follows: bool,
    /// The link is up.
    pub is_linked: bool,
    /// A full copy is under way.
    pub is_copying: bool,
    /// Bytes of the copy that came.
    pub read_bytes: u64,
    /// Bytes of the whole copy; 0 where nobody knows.
    pub total_bytes: u64,
    /// Up to where it has applied the stream.
    pub offset: u64,
}

/// One look at both. A server that could not be asked is `None`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sight {
    /// When, in milliseconds since the beginning.
    pub at_ms: u64,
    /// The end of the source's stream. It is asked before the target.
    pub source_offset: Option<u64>,
    /// The target.
    pub target: Option<TargetSight>,
}

/// Where the migration is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// There is no link yet, or not any more.
    Linking,
    /// A full copy is under way.
    Copying,
    /// The target applies the stream.
    Following,
}

/// The machine.
#[derive(Debug)]
pub struct Watch {
    stage: Stage,
    expected_bytes: u64,
    last_life_ms: u64,
    broken_copies: u32,
    copy_began: Option<(u64, u64)>,
    places: VecDeque<(u64, u64)>,
    now_ms: u64,
    target: TargetSight,
    lag_ms: Option<u64>,
    lag_bytes: u64,
}

impl Watch {
    /// Begins; the copy has about so many bytes.
    pub fn new(expected_bytes: u64) -> Watch {
        Watch {
            stage: Stage::Linking,
            expected_bytes,
            last_life_ms: 0,
            broken_copies: 0,
            copy_began: None,
            places: VecDeque::new(),
            now_ms: 0,
            target: TargetSight::default(),
            lag_ms: None,
            lag_bytes: 0,
        }
    }

    /// Takes a look in. Fails when the migration has to be given up, with the reason. Returns whether the stage changed.
    pub fn see(&mut self, sight: Sight) -> Result<bool, String> {
        self.now_ms = sight.at_ms;
        if let Some(offset) = sight.source_offset {
            self.places.push_back((sight.at_ms, offset));
            if self.places.len() > PLACES {
                self.places.pop_front();
            }
        }
        let Some(target) = sight.target else { return self.nothing_new() };
        if !target.follows {
            return Err("somebody else made the target stop following the source".into());
        }
        let before = (self.stage, self.target.read_bytes);
        self.target = target;
        self.stage = match target {
            TargetSight { is_linked: true, .. } => Stage::Following,
            TargetSight { is_copying: true, .. } => Stage::Copying,
            _ => Stage::Linking,
        };
        if before.0 == Stage::Copying && self.stage == Stage::Linking {
            self.broken_copies += 1;
            if self.broken_copies == BROKEN_COPIES {
                return Err(format!("the copy broke off {BROKEN_COPIES} times: the target's log says why"));
            }
        }
        if self.stage != Stage::Copying {
            self.copy_began = None;
        } else if self.copy_began.is_none() {
            self.copy_began = Some((sight.at_ms, target.read_bytes));
        }
        self.measure();
        if self.stage == Stage::Linking && before.0 == Stage::Linking {
            return self.nothing_new();
        }
        self.last_life_ms = sight.at_ms;
        Ok(before.0 != self.stage)
    }

    fn nothing_new(&self) -> Result<bool, String> {
        if self.now_ms.saturating_sub(self.last_life_ms) < PATIENCE_MS {
            return Ok(false);
        }
        Err(format!(
            "the target has had no link to the source for {}. The target must reach the source at the address given here; its \
             log says what failed",
            duration(self.now_ms - self.last_life_ms)
        ))
    }

    fn measure(&mut self) {
        if self.stage != Stage::Following {
            self.lag_ms = None;
            return;
        }
        let applied = self.target.offset;
        self.lag_bytes = self.places.back().map_or(0, |(_, end)| end.saturating_sub(applied));
        // What the target has applied was the stream's end at that time.
        let reached = self.places.iter().rev().find(|(_, end)| *end <= applied);
        self.lag_ms = match reached {
            Some((at_ms, _)) => Some(self.now_ms - at_ms),
            None => self.places.front().map(|(at_ms, _)| self.now_ms - at_ms + 1),
        };
    }

    /// The stage.
    pub fn stage(&self) -> Stage {
        self.stage
    }

    /// Whether the target is so near that writers can wait for the rest.
    pub fn is_in_step(&self) -> bool {
        self.stage == Stage::Following && self.lag_ms.is_some_and(|lag_ms| lag_ms <= IN_STEP_MS)
    }

    /// A line of progress.
    pub fn line(&self) -> String {
        match self.stage {
            Stage::Linking => "waiting for the link between target and source".into(),
            Stage::Copying => self.copy_line(),
            Stage::Following => {
                let lag = self.lag_ms.map_or("unknown".into(), duration);
                format!("following, behind by {} and {lag}", bytes(self.lag_bytes))
            }
        }
    }

    fn copy_line(&self) -> String {
        let read = self.target.read_bytes;
        let is_known = self.target.total_bytes > 0;
        let total = if is_known { self.target.total_bytes } else { self.expected_bytes.max(read + 1) };
        let share = (read.saturating_mul(100) / total.max(1)).min(if is_known { 100 } else { 99 });
        let about = if is_known { "" } else { "about " };
        let (since_ms, first) = self.copy_began.unwrap_or((self.now_ms, read));
        let elapsed_ms = self.now_ms - since_ms;
        if elapsed_ms < 200 || read <= first {
            return format!("copying, {about}{share} % ({})", bytes(read));
        }
        let rate = (read - first).saturating_mul(1000) / elapsed_ms;
        let left_ms = total.saturating_sub(read).saturating_mul(1000) / rate.max(1);
        format!(
            "copying, {about}{share} % ({}, {}/s), {about}{} left",
            bytes(read),
            bytes(rate),
            duration(left_ms)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sight(at_ms: u64, source: u64, target: TargetSight) -> Sight {
        Sight { at_ms, source_offset: Some(source), target: Some(TargetSight { follows: true, ..target }) }
    }

    fn linked(offset: u64) -> TargetSight {
        TargetSight { is_linked: true, offset, ..TargetSight::default() }
    }

    fn copying(read_bytes: u64, total_bytes: u64) -> TargetSight {
        TargetSight { is_copying: true, read_bytes, total_bytes, ..TargetSight::default() }
    }

    #[test]
    fn a_copy_has_percent_rate_and_time_left() {
        let mut watch = Watch::new(4_000_000);
        assert_eq!(watch.see(sight(0, 10, copying(0, 2_000_000))), Ok(true));
        assert_eq!(watch.line(), "copying, 0 % (0 bytes)");
        assert_eq!(watch.see(sight(1000, 10, copying(500_000, 2_000_000))), Ok(false));
        assert_eq!(watch.line(), "copying, 25 % (500.0 KB, 500.0 KB/s), 3.0 s left");
        let mut unknown = Watch::new(4_000_000);
        for (at_ms, read) in [(0, 0), (1000, 1_000_000)] {
            unknown.see(sight(at_ms, 10, copying(read, 0))).expect("goes on");
        }
        assert_eq!(unknown.line(), "copying, about 25 % (1.0 MB, 1.0 MB/s), about 3.0 s left");
        unknown.see(sight(2000, 10, copying(9_000_000, 0))).expect("goes on");
        assert!(unknown.line().starts_with("copying, about 99 %"));
    }

    #[test]
    fn the_lag_is_told_in_bytes_and_time() {
        let mut watch = Watch::new(0);
        assert_eq!(watch.see(sight(0, 100, linked(100))), Ok(true));
        assert!(watch.is_in_step());
        for at_ms in [1000, 2000, 3000] {
            watch.see(sight(at_ms, 100 + at_ms, linked(1100))).expect("goes on");
        }
        assert_eq!(watch.line(), "following, behind by 2.0 KB and 2.0 s");
        assert!(!watch.is_in_step());
        watch.see(sight(4000, 4100, linked(5000))).expect("goes on");
        assert_eq!(watch.line(), "following, behind by 0 bytes and 0 ms");
    }

    #[test]
    fn a_link_that_stays_away_ends_the_migration() {
        let mut watch = Watch::new(0);
        let away = TargetSight::default();
        assert_eq!(watch.see(sight(59_000, 1, away)), Ok(false));
        assert!(watch.see(sight(60_000, 1, away)).expect_err("given up").contains("no link"));
        // A link that was up counts from its loss, and a target that cannot be asked as one that is away.
        let mut watch = Watch::new(0);
        assert_eq!(watch.see(sight(100_000, 1, linked(1))), Ok(true));
        let silent = |at_ms| Sight { at_ms, source_offset: None, target: None };
        assert_eq!(watch.see(silent(159_000)), Ok(false));
        assert!(watch.see(silent(160_000)).is_err());
    }

    #[test]
    fn a_copy_that_breaks_off_again_and_again_ends_the_migration() {
        let mut watch = Watch::new(0);
        let mut outcome = Ok(false);
        for round in 0..3 {
            assert!(outcome.is_ok(), "{round}");
            watch.see(sight(round * 1000, 1, copying(5, 10))).expect("goes on");
            outcome = watch.see(sight(round * 1000 + 500, 1, TargetSight::default()));
        }
        assert!(outcome.expect_err("given up").contains("broke off 3 times"));
    }

    #[test]
    fn a_target_that_was_promoted_by_others_is_left_alone() {
        let lost = Sight { at_ms: 1, source_offset: None, target: Some(TargetSight::default()) };
        assert!(Watch::new(0).see(lost).expect_err("given up").contains("somebody else"));
    }
}
