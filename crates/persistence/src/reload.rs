//! DEBUG RELOAD and LOADAOF: the data set is read back while everybody waits.

use crate::access::Access;
use crate::load::{begun, describe_rdb_load, empty_like, load_options};
use crate::load_append_only::Purpose;
use crate::load_delay::LoadDelay;
use crate::load_rdb::load_rdb;
use crate::log_files::force;
use crate::paths;
use crate::persistence::Persistence;
use crate::snapshot;
use engine::engine::Node;
use keyspace::Keyspace;

/// The reply when the files cannot be read back.
const FAILED: &str = "ERR Error trying to load the RDB dump, check server logs.";

impl Persistence {
    /// DEBUG RELOAD: saves unless told not to, and reads the file back. With `flush` what it holds replaces the data set
    /// (which stays when reading fails), otherwise it is put over it. The error is the command's reply.
    pub fn reload(&self, node: &mut Node, save: bool, flush: bool) -> Result<(), String> {
        if save {
            self.save_under_lock(node)?;
        }
        let path = paths::snapshot(&node.engine.config);
        let (mut options, mut delay) = (load_options(node), LoadDelay::of(node));
        options.keep_expired = true;
        let fail = |reason: &dyn std::fmt::Display| {
            stdx::logging::warning!("Reading {}: {reason}", path.display());
            FAILED.to_string()
        };
        let mut progress = |_, keys| {
            delay.wait(keys);
            true
        };
        let mut file = self.vfs.open_read(&path).map_err(|error| fail(&error))?;
        let dirty = node.keyspace.changes().dirty;
        let loaded = if flush {
            let mut keyspace = empty_like(node);
            let outcome = load_rdb(&mut keyspace, &mut file, options, &mut progress);
            let (loaded, _) = outcome.map_err(|error| fail(&error))?;
            drop(self.replace(node, keyspace));
            loaded
        } else {
            let outcome = load_rdb(&mut node.keyspace, &mut file, options, &mut progress);
            outcome.map_err(|error| fail(&error))?.0
        };
        node.keyspace.changes_mut().dirty = dirty;
        describe_rdb_load(node, &loaded);
        stdx::logging::warning!("DB reloaded by DEBUG RELOAD");
        Ok(())
    }

    /// DEBUG LOADAOF: reads the append-only files back. The data set stays as it is when they cannot be read.
    pub fn load_append_only_again(&self, node: &mut Node) -> Result<(), String> {
        const FAILED: &str = "ERR Error trying to load the AOF files, check server logs.";
        node.engine.propagation.submit();
        if let Some(submission) = self.with(|state| state.log.as_ref().map(|log| log.submission.clone()))
            && let Err(reason) = force(&submission)
        {
            stdx::logging::warning!("Forcing the append-only files to disk: {reason}");
            return Err(FAILED.to_string());
        }
        let empty = empty_like(node);
        let old = self.replace(node, empty);
        node.engine.health.loading = Some(begun(node.engine.clock.wall_ms / 1000));
        let purpose = Purpose { repairs: false, keeps_tail: false };
        let outcome = self.load_log(&mut Access::Held(node), purpose);
        node.engine.health.loading = None;
        if let Err(reason) = outcome {
            stdx::logging::warning!("{reason}");
            drop(self.replace(node, old));
            return Err(FAILED.to_string());
        }
        node.keyspace.changes_mut().dirty = 0;
        stdx::logging::warning!("Append Only File loaded by DEBUG LOADAOF");
        Ok(())
    }

    /// Puts another data set in the place of the node's; walks of the old one end.
    pub(crate) fn replace(&self, node: &mut Node, keyspace: Keyspace) -> Keyspace {
        self.call_off_save(node);
        self.call_off_rewrite(node);
        if node.keyspace.is_snapshot_running() {
            snapshot::call_off(node);
        }
        node.replace_data_set(keyspace)
    }
}
