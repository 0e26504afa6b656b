//! What clients are told of changes of keys.

use crate::config::kind::{EventClasses, Integer};

options! {
    /// What clients are told of changes of keys.
    Notifications at notifications;

    /// Which events of keys are published, and on which channels: K for `__keyspace@DB__:KEY`, E for
    /// `__keyevent@DB__:EVENT`, then the classes: g commands of no type, $ strings, l lists, s sets, h hashes, z sorted
    /// sets, t streams, x expired, e evicted, A all of these, n new keys, m reads that found nothing.
    notify_keyspace_events: EventClasses = EventClasses::default(), mutable;
    /// Keys that are remembered for client-side caching, at most. Beyond that, clients are told to forget some. 0 means
    /// no limit.
    tracking_table_max_keys: Integer<u64, 0, { i64::MAX }> = 1_000_000, mutable;
}
