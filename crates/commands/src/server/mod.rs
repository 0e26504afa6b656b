//! The server: its facts, its configuration, its data set as a whole, its replicas.

mod command;
mod command_log;
mod config;
mod dbsize;
mod debug;
mod failover;
mod flush;
mod info;
mod latency;
mod lolwut;
mod memory;
mod monitor;
mod ochre;
mod psync;
mod replconf;
mod replicaof;
mod role;
mod save;
mod shutdown;
mod swapdb;
mod time;

use engine::command::Command;

/// Every command of the group.
pub const COMMANDS: &[&[Command]] = &[
    command::COMMANDS,
    command_log::COMMANDS,
    config::COMMANDS,
    dbsize::COMMANDS,
    debug::COMMANDS,
    failover::COMMANDS,
    flush::COMMANDS,
    info::COMMANDS,
    latency::COMMANDS,
    lolwut::COMMANDS,
    memory::COMMANDS,
    monitor::COMMANDS,
    ochre::COMMANDS,
    psync::COMMANDS,
    replconf::COMMANDS,
    replicaof::COMMANDS,
    role::COMMANDS,
    save::COMMANDS,
    shutdown::COMMANDS,
    swapdb::COMMANDS,
    time::COMMANDS,
];
