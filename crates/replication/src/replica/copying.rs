//! The link while it takes a full copy, and the moment at which the copy becomes the node's data set.

use super::LinkThread;
use super::copy_reader::CopyReader;
use crate::compare::compare;
use crate::follower::ended::Ended;
use crate::follower::judge::{Comparison, Verdict};
use crate::follower::machine::{CopyStart, Input, Machine};
use crate::follower::on_node::{self, TakenCopy};
use crate::load::{Copy, SignOfLife, Taker};
use engine::facts::replication_events::Cost;
use log::{Offset, ReplicationId};
use persistence::replaced::KeepError;
use std::time::Duration;
use stdx::logging::{notice, warning};

/// A copy that is loaded beside the old data.
pub(super) struct Taken {
    copy: Copy,
    id: ReplicationId,
    offset: Offset,
    cost: Cost,
    sign: SignOfLife,
}

impl LinkThread {
    pub(super) fn expect_copy(&mut self, from: Option<(ReplicationId, Offset)>) {
        match &from {
            Some((id, offset)) => notice!("Full resync from master: {id}:{offset}"),
            None => notice!("Full resync from master (no history)"),
        }
    }

    /// Takes the copy that the primary sends and loads it beside the old data.
    pub(super) fn take_copy(
        &mut self,
        start: &CopyStart,
        machine: &mut Machine,
    ) -> Result<Input<'static>, Ended> {
        let Some(stream) = &mut self.stream else { return Err(super::connection_lost()) };
        let io_error = |error| Ended::of_io(&error, "I/O error trying to sync with MASTER");
        let signs = || stream.try_clone().map(SignOfLife::new).map_err(io_error);
        let (sign, later_sign) = (signs()?, signs()?);
        let (timeout_ms, compares) = machine
            .situation()
            .map_or((0, false), |situation| (situation.timeout_ms, situation.verdict == Verdict::Compare));
        self.read_wait_ms = timeout_ms;
        stream.set_read_timeout(Some(Duration::from_millis(timeout_ms.max(1)))).map_err(io_error)?;
        let began_ms = super::now_ms();
        let mut reader = CopyReader::begin(machine, stream);
        let taker = Taker::new(&self.shared, &self.persistence, self.order, sign);
        let mut copy = taker.receive(&mut reader, &start.extent)?;
        let cost = Cost { bytes: reader.bytes, duration_ms: super::now_ms() - began_ms };
        let keys = copy.loaded.keys;
        let comparison = if compares {
            compare(&self.shared, &mut copy.keyspace, keys)
        } else {
            Comparison { keys, ..Comparison::default() }
        };
        let (id, offset) = start.from.unwrap_or_else(|| (engine::propagation::new_id(), Offset::ZERO));
        self.copy = Some(Taken { copy, id, offset, cost, sign: later_sign });
        Ok(Input::CopyLoaded(comparison))
    }

    pub(super) fn drop_copy(&mut self) {
        if let Some(path) = self.copy.take().and_then(|taken| taken.copy.file) {
            let _ = self.persistence.vfs().remove(&path);
        }
    }

    /// Puts the copy in the place of the old data, which are written to disk first if they are to be kept.
    pub(super) fn adopt(&mut self, keeps_old: bool, machine: &Machine) -> Result<(), Ended> {
        let Some(taken) = &mut self.copy else { return Err(Ended::withdrawn()) };
        if keeps_old {
            let (shared, order) = (&self.shared, self.order);
            let sign = &mut taken.sign;
            let go_on = || {
                sign.give_if_due();
                shared.try_lock().is_none_or(|node| node.engine.replication.order == order)
            };
            keep_old(self.persistence.keep_data_set(go_on))?;
        }
        let mut node = self.shared.lock();
        if node.engine.replication.order != self.order {
            return Err(Ended::withdrawn());
        }
        let Some(Taken { copy, id, offset, cost, .. }) = self.copy.take() else {
            return Err(Ended::withdrawn());
        };
        let (keys, expired) = (copy.loaded.keys, copy.loaded.expired);
        let taken = TakenCopy { keyspace: copy.keyspace, id, offset, cost };
        let old = on_node::adopt(&mut node, &self.persistence, machine.situation(), keeps_old, taken);
        let replaced = copy.file.map(|path| self.persistence.keep_copy(&node, &path));
        drop(node);
        drop((old, replaced));
        notice!("Done loading RDB, keys loaded: {keys}, keys expired: {expired}.");
        notice!("MASTER <-> REPLICA sync: Finished with success");
        Ok(())
    }
}

/// That the old data could not be kept is no reason to stay without the new ones: whoever said so, or the new data being
/// as good, has decided that.
fn keep_old(outcome: Result<Option<String>, KeepError>) -> Result<(), Ended> {
    match outcome {
        Ok(Some(name)) => {
            notice!("Kept the data set that is replaced as {name}: OCHRE REPLACED RESTORE brings it back");
        }
        Ok(None) => {}
        Err(KeepError::NotWanted) => return Err(Ended::withdrawn()),
        Err(error) => warning!("The data set that is replaced could not be kept: {error}"),
    }
    Ok(())
}
