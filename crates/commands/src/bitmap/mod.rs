//! The commands on strings as rows of bits.

use engine::command::Command;

mod bitcount;
mod bitfield;
mod bitop;
mod bitpos;
mod getbit;
mod setbit;

/// The commands of the group, by file.
pub(crate) const COMMANDS: &[&[Command]] = &[
    bitcount::COMMANDS,
    bitfield::COMMANDS,
    bitop::COMMANDS,
    bitpos::COMMANDS,
    getbit::COMMANDS,
    setbit::COMMANDS,
];
