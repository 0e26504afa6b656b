//! The commands on strings.

use engine::command::Command;

mod append;
mod counter;
mod delifeq;
mod get;
mod getdel;
mod getex;
mod getrange;
mod getset;
mod incrbyfloat;
mod lcs;
mod mget;
mod mset;
mod msetex;
mod set;
mod setex;
mod setnx;
mod setrange;
mod strlen;

/// The commands of the group, by file.
pub(crate) const COMMANDS: &[&[Command]] = &[
    append::COMMANDS,
    counter::COMMANDS,
    delifeq::COMMANDS,
    get::COMMANDS,
    getdel::COMMANDS,
    getex::COMMANDS,
    getrange::COMMANDS,
    getset::COMMANDS,
    incrbyfloat::COMMANDS,
    lcs::COMMANDS,
    mget::COMMANDS,
    mset::COMMANDS,
    msetex::COMMANDS,
    set::COMMANDS,
    setex::COMMANDS,
    setnx::COMMANDS,
    setrange::COMMANDS,
    strlen::COMMANDS,
];
