//! Slows loading down on purpose (`key-load-delay`): tests look at a server that is loading for as long as they like.

use engine::engine::Node;
use std::time::Duration;

/// The wait after each loaded key.
pub struct LoadDelay {
    per_key: Duration,
    keys: u64,
}

impl LoadDelay {
    /// As the node's configuration has it.
    pub fn of(node: &Node) -> LoadDelay {
        let us = u64::from(node.engine.config.snapshotting.key_load_delay);
        LoadDelay { per_key: Duration::from_micros(us), keys: 0 }
    }

    /// So many keys are loaded by now: waits for those that came since the last call.
    pub fn wait(&mut self, keys: u64) {
        let new = u32::try_from(keys.saturating_sub(self.keys)).unwrap_or(u32::MAX);
        self.keys = keys;
        if !self.per_key.is_zero() {
            std::thread::sleep(self.per_key.saturating_mul(new));
        }
    }
}
