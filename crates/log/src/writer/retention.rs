//! Files that a rewrite has replaced: kept for replicas that come back, given up by the limits or on a full disk.

use super::LogWriter;
use crate::held_files::{HeldFile, Retention, list};
use crate::policy::Moment;
use crate::vfs::VfsFile;

impl LogWriter {
    /// Changes how much is kept.
    pub fn set_retention(&mut self, retention: Retention, now: Moment) {
        self.options.retention = retention;
        self.trim_kept(now);
    }

    /// Removes what is over the limits.
    pub fn trim_kept(&mut self, now: Moment) {
        self.unix_s = self.unix_s.max(now.unix_s);
        let surplus = self.held.take_surplus(self.options.retention, self.unix_s);
        if !surplus.is_empty() {
            self.store_kept();
            self.remove_kept(surplus);
        }
    }

    /// Of the files that no manifest names any more, those that hold the stream get names of their own; the others are
    /// left in `names`, to be removed.
    pub(super) fn keep_replaced(&mut self, names: &mut Vec<String>) {
        let mut has_changed = false;
        names.retain(|name| {
            let Some(file) = self.held.listed(name) else { return true };
            has_changed = true;
            let kept = list::kept_name(&self.options.stem, file.start.offset);
            let directory = &self.options.directory;
            if self.vfs.rename(&directory.join(name), &directory.join(&kept)).is_ok() {
                self.held.keep(name, &kept, self.unix_s);
                return false;
            }
            let older = self.held.lose(name);
            self.remove_kept(older);
            true
        });
        if has_changed {
            let surplus = self.held.take_surplus(self.options.retention, self.unix_s);
            self.store_kept();
            self.remove_kept(surplus);
        }
    }

    /// The oldest kept file makes room. Says whether there was one.
    pub(super) fn give_up_oldest_kept(&mut self) -> bool {
        let Some(oldest) = self.held.take_oldest_kept() else { return false };
        self.remove_kept(vec![oldest]);
        self.store_kept();
        true
    }

    /// What the files hold is not the stream up to its end any more.
    pub(super) fn forget_held(&mut self) {
        let kept = self.held.clear();
        if !kept.is_empty() {
            self.store_kept();
            self.remove_kept(kept);
        }
    }

    /// A list that is not the newest makes a start remove what it cannot vouch for, so an error needs no more.
    fn store_kept(&self) {
        let _ = list::store(&*self.vfs, &self.options.directory, &self.options.stem, &self.held.kept());
    }

    fn remove_kept(&self, files: Vec<HeldFile>) {
        let mut open: Vec<Box<dyn VfsFile>> = Vec::new();
        for file in files {
            let path = self.options.directory.join(file.name);
            open.extend(self.vfs.open_read(&path));
            let _ = self.vfs.remove(&path);
        }
        if open.is_empty() {
            return;
        }
        // The blocks of a large file are freed with its last handle, which takes long: replies may wait for this thread.
        let _ = stdx::background::spawn("lazy-free", move || drop(open));
    }
}

/// Whether an error says that there is no room left on the disk.
pub(super) fn is_full(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded)
}
