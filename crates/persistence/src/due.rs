//! When a save or a rewrite is due: figures in, a decision out.

use engine::config::kind::SavePoint;

/// Seconds until a save that failed is tried again.
const RETRY_SAVE_AFTER_S: i64 = 5;
/// Rewrites that may fail in a row before the next one has to wait.
const FREE_REWRITE_FAILURES: u32 = 3;
/// The first wait after them, in milliseconds; doubled each time.
const FIRST_REWRITE_WAIT_MS: u64 = 60_000;
/// The longest wait between two tries of a rewrite, in milliseconds.
const LONGEST_REWRITE_WAIT_MS: u64 = 3_600_000;
/// The first and the longest wait, in milliseconds, when nothing is safe before a rewrite has worked.
const URGENT_REWRITE_WAITS_MS: (u64, u64) = (100, 10_000);

/// What the last saves have left.
#[derive(Clone, Copy, Debug, Default)]
pub struct SaveFigures {
    /// Changes since the last save.
    pub changes: u64,
    /// Seconds of the last save, and of the last try, since 1970.
    pub last_save_s: i64,
    /// Seconds of the last try since 1970.
    pub last_try_s: i64,
    /// The last try failed.
    pub has_failed: bool,
}

impl SaveFigures {
    /// Whether enough time has passed since a failure.
    pub fn may_try(&self, now_s: i64) -> bool {
        !self.has_failed || now_s - self.last_try_s > RETRY_SAVE_AFTER_S
    }

    /// The save point that is reached.
    pub fn reached<'p>(&self, points: &'p [SavePoint], now_s: i64) -> Option<&'p SavePoint> {
        let passed_s = now_s - self.last_save_s;
        let is_reached = |point: &&SavePoint| {
            self.changes >= point.changes && passed_s > i64::try_from(point.seconds).unwrap_or(i64::MAX)
        };
        points.iter().find(is_reached).filter(|_| self.may_try(now_s))
    }
}

/// By how many percent the append-only files have grown, if that is enough for a rewrite.
pub fn growth_to_rewrite(
    current_bytes: u64,
    base_bytes: u64,
    percentage: u32,
    least_bytes: u64,
) -> Option<u64> {
    if percentage == 0 || current_bytes <= least_bytes {
        return None;
    }
    let share = u128::from(current_bytes) * 100 / u128::from(base_bytes.max(1));
    let growth = u64::try_from(share).unwrap_or(u64::MAX).saturating_sub(100);
    (growth >= u64::from(percentage)).then_some(growth)
}

/// How long the next rewrite waits after so many failures in a row, in milliseconds. An urgent one (without which
/// nothing is safe) is tried sooner.
pub fn rewrite_wait_ms(failures: u32, is_urgent: bool) -> u64 {
    let (first, longest, doublings) = if is_urgent {
        (URGENT_REWRITE_WAITS_MS.0, URGENT_REWRITE_WAITS_MS.1, failures.saturating_sub(1))
    } else {
        (FIRST_REWRITE_WAIT_MS, LONGEST_REWRITE_WAIT_MS, failures.saturating_sub(FREE_REWRITE_FAILURES))
    };
    if failures == 0 || (!is_urgent && failures < FREE_REWRITE_FAILURES) {
        return 0;
    }
    first.saturating_mul(1 << doublings.min(20)).min(longest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn save_points_need_both_changes_and_time() {
        let points = [SavePoint { seconds: 300, changes: 100 }, SavePoint { seconds: 60, changes: 1000 }];
        let figures = SaveFigures { changes: 100, last_save_s: 1000, ..SaveFigures::default() };
        assert!(figures.reached(&points, 1300).is_none());
        assert_eq!(figures.reached(&points, 1301).map(|point| point.seconds), Some(300));
        let busy = SaveFigures { changes: 1000, ..figures };
        assert_eq!(busy.reached(&points, 1061).map(|point| point.seconds), Some(60));
        assert!(SaveFigures { changes: 99, ..figures }.reached(&points, 9999).is_none());
        let failed = SaveFigures { has_failed: true, last_try_s: 1300, ..figures };
        assert!(failed.reached(&points, 1305).is_none());
        assert!(failed.reached(&points, 1306).is_some());
    }

    #[test]
    fn files_are_rewritten_when_they_have_grown() {
        assert_eq!(growth_to_rewrite(200, 100, 100, 64), Some(100));
        assert_eq!(growth_to_rewrite(199, 100, 100, 64), None);
        assert_eq!(growth_to_rewrite(200, 100, 100, 200), None);
        assert_eq!(growth_to_rewrite(200, 100, 0, 64), None);
        assert_eq!(growth_to_rewrite(65, 0, 100, 64), Some(6400));
    }

    #[test]
    fn failed_rewrites_wait_longer_and_longer() {
        let waits: Vec<u64> = (0..12).map(|failures| rewrite_wait_ms(failures, false) / 60_000).collect();
        assert_eq!(waits, [0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60]);
        assert_eq!((rewrite_wait_ms(1, true), rewrite_wait_ms(30, true)), (100, 10_000));
    }
}
