//! Faults and crashes while the log is written and rewritten: what was durable is found again, in order.

use super::bench::Bench;
use crate::Persistence;
use engine::config::options::AppendFsync;
use engine::engine::Node;
use log::Offset;
use log::vfs::{Fault, FaultKind, MemoryVfs, Operation};

/// A node whose n-th write sets `n` to n, and who knows where in the log each write ended.
struct Life {
    bench: Bench,
    ends: Vec<Offset>,
}

impl Life {
    fn new(policy: AppendFsync) -> Life {
        let bench = Bench::with_log(MemoryVfs::new(), |config| config.append_only.appendfsync = policy);
        let start = bench.with(|_, node| node.engine.propagation.end());
        Life { bench, ends: vec![start] }
    }

    fn written(&self) -> usize {
        self.ends.len() - 1
    }

    /// Writes, unless writes are refused because the disk fails.
    fn write(&mut self) {
        let next = self.written() + 1;
        if self.bench.try_run(&format!("SET n {next}")) {
            self.ends.push(self.bench.with(|_, node| node.engine.propagation.end()));
        }
    }

    /// Writes whose replies could leave.
    fn durable(&self) -> usize {
        let durable = self.bench.with(|_, node| {
            node.engine.hear_disk();
            node.engine.commit.durable()
        });
        self.ends.iter().filter(|end| **end <= durable).count().saturating_sub(1)
    }

    /// What a restart on this disk finds.
    fn restart(disk: MemoryVfs) -> Result<usize, String> {
        let bench = Bench::new(disk, |config| config.append_only.appendonly = true);
        bench.persistence.load()?;
        bench.persistence.open_log()?;
        let found = bench.value("n").map_or(0, |text| text.parse().expect("a number"));
        bench.with(Persistence::close_log)?;
        Ok(found)
    }

    fn check_killed(&self) {
        let durable = self.durable();
        let found = Life::restart(self.bench.disk.fork()).expect("a killed process leaves whole files");
        assert!(durable <= found && found <= self.written(), "{durable} <= {found} <= {}", self.written());
    }

    /// Power is lost: the bytes that were not forced may have holes, and nothing durable is ever missing.
    fn check_crashed(&self, seeds: std::ops::Range<u64>) {
        for seed in seeds {
            let durable = self.durable();
            let found = Life::restart(self.bench.disk.crash(seed)).expect("a torn end is cut off");
            self.check_found(durable, found);
        }
    }

    /// Power is lost where calls have failed before: bytes that were written again may look as if they had been forced,
    /// and damage in them is refused.
    fn check_crashed_after_faults(&self, seed: u64) {
        let durable = self.durable();
        match Life::restart(self.bench.disk.crash(seed)) {
            Ok(found) => self.check_found(durable, found),
            Err(reason) => assert!(reason.contains("Bad file format"), "{reason}"),
        }
    }

    fn check_found(&self, durable: usize, found: usize) {
        assert!(durable <= found && found <= self.written(), "{durable} <= {found} <= {}", self.written());
    }

    fn rewrite(&self) {
        // A failure is part of the test.
        let _ = self.bench.with(Persistence::begin_rewrite);
    }

    /// Writes, rewrites under writes, writes, with a look at what a crash would leave after each step.
    fn live(&mut self, mut look: impl FnMut(&Life)) {
        for step in 0..24 {
            match step {
                6 | 16 => self.rewrite(),
                12 | 20 => self.bench.wait_for_jobs(),
                _ => self.write(),
            }
            look(self);
        }
        self.bench.wait_for_jobs();
    }

    /// The disk works again: everything heals by itself.
    fn recover(mut self) {
        self.bench.vfs.set_fault(None);
        let is_well = |node: &Node| {
            node.engine.health.append_only.write_error.is_none()
                && node.engine.commit.durable() >= node.engine.propagation.end()
        };
        loop {
            let done = self.bench.with(|persistence, node| {
                persistence.cron(node);
                is_well(node)
            });
            if done {
                break;
            }
            std::thread::yield_now();
        }
        self.write();
        self.bench.wait_for_jobs();
        self.bench.wait_for_disk();
        assert_eq!(self.durable(), self.written());
        self.check_crashed(0..3);
        let written = self.written();
        assert_eq!(Life::restart(self.bench.close()), Ok(written));
    }
}

