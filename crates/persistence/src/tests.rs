//! The crate as a whole, in process: a node, its files on a simulated disk, and what a restart finds.

mod append_only;
mod bench;
mod crashes;
mod mutations;
mod replaced;
mod replication;
mod saves;
