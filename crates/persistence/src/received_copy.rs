//! The file of a full copy that a primary sent, for replicas that load through one (`repl-diskless-load`).

use crate::paths;
use crate::persistence::Persistence;
use engine::engine::Node;
use log::vfs::{Vfs, VfsFile};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use stdx::logging::{notice, warning};

/// The file that was replaced, held open: its blocks are freed where this is dropped, which takes long for a large one.
pub type Replaced = Option<Box<dyn VfsFile>>;

impl Persistence {
    /// The file system that everything is written to.
    pub fn vfs(&self) -> Arc<dyn Vfs> {
        Arc::clone(&self.vfs)
    }

    /// Where the next copy is put until it is whole.
    pub fn copy_path(&self, node: &Node) -> PathBuf {
        let name = format!("temp-{}.{}.rdb", stdx::clock::wall_ms() / 1000, std::process::id());
        node.engine.config.snapshotting.dir.join(name)
    }

    /// The copy is loaded: its file becomes that of the data set. Without persistence `rdb-del-sync-files` takes it away.
    pub fn keep_copy(&self, node: &Node, copy: &Path) -> Replaced {
        let config = &node.engine.config;
        let path = paths::snapshot(config);
        let _publishing = self.publishing.lock();
        let replaced = self.vfs.open_read(&path).ok();
        if let Err(error) = self.vfs.rename(copy, &path) {
            warning!("Failed trying to rename the temp DB into {}: {error}", path.display());
            let _ = self.vfs.remove(copy);
            return None;
        }
        let is_kept = config.append_only.appendonly || !config.snapshotting.save.is_empty();
        if config.snapshotting.rdb_del_sync_files && !is_kept {
            notice!("Removing the RDB file obtained from the master. This replica has persistence disabled");
            let _ = self.vfs.remove(&path);
        }
        if let Err(error) = self.vfs.sync_dir(&config.snapshotting.dir) {
            warning!("Forcing the name of {} to disk: {error}", path.display());
        }
        replaced
    }
}
