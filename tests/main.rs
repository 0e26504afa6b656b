//! End-to-end tests through the real binaries: one folder per area.
//!
//! The server under test is `ochre-server` of the target folder. `OCHRE_TEST_SERVER=/usr/bin/redis-server` puts another in its
//! place: every test here passes on a real server too, save those lines that say `is_ochre`. `OCHRE_TEST_CLI` does the
//! same for the command-line client, and `OCHRE_PEERS` names the folder whose `bin/` holds other vendors' servers.
#![expect(clippy::disallowed_methods, reason = "tests look at the real files of real servers")]
#![forbid(unsafe_code)]

mod differential;
mod faults;
mod guide;
mod libraries;
mod notify;
mod persistence;
mod replication;
mod server;
mod types;
mod workers;
