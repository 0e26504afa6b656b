//! The commands on HyperLogLogs.

use engine::command::{Command, Stop};
use engine::execute::context::Context;
use keyspace::{Event, NewExpiry};

use datatypes::hyperloglog::{self, Corrupted};

mod pfadd;
mod pfcount;
mod pfdebug;
mod pfmerge;
mod pfselftest;

/// The commands of the group, by file.
pub(crate) const COMMANDS: &[&[Command]] =
    &[pfadd::COMMANDS, pfcount::COMMANDS, pfdebug::COMMANDS, pfmerge::COMMANDS, pfselftest::COMMANDS];

/// The registers of a HyperLogLog are not as they must be.
fn corrupted(_: Corrupted) -> Stop {
    Stop::error("INVALIDOBJ Corrupted HLL object detected")
}

/// The HyperLogLog of a key; an error if the key holds something else.
fn read<'c>(ctx: &'c mut Context<'_>, key: &[u8]) -> Result<Option<&'c [u8]>, Stop> {
    match ctx.keys.string(key)? {
        Some(bytes) if !hyperloglog::is_valid(bytes) => {
            Err(Stop::error("WRONGTYPE Key is not a valid HyperLogLog string value."))
        }
        bytes => Ok(bytes),
    }
}

/// Puts a changed HyperLogLog in the place of the one that a key held, with its estimate out of date.
fn write(ctx: &mut Context<'_>, key: &[u8], bytes: &mut [u8]) {
    hyperloglog::mark_stale(bytes);
    ctx.keys.set_grown_string(key, bytes, NewExpiry::Keep);
    ctx.keys.modified(key, Event::PFADD);
}

/// Up to how many bytes a HyperLogLog stays sparse.
fn sparse_max_bytes(ctx: &Context<'_>) -> usize {
    usize::try_from(ctx.engine.config.encodings.hll_sparse_max_bytes).unwrap_or(usize::MAX)
}
