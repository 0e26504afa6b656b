//! Options that other servers have and this one does not have yet: refused with the reason instead of as unknown.

use super::option::Refusal;

/// Options that wait for the same thing.
#[derive(Clone, Copy, Debug)]
pub struct Later {
    /// What they come with, as "access control lists".
    pub subject: &'static str,
    /// Their names and aliases.
    pub names: &'static [&'static str],
}

/// All options that are known and not there yet.
pub const LATER: &[Later] = &[
    Later {
        subject: "access control lists",
        names: &["aclfile", "acllog-max-len", "acl-pubsub-default", "rename-command", "user"],
    },
    Later {
        subject: "scripts and functions",
        names: &["busy-reply-threshold", "lua-time-limit", "lua-enable-insecure-api"],
    },
    Later { subject: "collation by the language of the system", names: &["locale-collate"] },
    Later {
        subject: "TLS",
        names: &[
            "tls-port",
            "tls-cert-file",
            "tls-key-file",
            "tls-key-file-pass",
            "tls-client-cert-file",
            "tls-client-key-file",
            "tls-client-key-file-pass",
            "tls-dh-params-file",
            "tls-ca-cert-file",
            "tls-ca-cert-dir",
            "tls-auth-clients",
            "tls-auth-clients-user",
            "tls-auto-reload-interval",
            "tls-replication",
            "tls-cluster",
            "tls-protocols",
            "tls-ciphers",
            "tls-ciphersuites",
            "tls-prefer-server-ciphers",
            "tls-session-caching",
            "tls-session-cache-size",
            "tls-session-cache-timeout",
            "max-new-tls-connections-per-cycle",
        ],
    },
    Later {
        subject: "cluster mode",
        names: &[
            "cluster-enabled",
            "cluster-config-file",
            "cluster-config-save-behavior",
            "cluster-databases",
            "cluster-node-timeout",
            "cluster-port",
            "cluster-replica-validity-factor",
            "cluster-slave-validity-factor",
            "cluster-migration-barrier",
            "cluster-allow-replica-migration",
            "cluster-require-full-coverage",
            "cluster-replica-no-failover",
            "cluster-slave-no-failover",
            "cluster-allow-reads-when-down",
            "cluster-allow-pubsubshard-when-down",
            "cluster-link-sendbuf-limit",
            "cluster-announce-ip",
            "cluster-announce-port",
            "cluster-announce-tls-port",
            "cluster-announce-bus-port",
            "cluster-announce-hostname",
            "cluster-announce-human-nodename",
            "cluster-announce-client-ipv4",
            "cluster-announce-client-ipv6",
            "cluster-announce-client-port",
            "cluster-announce-client-tls-port",
            "cluster-preferred-endpoint-type",
            "cluster-blacklist-ttl",
            "cluster-manual-failover-timeout",
            "cluster-slot-migration-log-max-len",
            "cluster-slot-stats-enabled",
            "cluster-compatibility-sample-ratio",
            "slot-migration-max-failover-repl-bytes",
        ],
    },
    Later { subject: "Sentinel", names: &["sentinel"] },
    Later { subject: "modules", names: &["loadmodule", "enable-module-command"] },
    Later {
        subject: "errors of the disk and of the stream on a replica",
        names: &[
            "propagation-error-behavior",
            "replica-ignore-disk-write-errors",
            "slave-ignore-disk-write-errors",
        ],
    },
    Later {
        subject: "a full copy and the stream of changes on two connections",
        names: &["dual-channel-replication-enabled", "repl-rdb-channel", "replica-full-sync-buffer-limit"],
    },
    Later {
        subject: "defragmentation",
        names: &[
            "activedefrag",
            "active-defrag-cycle-max",
            "active-defrag-cycle-min",
            "active-defrag-cycle-us",
            "active-defrag-ignore-bytes",
            "active-defrag-max-scan-fields",
            "active-defrag-threshold-lower",
            "active-defrag-threshold-upper",
        ],
    },
    Later {
        subject: "tuning of threads and of the keyspace",
        names: &[
            "server-cpulist",
            "server_cpulist",
            "bio-cpulist",
            "bio_cpulist",
            "aof-rewrite-cpulist",
            "aof_rewrite_cpulist",
            "bgsave-cpulist",
            "bgsave_cpulist",
            "io-threads-do-reads",
            "prefetch-batch-max-size",
            "max-new-connections-per-cycle",
            "activerehashing",
            "hash-seed",
        ],
    },
    Later {
        subject: "more about the log and crash reports",
        names: &[
            "crash-memcheck-enabled",
            "hide-user-data-from-log",
            "ignore-warnings",
            "log-format",
            "log-timestamp-format",
        ],
    },
    Later {
        subject: "other ways to connect",
        names: &[
            "mptcp",
            "repl-mptcp",
            "rdma-bind",
            "rdma-port",
            "rdma-rx-size",
            "rdma-completion-vector",
            "unixsocketgroup",
        ],
    },
    Later {
        subject: "what Valkey alone has",
        names: &["availability-zone", "extended-redis-compatibility", "import-mode", "rdb-version-check"],
    },
    Later { subject: "keeping old append-only files", names: &["aof-disable-auto-gc"] },
];