#[test]
fn a_crash_at_any_step_of_a_rewrite_keeps_what_was_durable() {
    for policy in [AppendFsync::Always, AppendFsync::EverySecond] {
        let mut life = Life::new(policy);
        life.live(|life| {
            life.check_killed();
            life.check_crashed(0..8);
        });
        life.recover();
    }
}

fn every_fault(operation: Option<Operation>, calls: u64, kind: FaultKind) {
    for nth in 1..200 {
        let mut life = Life::new(AppendFsync::Always);
        life.bench.vfs.set_fault(Some(Fault { operation, nth, calls, kind }));
        life.live(|life| life.check_crashed_after_faults(nth));
        let has_failed = life.bench.vfs.has_failed();
        life.recover();
        if !has_failed {
            return;
        }
    }
    panic!("the fault is always met");
}

#[test]
fn every_call_failing_once_loses_nothing_durable() {
    every_fault(None, 1, FaultKind::Errno(5));
    every_fault(None, 1, FaultKind::Short(28));
}

#[test]
fn a_disk_failing_for_a_while_loses_nothing_durable() {
    every_fault(Some(Operation::Sync), 3, FaultKind::Errno(5));
    every_fault(Some(Operation::Write), 4, FaultKind::Short(28));
    every_fault(Some(Operation::Rename), 2, FaultKind::Errno(28));
}

#[test]
fn a_full_disk_refuses_writes_until_it_has_room() {
    let mut life = Life::new(AppendFsync::EverySecond);
    life.write();
    let fault =
        Fault { operation: Some(Operation::Write), nth: 1, calls: u64::MAX, kind: FaultKind::Short(28) };
    life.bench.vfs.set_fault(Some(fault));
    life.write();
    life.bench.wait_until(|node| node.engine.health.append_only.write_error.is_some());
    let reason = life.bench.with(|_, node| node.engine.health.append_only.write_error.clone());
    assert_eq!(reason.as_deref(), Some("No space left on device"));
    let written = life.written();
    life.write();
    assert_eq!(life.written(), written, "refused");
    life.recover();
}

#[test]
fn a_failed_fsync_lets_no_reply_go() {
    let mut life = Life::new(AppendFsync::Always);
    life.write();
    life.bench.wait_for_disk();
    let fault =
        Fault { operation: Some(Operation::Sync), nth: 1, calls: u64::MAX, kind: FaultKind::Errno(5) };
    life.bench.vfs.set_fault(Some(fault));
    assert!(life.bench.with(|_, node| node.engine.fences_writes()));
    life.write();
    life.bench.wait_until(|node| node.engine.health.append_only.write_error.is_some());
    assert_eq!((life.written(), life.durable()), (2, 1));
    assert!(life.bench.with(|persistence, node| persistence.set_append_only(node, false)).is_err());
    life.recover();
}

#[test]
fn forcing_is_suspended_while_a_job_runs_if_that_is_wanted() {
    let mut life = Life::new(AppendFsync::Always);
    life.bench.with(|_, node| node.engine.config.append_only.no_appendfsync_on_rewrite = true);
    for _ in 0..5 {
        life.write();
    }
    life.bench.with(|persistence, node| {
        persistence.begin_save(node).expect("begins");
        persistence.cron(node);
        assert!(!node.engine.fences_writes());
    });
    life.bench.wait_for_jobs();
    life.bench.with(|persistence, node| {
        persistence.set_fsync(node);
        assert!(node.engine.fences_writes());
    });
    life.recover();
}

#[test]
fn a_shutdown_that_fails_leaves_the_log_as_it_was() {
    let mut life = Life::new(AppendFsync::EverySecond);
    life.write();
    for operation in [Operation::Sync, Operation::Rename] {
        life.bench.vfs.set_fault(Some(Fault {
            operation: Some(operation),
            nth: 1,
            calls: 1,
            kind: FaultKind::Errno(5),
        }));
        assert!(life.bench.with(|persistence, node| persistence.shut_down(node, true)).is_err());
        assert!(life.bench.with(|_, node| node.engine.propagation.has_file()));
        life.bench.vfs.set_fault(None);
        life.bench.wait_until(|node| node.engine.health.append_only.write_error.is_none());
        life.write();
    }
    let written = life.written();
    assert_eq!(written, 3);
    assert!(life.bench.with(|persistence, node| persistence.shut_down(node, true)).is_ok());
    assert_eq!(Life::restart(life.bench.disk.fork()), Ok(written));
}
