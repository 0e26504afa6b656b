//! MULTI: the queue of a transaction, and whether it may still be executed.

use crate::command::flags::Flags;
use crate::command::index::{CommandId, Indexed};
use resp::request::{OwnedRequest, Request};

/// A transaction that was begun with MULTI.
#[derive(Debug, Default)]
pub struct Transaction {
    /// What EXEC will run.
    pub queue: Vec<(CommandId, OwnedRequest)>,
    /// A command could not be queued: EXEC refuses.
    pub is_broken: bool,
    /// Flags that some command in the queue has.
    some: Flags,
    /// Flags of [`Transaction::NEEDED_BY_ALL`] that some command in the queue lacks.
    lacking: Flags,
}

impl Transaction {
    /// Flags that the queue has when one of its commands has them.
    const TAKEN_FROM_ONE: Flags =
        Flags::WRITE.and(Flags::DENYOOM).and(Flags::MAY_REPLICATE).and(Flags::NO_ASYNC_LOADING);
    /// Flags that the queue has only when all of its commands have them.
    const NEEDED_BY_ALL: Flags = Flags::LOADING.and(Flags::STALE);

    /// Appends a request.
    pub fn push(&mut self, command: &Indexed, request: Request<'_>) {
        let flags = command.command.spec.flags;
        self.some = self.some.and(flags.common(Self::TAKEN_FROM_ONE));
        self.lacking = self.lacking.and(Self::NEEDED_BY_ALL.without(flags));
        self.queue.push((command.id, OwnedRequest::from(request)));
    }

    /// The flags of a command that runs the queue, by its own.
    pub fn flags_to_run(&self, own: Flags) -> Flags {
        own.and(self.some).without(self.lacking)
    }

    /// Memory of the request that was queued last.
    pub fn last_bytes(&self) -> usize {
        self.queue.last().map_or(0, |(_, request)| request.used_bytes())
    }

    /// Memory of the queue.
    pub fn used_bytes(&self) -> usize {
        self.queue.iter().map(|(_, request)| request.used_bytes()).sum()
    }
}
