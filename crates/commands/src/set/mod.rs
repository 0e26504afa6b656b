//! The commands on sets.

use engine::command::{Command, Stop};
use engine::execute::context::Context;

use crate::grammar::element;
use datatypes::set::Set;

mod sadd;
mod scard;
mod sdiff;
mod sinter;
mod sintercard;
mod sismember;
mod smembers;
mod smove;
mod spop;
mod srandmember;
mod srem;
mod sscan;
mod store;
mod sunion;

/// The commands of the group, by file.
pub(crate) const COMMANDS: &[&[Command]] = &[
    sadd::COMMANDS,
    scard::COMMANDS,
    sdiff::COMMANDS,
    sinter::COMMANDS,
    sintercard::COMMANDS,
    sismember::COMMANDS,
    smembers::COMMANDS,
    smove::COMMANDS,
    spop::COMMANDS,
    srandmember::COMMANDS,
    srem::COMMANDS,
    sscan::COMMANDS,
    store::COMMANDS,
    sunion::COMMANDS,
];

/// The sets of several keys as they are now: small ones are copied, large ones shared.
fn sets<'a>(ctx: &mut Context<'_>, keys: impl Iterator<Item = &'a [u8]>) -> Result<Vec<Option<Set>>, Stop> {
    keys.map(|key| Ok(ctx.keys.set(key)?.cloned())).collect()
}

/// Replies with all members of a set.
fn reply_members(ctx: &mut Context<'_>, set: &Set) {
    ctx.reply.set(set.len());
    for member in set.iter() {
        element::bulk(&mut ctx.reply, member);
    }
}