/// Values that say what is so without the option: a configuration that names one of them gets what it asks for.
const ALREADY_SO: &[(&str, &str)] = &[
    ("acllog-max-len", "0"),
    ("lua-enable-insecure-api", "no"),
    ("tls-port", "0"),
    ("tls-replication", "no"),
    ("tls-cluster", "no"),
    ("cluster-enabled", "no"),
    ("enable-module-command", "no"),
    ("dual-channel-replication-enabled", "no"),
    ("repl-rdb-channel", "no"),
    ("activedefrag", "no"),
    // A table is never left half grown: there is nothing to be done in the background, and no time is taken for it.
    ("activerehashing", "yes"),
    ("activerehashing", "no"),
    // Workers read what their clients send.
    ("io-threads-do-reads", "yes"),
    ("crash-memcheck-enabled", "no"),
    ("hide-user-data-from-log", "yes"),
    ("log-format", "legacy"),
    ("log-timestamp-format", "legacy"),
    ("mptcp", "no"),
    ("repl-mptcp", "no"),
    ("rdma-port", "0"),
    ("availability-zone", ""),
    ("extended-redis-compatibility", "no"),
    ("import-mode", "no"),
    ("rdb-version-check", "strict"),
    ("aof-disable-auto-gc", "no"),
];

/// Whether a line says what is so anyway.
pub(super) fn is_so_anyway(name: &[u8], values: &[&[u8]]) -> bool {
    let [value] = values else { return false };
    let says = |known: &(&str, &str)| {
        known.0.as_bytes().eq_ignore_ascii_case(name) && known.1.as_bytes().eq_ignore_ascii_case(value)
    };
    ALREADY_SO.iter().any(says)
}

/// Why a line that begins with this name is refused, if the name is known.
pub(super) fn refusal(name: &[u8]) -> Option<Refusal> {
    let is_named = |known: &&&str| known.as_bytes().eq_ignore_ascii_case(name);
    LATER.iter().find_map(|later| {
        let known = later.names.iter().find(is_named)?;
        Some(Refusal::new(format!("'{known}' is not there yet: it comes with {}", later.subject)))
    })
}

/// The page of the documentation that lists them: `docs/options-not-yet.md`.
pub fn page() -> String {
    let mut page = "\
# Options that are not there yet

Redis and Valkey have these options, Ochre does not have them yet. A configuration that names one of them is refused with
the reason, so that nobody believes it to be in effect. Made from `crates/engine/src/config/not_yet.rs`.

| comes with | options |
|---|---|
"
    .to_owned();
    for later in LATER {
        page.push_str(&format!("| {} | `{}` |\n", later.subject, later.names.join("`, `")));
    }
    page.push_str(
        "
Some values say what is so without the option, and are accepted in files: ",
    );
    let values = ALREADY_SO.iter().map(|(name, value)| match *value {
        "" => format!("`{name} \"\"`"),
        value => format!("`{name} {value}`"),
    });
    page.push_str(&values.collect::<Vec<_>>().join(", "));
    page.push_str(".\n");
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_is_there_or_not_but_not_both() {
        let mut names: Vec<&str> = LATER.iter().flat_map(|later| later.names).copied().collect();
        let count = names.len();
        names.extend(super::super::table::rows().flat_map(super::super::Row::names));
        names.sort_unstable();
        let listed = names.len();
        names.dedup();
        assert!(count > 0 && names.len() == listed, "a name is listed twice");
    }

    #[test]
    fn what_is_so_anyway_is_accepted() {
        assert!(is_so_anyway(b"Tls-Cluster", &[b"no"]) && is_so_anyway(b"tls-port", &[b"0"]));
        assert!(!is_so_anyway(b"tls-port", &[b"1"]) && !is_so_anyway(b"tls-port", &[]));
        for (name, _) in ALREADY_SO {
            assert!(refusal(name.as_bytes()).is_some(), "{name} is an option to come");
        }
    }

    #[test]
    fn the_reason_names_the_option() {
        let reason = refusal(b"ACLFILE").expect("the option is listed").to_string();
        assert_eq!(reason, "'aclfile' is not there yet: it comes with access control lists");
        assert_eq!(refusal(b"nope"), None);
    }
}
