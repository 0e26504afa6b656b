//! SLOWLOG and COMMANDLOG: the requests that took long, that were large, and whose replies were.

mod commandlog;
mod slowlog;

pub(super) use commandlog::COMMANDS as COMMANDLOG;
pub(super) use slowlog::COMMANDS as SLOWLOG;

use crate::prelude::*;
use engine::observability::command_log::LogKind;

/// How many entries are wanted: -1 for all.
fn count(args: &mut Args<'_>) -> Result<usize, Stop> {
    let error = "ERR count should be greater than or equal to -1";
    let count = args.integer_in(-1, i64::MAX, error)?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
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
