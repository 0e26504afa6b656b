//! SLOWLOG and COMMANDLOG: the requests that took long, that were large, and whose replies were.

mod commandlog;
mod slowlog;

use crate::prelude::*;
use engine::observability::command_log::LogKind;

/// The containers.
pub(super) const COMMANDS: &[Command] = &[commandlog::COMMAND, slowlog::COMMAND];

/// How many entries are wanted: -1 for all.
fn count(args: &mut Args<'_>) -> Result<usize, Stop> {
    let error = "ERR count should be greater than or equal to -1";
    match args.integer_or(error)? {
        -1 => Ok(usize::MAX),
        count => usize::try_from(count).map_err(|_| Stop::error(error)),
    }
}

/// The latest entries of a log, so many at most: number, time, measure, words, address, the client's name.
fn reply_entries(ctx: &mut Context<'_>, kind: LogKind, count: usize) {
    let log = ctx.engine.command_logs.of(kind);
    ctx.reply.array(count.min(log.len()));
    for entry in log.entries().take(count) {
        ctx.reply.array(6);
        ctx.reply.integer(entry.id.cast_signed());
        ctx.reply.integer(entry.time_s);
        ctx.reply.integer(entry.measure.cast_signed());
        ctx.reply.array(entry.words.len());
        entry.words.iter().for_each(|word| ctx.reply.bulk(word));
        ctx.reply.bulk(entry.address.as_bytes());
        ctx.reply.bulk(&entry.client_name);
    }
}
