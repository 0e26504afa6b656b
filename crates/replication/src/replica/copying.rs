//! The link while it takes a full copy, and the moment at which the copy becomes the node's data set.

use super::LinkThread;
use crate::load::{self, Copy, SignOfLife, Taker};
use crate::transfer::Buffered;
use engine::facts::replication::LinkState;
use log::{Offset, ReplicationId};
use net::stream::Stream;

impl LinkThread {
    /// Takes the copy that the primary sends; `from` is its place in the history, unless the primary knows none.
    pub(super) fn take_copy(
        &self,
        reader: &mut Buffered<Stream>,
        from: Option<(ReplicationId, Offset)>,
    ) -> Result<(), String> {
        match &from {
            Some((id, offset)) => stdx::logging::notice!("Full resync from master: {id}:{offset}"),
            None => stdx::logging::notice!("Full resync from master (no history)"),
        }
        self.set_state(LinkState::Sync)?;
        let sign = SignOfLife::new(reader.inner().try_clone().map_err(|error| error.to_string())?);
        let copy = Taker::new(&self.shared, &self.persistence, self.order, sign).receive(reader)?;
        let (id, offset) = from.unwrap_or_else(|| (engine::propagation::new_id(), Offset::ZERO));
        let (keys, expired) = (copy.loaded.keys, copy.loaded.expired);
        self.adopt(copy, id, offset)?;
        stdx::logging::notice!("Done loading RDB, keys loaded: {keys}, keys expired: {expired}.");
        stdx::logging::notice!("MASTER <-> REPLICA sync: Finished with success");
        Ok(())
    }

    fn adopt(&self, copy: Copy, id: ReplicationId, offset: Offset) -> Result<(), String> {
        let mut node = self.shared.lock();
        if node.engine.replication.order != self.order {
            if let Some(path) = &copy.file {
                let _ = self.persistence.vfs().remove(path);
            }
            return Err("the order to follow was withdrawn".to_string());
        }
        let mut old = load::adopt(&mut node, copy.keyspace, id, offset);
        self.persistence.data_set_replaced(&mut node);
        let replaced = copy.file.map(|path| self.persistence.keep_copy(&node, &path));
        if node.engine.config.lazy_free.replica_lazy_flush {
            node.engine.lazy_free.drop_later(old.flush_all());
        }
        drop(node);
        drop((old, replaced));
        Ok(())
    }
}
