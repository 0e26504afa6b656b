//! When memory is given back by another thread instead of by the command that let go of it.

use crate::config::kind::YesNo;

options! {
    /// When memory is given back by another thread instead of by the command that let go of it.
    LazyFree at lazy_free;

    /// Expired keys leave in the stream as UNLINK, so that replicas free them in the background, instead of DEL.
    lazyfree_lazy_expire: YesNo = false, mutable;
    /// FLUSHDB and FLUSHALL without SYNC or ASYNC free in the background.
    lazyfree_lazy_user_flush: YesNo = false, mutable;
}
