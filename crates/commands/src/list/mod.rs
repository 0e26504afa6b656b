//! The commands of lists.

use engine::command::Command;

mod blmove;
mod blmpop;
mod blpop;
mod lindex;
mod linsert;
mod llen;
mod lmove;
mod lmpop;
mod lpop;
mod lpos;
mod lpush;
mod lrange;
mod lrem;
mod lset;
mod ltrim;

/// The commands of the group, by file.
pub(crate) const COMMANDS: &[&[Command]] = &[
    blmove::COMMANDS,
    blmpop::COMMANDS,
    blpop::COMMANDS,
    lindex::COMMANDS,
    linsert::COMMANDS,
    llen::COMMANDS,
    lmove::COMMANDS,
    lmpop::COMMANDS,
    lpop::COMMANDS,
    lpos::COMMANDS,
    lpush::COMMANDS,
    lrange::COMMANDS,
    lrem::COMMANDS,
    lset::COMMANDS,
    ltrim::COMMANDS,
];
