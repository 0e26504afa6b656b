//! When memory is given back by another thread instead of by the command that let go of it. Of single values only large
//! ones are: others are freed faster than they could be handed over.

use crate::config::kind::YesNo;
use keyspace::Deferral;

options! {
    /// When memory is given back by another thread instead of by the command that let go of it.
    LazyFree at lazy_free;

    /// Evicted keys are freed in the background, and leave in the stream as UNLINK instead of DEL.
    lazyfree_lazy_eviction: YesNo = false, mutable;
    /// Expired keys are freed in the background, and leave in the stream as UNLINK instead of DEL.
    lazyfree_lazy_expire: YesNo = false, mutable;
    /// What a command replaces or removes besides what it was asked for (SET over a key, RENAME) is freed in the background.
    lazyfree_lazy_server_del: YesNo = false, mutable;
    /// DEL frees in the background, as UNLINK does.
    lazyfree_lazy_user_del: YesNo = false, mutable;
    /// A replica frees the data set that a full copy replaced in the background, and goes on with the stream meanwhile.
    replica_lazy_flush | slave_lazy_flush: YesNo = false, mutable;
    /// FLUSHDB and FLUSHALL without SYNC or ASYNC free in the background.
    lazyfree_lazy_user_flush: YesNo = false, mutable;
}

impl LazyFree {
    /// Whose large values a command leaves to another thread.
    pub fn deferral(&self) -> Deferral {
        Deferral {
            removed: self.lazyfree_lazy_server_del,
            expired: self.lazyfree_lazy_expire,
            evicted: self.lazyfree_lazy_eviction,
        }
    }
}
