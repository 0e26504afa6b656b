//! Who may do what.

use crate::config::kind::{Secret, SecretText, choices};

choices! {
    /// Who may use something dangerous.
    Permission {
        /// Nobody.
        "no" => Nobody,
        /// Everybody.
        "yes" => Everybody,
        /// Clients on this machine, over loopback or the unix socket.
        "local" => Local,
    }
}

choices! {
    /// Whose payloads of RESTORE other servers look into before they take them.
    Sanitation {
        /// Nobody's.
        "no" => Nobody,
        /// Everybody's.
        "yes" => Everybody,
        /// Those of clients, not those of the primary.
        "clients" => Clients,
    }
}

options! {
    /// Who may do what.
    Security at security;

    /// Password of the default user: clients must AUTH with it before anything else.
    requirepass: SecretText = Secret::NONE, mutable;
    /// Whose payloads of RESTORE are checked whole before they are taken. All are, whatever is chosen: the check costs little
    /// more than reading them.
    sanitize_dump_payload: Sanitation = Sanitation::Nobody, mutable;
    /// Who may use DEBUG, which can stop the server.
    enable_debug_command: Permission = Permission::Nobody, immutable;
    /// Who may change protected options (dir, dbfilename) while the server runs.
    enable_protected_configs: Permission = Permission::Nobody, immutable;
}
