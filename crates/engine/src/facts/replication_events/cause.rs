//! Why something happened to a link: each cause with its name, its words and what helps.

macro_rules! causes {
    ($($(#[$doc:meta])* $variant:ident: $name:literal, $words:literal, $remedy:expr;)+) => {
        /// Why something happened to a link.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Cause {
            $($(#[$doc])* $variant,)+
        }

        impl Cause {
            /// Every cause.
            pub const ALL: &[Cause] = &[$(Cause::$variant,)+];

            /// The name for programs: words joined by hyphens.
            pub const fn name(self) -> &'static str {
                match self { $(Cause::$variant => $name,)+ }
            }

            /// The cause in words, to stand behind a colon.
            pub const fn words(self) -> &'static str {
                match self { $(Cause::$variant => $words,)+ }
            }

            /// What helps, where something is to be done.
            pub const fn remedy(self) -> Option<&'static str> {
                match self { $(Cause::$variant => $remedy,)+ }
            }
        }
    };
}

causes! {
    /// A node without data asks for its first copy.
    FirstCopy: "first-copy", "there was nothing to go on from", None;
    /// The stream's history is known on both sides and the bytes are there.
    InStep: "in-step", "the history is the same and the bytes between are there", None;
    /// The history that was asked for is not the primary's.
    UnknownHistory: "unknown-history", "the history that the replica has is unknown to the primary, which was restarted \
        without its log or is another server",
        Some("set appendonly yes on the primary, so that it knows its history after a restart");
    /// The bytes between are no longer held.
    BytesGone: "bytes-gone", "the bytes that the replica misses are no longer held by the primary",
        Some("raise repl-backlog-size, or set appendonly yes so that the log on disk serves");
    /// The replica has bytes that the primary has not.
    ReplicaAhead: "replica-ahead", "the replica has writes that the primary never had or has lost", None;
    /// The replica asked for a whole copy on purpose.
    AskedFor: "asked-for", "the other side asked for it", None;
    /// The other side closed the connection.
    ClosedByPeer: "closed-by-peer", "the other side closed the connection", None;
    /// The connection broke.
    ConnectionBroken: "connection-broken", "the connection broke", Some("look at the network between the two");
    /// Nothing was heard for too long.
    Silence: "silence", "nothing was heard for longer than repl-timeout",
        Some("look at the network between the two, or raise repl-timeout");
    /// Nobody listens at the address.
    NobodyListens: "nobody-listens", "nobody listens at that address", Some("start the primary, or correct replicaof");
    /// The address cannot be reached.
    Unreachable: "unreachable", "the address cannot be reached", Some("look at the network between the two");
    /// The name has no address.
    UnknownName: "unknown-name", "the name has no address", Some("correct replicaof or the name service");
    /// A password is asked for and none is set.
    PasswordNeeded: "password-needed", "the primary asks for a password", Some("set masterauth");
    /// The password is wrong.
    WrongPassword: "wrong-password", "the primary refuses the password", Some("correct masterauth (and masteruser)");
    /// The user may not replicate.
    NotPermitted: "not-permitted", "the primary does not permit the user to replicate",
        Some("give the user +psync +replconf +ping");
    /// The primary loads its data.
    PrimaryLoads: "primary-loads", "the primary is loading its data", None;
    /// The primary has no link to its own primary.
    NoLinkAbove: "no-link-above", "the primary is a replica that has no link to its own primary", None;
    /// What was received is not of the protocol.
    NotUnderstood: "not-understood", "what was received is not of the protocol", Some("look who answers at that address");
    /// A copy that cannot be read.
    BadCopy: "bad-copy", "the copy that was received cannot be read", None;
    /// A copy of a format that is too new.
    CopyTooNew: "copy-too-new", "the copy that was received has a format that is not known here",
        Some("set rdb-version on the primary to what this node reads, or bring this node up to date");
    /// A file could not be written or read.
    DiskFailed: "disk-failed", "a file could not be written or read", Some("look at the disk: space, permissions, errors");
    /// Too much waited for the replica.
    OutputLimit: "output-limit", "more waited for the replica than client-output-buffer-limit allows",
        Some("set appendonly yes so that the log on disk serves, or raise client-output-buffer-limit replica");
    /// Somebody closed the link by a command.
    Killed: "killed", "an operator closed the connection", None;
    /// Another order to follow, or to follow nobody.
    Ordered: "ordered", "an operator or a configuration said so", None;
    /// The process ends.
    ShutDown: "shut-down", "the server is shutting down", None;
    /// The history changed, and the replicas are to ask anew.
    HistoryChanged: "history-changed", "the node's history changed", None;
    /// The primary has no keys while we hold some.
    PrimaryEmpty: "primary-empty", "the primary is empty and this node is not",
        Some("accept with REPLICAOF host port, take over with REPLICAOF NO ONE");
    /// The primary's history ends before ours.
    PrimaryBehind: "primary-behind", "the primary has lost writes that this node holds",
        Some("accept with REPLICAOF host port, take over with REPLICAOF NO ONE");
    /// The primary is not the server that we followed.
    PrimaryStrange: "primary-strange", "the primary is another server with other data",
        Some("accept with REPLICAOF host port, take over with REPLICAOF NO ONE");
    /// A primary was started with less than it had, and a replica held it.
    TookBack: "took-back", "a primary took back from a replica what it had lost", None;
    /// A planned change of roles.
    FailedOver: "failed-over", "the roles were exchanged by FAILOVER", None;
    /// Something that has no name here; the evidence says more.
    Other: "other", "something else", None;
}

#[cfg(test)]
mod tests {
    use super::Cause;
    use std::collections::HashSet;

    #[test]
    fn every_cause_has_a_name_of_its_own_and_words() {
        let names: HashSet<_> = Cause::ALL.iter().map(|cause| cause.name()).collect();
        assert_eq!(names.len(), Cause::ALL.len());
        for cause in Cause::ALL {
            let words = cause.words();
            assert!(!words.is_empty() && !words.ends_with('.') && !words.contains("  "), "{words}");
        }
    }
}
