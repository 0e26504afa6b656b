//! The commands of streams.

use engine::command::Command;

pub(crate) mod delivery;
pub(crate) mod id;
pub(crate) mod reply;
pub(crate) mod trimming;
mod xack;
mod xadd;
mod xautoclaim;
mod xclaim;
mod xdel;
mod xgroup;
mod xinfo;
mod xlen;
mod xpending;
mod xrange;
mod xread;
mod xreadgroup;
mod xsetid;
mod xtrim;

/// The commands of the group, by file.
pub(crate) const COMMANDS: &[&[Command]] = &[
    xack::COMMANDS,
    xadd::COMMANDS,
    xautoclaim::COMMANDS,
    xclaim::COMMANDS,
    xdel::COMMANDS,
    xgroup::COMMANDS,
    xinfo::COMMANDS,
    xlen::COMMANDS,
    xpending::COMMANDS,
    xrange::COMMANDS,
    xread::COMMANDS,
    xreadgroup::COMMANDS,
    xsetid::COMMANDS,
    xtrim::COMMANDS,
];
