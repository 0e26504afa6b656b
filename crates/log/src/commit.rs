//! Which offset is safe, and how safe: what a reply's promise needs, from who has confirmed what.

use crate::offset::Offset;

/// What must have happened to the bytes before an offset until a reply may leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Promise {
    /// Nothing: the write is in memory.
    None,
    /// The bytes are forced to this node's disk.
    Durable,
    /// So many replicas have acknowledged the bytes.
    Replicas(usize),
    /// So many replicas have forced the bytes to their disks, and so has this node if `local`.
    DurableReplicas {
        /// This node's disk counts too.
        local: bool,
        /// Replicas needed.
        replicas: usize,
    },
}

/// Names a replica within [`Commit`]; chosen by the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ReplicaKey(pub u64);

#[derive(Clone, Copy, Debug)]
struct ReplicaProgress {
    key: ReplicaKey,
    acknowledged: Offset,
    fsynced: Offset,
}

/// How far this node's disk and each replica have come.
#[derive(Clone, Debug, Default)]
pub struct Commit {
    durable: Offset,
    replicas: Vec<ReplicaProgress>,
}

impl Commit {
    /// Nothing is durable, nobody has acknowledged.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// This node's disk holds everything before this offset.
    #[must_use]
    pub fn durable(&self) -> Offset {
        self.durable
    }

    /// Notes what the log writer published; an offset that went back is ignored.
    pub fn set_durable(&mut self, durable: Offset) {
        self.durable = self.durable.max(durable);
    }

    /// Begins anew at another position, as after a full resync. Replicas are dropped: their offsets belong
    /// to the stream that was left.
    pub fn restart(&mut self, durable: Offset) {
        *self = Self { durable, replicas: Vec::new() };
    }

    /// Counts a replica that starts at `from`; what it had before counts as acknowledged, not as fsynced.
    pub fn add_replica(&mut self, key: ReplicaKey, from: Offset) {
        self.remove_replica(key);
        self.replicas.push(ReplicaProgress { key, acknowledged: from, fsynced: Offset::ZERO });
    }

    /// Counts a replica no more.
    pub fn remove_replica(&mut self, key: ReplicaKey) {
        self.replicas.retain(|replica| replica.key != key);
    }

    /// Notes `REPLCONF ACK acknowledged [FACK fsynced]`; offsets that went back are ignored.
    pub fn acknowledge(&mut self, key: ReplicaKey, acknowledged: Offset, fsynced: Option<Offset>) {
        if let Some(replica) = self.replicas.iter_mut().find(|replica| replica.key == key) {
            replica.acknowledged = replica.acknowledged.max(acknowledged);
            replica.fsynced = replica.fsynced.max(fsynced.unwrap_or_default());
        }
    }

    /// Replicas that have acknowledged everything before `offset`: the reply of WAIT.
    #[must_use]
    pub fn acknowledged_by(&self, offset: Offset) -> usize {
        self.replicas.iter().filter(|replica| replica.acknowledged >= offset).count()
    }

    /// Replicas that have everything before `offset` on disk: the second number of WAITAOF's reply.
    #[must_use]
    pub fn fsynced_by(&self, offset: Offset) -> usize {
        self.replicas.iter().filter(|replica| replica.fsynced >= offset).count()
    }

    /// Whether everything before `offset` is as safe as promised.
    #[must_use]
    pub fn is_met(&self, promise: Promise, offset: Offset) -> bool {
        match promise {
            Promise::None => true,
            Promise::Durable => self.durable >= offset,
            Promise::Replicas(replicas) => self.acknowledged_by(offset) >= replicas,
            Promise::DurableReplicas { local, replicas } => {
                (!local || self.durable >= offset) && self.fsynced_by(offset) >= replicas
            }
        }
    }

    /// The largest offset for which a promise is met: [`Offset::MAX`] when it needs nothing,
    /// [`Offset::ZERO`] when it needs more replicas than there are.
    #[must_use]
    pub fn met_up_to(&self, promise: Promise) -> Offset {
        match promise {
            Promise::None => Offset::MAX,
            Promise::Durable => self.durable,
            Promise::Replicas(replicas) => self.kth_largest(replicas, |replica| replica.acknowledged),
            Promise::DurableReplicas { local, replicas } => {
                let remote = self.kth_largest(replicas, |replica| replica.fsynced);
                if local { remote.min(self.durable) } else { remote }
            }
        }
    }

    fn kth_largest(&self, k: usize, of: impl Fn(&ReplicaProgress) -> Offset) -> Offset {
        let Some(rank) = k.checked_sub(1) else { return Offset::MAX };
        let mut offsets: Vec<Offset> = self.replicas.iter().map(of).collect();
        offsets.sort_unstable_by(|left, right| right.cmp(left));
        offsets.get(rank).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::{Commit, Promise, ReplicaKey};
    use crate::offset::Offset;

    fn three_replicas() -> Commit {
        let mut commit = Commit::new();
        commit.set_durable(Offset(70));
        for (key, acknowledged, fsynced) in [(1, 100, 90), (2, 80, 0), (3, 60, 60)] {
            commit.add_replica(ReplicaKey(key), Offset(50));
            commit.acknowledge(ReplicaKey(key), Offset(acknowledged), Some(Offset(fsynced)));
        }
        commit
    }

    #[test]
    fn counts_who_has_what() {
        let commit = three_replicas();
        assert_eq!((commit.acknowledged_by(Offset(80)), commit.fsynced_by(Offset(60))), (2, 2));
        assert_eq!(commit.met_up_to(Promise::Replicas(2)), Offset(80));
        assert_eq!(commit.met_up_to(Promise::Replicas(4)), Offset::ZERO);
        let both = Promise::DurableReplicas { local: true, replicas: 1 };
        assert_eq!(commit.met_up_to(both), Offset(70));
        assert_eq!(commit.met_up_to(Promise::None), Offset::MAX);
    }

    #[test]
    fn the_largest_offset_met_is_the_largest_for_which_is_met_holds() {
        let commit = three_replicas();
        let mut promises = vec![Promise::Durable];
        for replicas in 1..5 {
            promises.push(Promise::Replicas(replicas));
            promises.push(Promise::DurableReplicas { local: false, replicas });
            promises.push(Promise::DurableReplicas { local: true, replicas });
        }
        for promise in promises {
            let largest = (1..200).rev().map(Offset).find(|offset| commit.is_met(promise, *offset));
            assert_eq!(commit.met_up_to(promise), largest.unwrap_or_default(), "{promise:?}");
        }
    }

    #[test]
    fn acknowledgements_never_go_back_and_a_lost_replica_does_not_count() {
        let mut commit = three_replicas();
        commit.acknowledge(ReplicaKey(1), Offset(10), None);
        commit.set_durable(Offset(5));
        assert_eq!((commit.acknowledged_by(Offset(100)), commit.durable()), (1, Offset(70)));
        commit.remove_replica(ReplicaKey(1));
        assert!(!commit.is_met(Promise::Replicas(1), Offset(100)));
        commit.restart(Offset(3));
        assert_eq!((commit.acknowledged_by(Offset(1)), commit.durable()), (0, Offset(3)));
    }
}
