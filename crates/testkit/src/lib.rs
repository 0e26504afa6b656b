//! For tests only: starts servers, talks to them, breaks their links, waits for conditions.
//!
//! It imports nothing of Ochre on purpose: its client, its reply parser and its data set comparison are written
//! again here, so that a mistake in the server's own code cannot hide itself. Whatever goes wrong in here is a failed
//! test: functions panic with a text that says what was expected, save those whose name begins with `try_`.
#![expect(clippy::disallowed_methods, reason = "tests look at the real files of real servers")]
#![forbid(unsafe_code)]
#![expect(clippy::disallowed_types, reason = "imports nothing of Ochre, so not its lock type either")]

mod builder;
mod client;
mod dataset;
mod directory;
mod fuzz;
mod info;
mod injection;
mod ledger;
mod namespace;
mod network;
mod port;
mod process;
mod program;
mod proxy;
mod reply;
mod script;
mod server;
mod skip;
mod stream;
mod wait;

pub use builder::{ServerBuilder, StartFailure};
pub use client::Client;
pub use dataset::{Dataset, StoredValue};
pub use directory::TestDirectory;
pub use fuzz::{fuzz, kept_inputs};
pub use info::Info;
pub use injection::Injection;
pub use ledger::{AckLedger, LostWrite};
pub use namespace::Namespace;
pub use network::{Fault, Namespaces, Network, Proxies, network};
pub use port::free_port;
pub use process::{cpu_time, peak_resident_bytes, reset_peak_resident, resident_bytes, signal, thread_count};
pub use program::{Program, Vendor, find_on_path, target_folder, target_program};
pub use proxy::Proxy;
pub use reply::{Reply, quoted};
pub use script::check;
pub use server::Server;
pub use skip::{is_root, remark, skip};
pub use stream::Stream;
pub use wait::{try_wait_for, wait_equal, wait_for, wait_until, wait_until_within};
