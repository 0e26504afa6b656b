//! The options by area, and the configuration that holds them all.

mod append_only;
mod clients;
mod encodings;
mod general;
mod lazy_free;
mod logging;
mod memory;
mod network;
mod notifications;
mod process;
mod replication;
mod security;
mod snapshotting;
mod statistics;

pub use append_only::{AppendFsync, AppendOnly};
pub use clients::Clients;
pub use encodings::Encodings;
pub use general::General;
pub use lazy_free::LazyFree;
pub use logging::{LogLevel, Logging, SyslogFacility};
pub use memory::{EvictionPolicy, Memory};
pub use network::Network;
pub use notifications::Notifications;
pub use process::{OomScoreAdjustment, Process, Supervisor};
pub use replication::{DisklessLoad, Replication};
pub use security::{Permission, Security};
pub use snapshotting::{RdbVersion, Snapshotting};
pub use statistics::Statistics;

use std::path::PathBuf;

use super::option::Row;

/// The areas in the order of the sample file: a field, its type, a heading.
macro_rules! areas {
    ($($field:ident: $area:ident, $heading:literal;)+) => {
        /// The whole configuration. Reading an option is reading a field.
        #[derive(Clone, Debug, PartialEq, Default)]
        pub struct Config {
            $(
                #[doc = $heading]
                pub $field: $area,
            )+
            /// The file that the configuration was read from, absolute; CONFIG REWRITE writes it.
            pub file_path: Option<PathBuf>,
        }

        /// Headings and rows of all areas.
        pub(super) const AREAS: &[(&str, &[Row])] = &[$(($heading, $area::ROWS)),+];
    };
}

areas! {
    network: Network, "Network";
    general: General, "General";
    process: Process, "Process";
    logging: Logging, "Logging";
    security: Security, "Security";
    clients: Clients, "Clients";
    memory: Memory, "Memory";
    encodings: Encodings, "Encodings of collections";
    lazy_free: LazyFree, "Lazy freeing";
    notifications: Notifications, "Notifications and client-side caching";
    snapshotting: Snapshotting, "Snapshots";
    append_only: AppendOnly, "Append-only file";
    replication: Replication, "Replication";
    statistics: Statistics, "Statistics";
}
