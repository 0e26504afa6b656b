//! MULTI: the queue of a transaction, and whether it may still be executed.

use crate::command::index::CommandId;
use resp::request::OwnedRequest;

/// A transaction that was begun with MULTI.
#[derive(Debug, Default)]
pub struct Transaction {
    /// What EXEC will run.
    pub queue: Vec<(CommandId, OwnedRequest)>,
    /// A command could not be queued: EXEC refuses.
    pub is_broken: bool,
}

impl Transaction {
    /// Memory of the queue.
    pub fn used_bytes(&self) -> usize {
        self.queue.iter().map(|(_, request)| request.used_bytes()).sum()
    }
}
