//! Copies of the data on other servers.

use crate::config::kind::{
    BacklogSize, Integer, Memory, ReplicaOf, Secret, SecretText, Text, YesNo, choices,
};

const MAX: i64 = i32::MAX as i64;

choices! {
    /// Whether a replica loads a full copy straight from the link.
    DisklessLoad {
        /// The copy is stored in a file first.
        "disabled" => Never,
        /// Only when there are no data to be served meanwhile.
        "on-empty-db" => OnEmptyDataSet,
        /// It is loaded as it comes, beside the old data.
        "swapdb" => Beside,
    }
}

options! {
    /// Copies of the data on other servers.
    Replication at replication;

    /// Be a replica of the server at this host and port.
    replicaof | slaveof: ReplicaOf = None, immutable;
    /// Password to give to the primary.
    masterauth | primaryauth: SecretText = Secret::NONE, mutable;
    /// User to give to the primary with the password; none is the default user.
    masteruser | primaryuser: SecretText = Secret::NONE, mutable;
    /// Answer requests from what is there while the link to the primary is down or the first copy is under way.
    replica_serve_stale_data | slave_serve_stale_data: YesNo = true, mutable;
    /// A replica refuses writes of its clients.
    replica_read_only | slave_read_only: YesNo = true, mutable;
    /// Send a full copy straight to the replica, without a file.
    repl_diskless_sync: YesNo = true, mutable;
    /// Seconds to wait for more replicas before a full copy is sent, so that they share it.
    repl_diskless_sync_delay: Integer<u32, 0, MAX> = 5, mutable;
    /// Do not wait any longer once so many replicas are there. 0 means no such number.
    repl_diskless_sync_max_replicas: Integer<u32, 0, MAX> = 0, mutable;
    /// Load a full copy straight from the link, beside the old data: always, or only when there are none. Otherwise it is
    /// first stored in the file of the data set, and its primary waits less.
    repl_diskless_load: DisklessLoad = DisklessLoad::Beside, mutable;
    /// Seconds between pings from a primary to its replicas.
    repl_ping_replica_period | repl_ping_slave_period: Integer<u32, 1, MAX> = 10, mutable;
    /// Seconds of silence after which either side gives the link up.
    repl_timeout: Integer<u32, 1, MAX> = 60, mutable;
    /// Let the system gather small pieces for replicas into larger packets: less traffic, more delay.
    repl_disable_tcp_nodelay: YesNo = false, mutable;
    /// How much of the stream of changes is kept for replicas that come back after a break.
    repl_backlog_size: BacklogSize = 10 << 20, mutable;
    /// Seconds without replicas after which the backlog is dropped. 0 means never.
    repl_backlog_ttl: Integer<u64, 0, { i64::MAX }> = 3600, mutable;
    /// With the append-only file on, how much of the stream of changes is kept on disk for replicas that come back after a
    /// longer break, beyond what a start needs. 0 keeps none.
    repl_log_size: Memory<0, { i64::MAX as u64 }> = 1 << 30, mutable;
    /// Seconds for which that is kept after a rewrite has replaced it. 0 means for ever.
    repl_log_ttl: Integer<u64, 0, { i64::MAX }> = 3600, mutable;
    /// Rank among replicas when a new primary is chosen: the lowest is asked first, 0 never.
    replica_priority | slave_priority: Integer<u32, 0, MAX> = 100, mutable;
    /// Address that a replica tells its primary, when others cannot reach it at its own.
    replica_announce_ip | slave_announce_ip: Text = String::new(), mutable;
    /// Port that a replica tells its primary. 0 means its own.
    replica_announce_port | slave_announce_port: Integer<u16, 0, 65535> = 0, mutable;
    /// Whether sentinels list this replica.
    replica_announced: YesNo = true, mutable;
    /// A replica that holds data follows a primary only if that holds a continuation of them, or somebody says so
    /// (REPLICAOF, a changed configuration). Otherwise it goes on serving what it has, read-only, and says why.
    replica_safe_follow: YesNo = true, mutable;
    /// Data sets that another one took the place of are kept on disk, in `replaced` of the directory of the data: so many
    /// of them. 0 keeps none.
    replica_replaced_files: Integer<u32, 0, 1000> = 3, mutable;
    /// The most that such files take together; the newest is kept in any case. 0 means no limit.
    replica_replaced_size: Memory<0, { u64::MAX }> = 0, mutable;
    /// Seconds after which such files are removed when the next is written. 0 means never.
    replica_replaced_ttl: Integer<u64, 0, { i64::MAX / 1000 }> = 0, mutable;
    /// Milliseconds that a primary which was started with less than it had waits at most, before it serves, for replicas
    /// that hold more. 0 does not ask them.
    primary_recovery_timeout: Integer<u32, 0, MAX> = 5000, mutable;
    /// Refuse writes with fewer replicas than this. 0 means never.
    min_replicas_to_write | min_slaves_to_write: Integer<u32, 0, MAX> = 0, mutable;
    /// Only replicas heard from in this many seconds count. 0 counts none and refuses nothing.
    min_replicas_max_lag | min_slaves_max_lag: Integer<u32, 0, MAX> = 10, mutable;
}
