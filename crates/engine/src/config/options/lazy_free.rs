//! When memory is given back by another thread instead of by the command that let go of it.

use crate::config::kind::YesNo;

options! {
    /// When memory is given back by another thread instead of by the command that let go of it.
    LazyFree at lazy_free;

    /// Free evicted values in the background.
    lazyfree_lazy_eviction: YesNo = false, mutable;
    /// Free expired values in the background.
    lazyfree_lazy_expire: YesNo = false, mutable;
    /// Free values that a command replaces, as RENAME does, in the background.
    lazyfree_lazy_server_del: YesNo = false, mutable;
    /// A replica drops its old data in the background when it takes a full copy.
    replica_lazy_flush | slave_lazy_flush: YesNo = false, mutable;
    /// DEL frees in the background, as UNLINK does.
    lazyfree_lazy_user_del: YesNo = false, mutable;
    /// FLUSHDB and FLUSHALL without SYNC or ASYNC free in the background.
    lazyfree_lazy_user_flush: YesNo = false, mutable;
}
