//! The commands on keys of any type.

use engine::command::Command;

mod copy;
mod del;
mod dump;
mod exists;
mod expire;
mod keys;
mod migrate;
mod move_key;
mod object;
mod persist;
mod randomkey;
mod rename;
mod restore;
mod scan;
mod sort;
mod ttl;
mod type_name;
mod wait;
mod waitaof;

/// The commands of the group, by file.
pub(crate) const COMMANDS: &[&[Command]] = &[
    copy::COMMANDS,
    del::COMMANDS,
    dump::COMMANDS,
    exists::COMMANDS,
    expire::COMMANDS,
    keys::COMMANDS,
    migrate::COMMANDS,
    move_key::COMMANDS,
    object::COMMANDS,
    persist::COMMANDS,
    randomkey::COMMANDS,
    rename::COMMANDS,
    restore::COMMANDS,
    scan::COMMANDS,
    sort::COMMANDS,
    ttl::COMMANDS,
    type_name::COMMANDS,
    wait::COMMANDS,
    waitaof::COMMANDS,
];
