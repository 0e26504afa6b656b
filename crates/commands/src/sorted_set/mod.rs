//! The commands on sorted sets.

use engine::command::Command;

mod bzmpop;
mod bzpop;
mod combine;
pub(crate) mod reply;
mod zadd;
mod zcard;
mod zpop;
mod zrandmember;
mod zrange;
mod zrank;
mod zrem;
mod zremrange;
mod zscan;
mod zscore;

pub(crate) use zadd::add;

/// The commands of the group, by file.
pub(crate) const COMMANDS: &[&[Command]] = &[
    bzmpop::COMMANDS,
    bzpop::COMMANDS,
    combine::COMMANDS,
    zadd::COMMANDS,
    zcard::COMMANDS,
    zpop::COMMANDS,
    zrandmember::COMMANDS,
    zrange::COMMANDS,
    zrank::COMMANDS,
    zrem::COMMANDS,
    zremrange::COMMANDS,
    zscan::COMMANDS,
    zscore::COMMANDS,
];
