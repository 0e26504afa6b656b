//! The node while a file is loaded: held throughout by a command, or taken again and again at start.

use engine::engine::Node;
use engine::shared::Shared;
use std::sync::MutexGuard;

/// How a loader reaches the node.
pub enum Access<'n> {
    /// The caller holds the execution lock.
    Held(&'n mut Node),
    /// The lock is taken when needed and let go now and then, so that others see how far loading is.
    Shared(&'n Shared<Node>, Option<MutexGuard<'n, Node>>),
}

impl<'n> Access<'n> {
    /// Takes the lock only when needed.
    pub fn shared(node: &'n Shared<Node>) -> Access<'n> {
        Access::Shared(node, None)
    }

    /// The node.
    pub fn node(&mut self) -> &mut Node {
        match self {
            Access::Held(node) => node,
            Access::Shared(shared, guard) => guard.get_or_insert_with(|| shared.lock()),
        }
    }

    /// Lets others have the node for a moment.
    pub fn let_go(&mut self) {
        if let Access::Shared(_, guard) = self {
            *guard = None;
        }
    }
}
