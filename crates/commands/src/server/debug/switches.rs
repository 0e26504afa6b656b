//! DEBUG's switches, and its small services to tests.

use crate::prelude::*;
use log::History;
use std::time::Duration;
use stdx::{bytes, logging};

/// A switch is on unless it is 0, whatever else is there.
fn is_on(mut args: Args<'_>) -> Result<bool, Stop> {
    let word = args.next()?;
    Ok(stdx::number::parse_i64(word).unwrap_or(0) != 0)
}

/// DEBUG SET-ACTIVE-EXPIRE.
pub(super) fn active_expire(ctx: &mut Context<'_>, args: Args<'_>) -> Result<(), Stop> {
    ctx.engine.debug.active_expire = is_on(args)?;
    ctx.reply.ok();
    Ok(())
}

/// DEBUG PAUSE-CRON.
pub(super) fn pause_cron(ctx: &mut Context<'_>, args: Args<'_>) -> Result<(), Stop> {
    ctx.engine.debug.cron_paused = is_on(args)?;
    ctx.reply.ok();
    Ok(())
}

/// DEBUG SET-SKIP-CHECKSUM-VALIDATION.
pub(super) fn skip_checksums(ctx: &mut Context<'_>, args: Args<'_>) -> Result<(), Stop> {
    ctx.engine.debug.skip_checksums = is_on(args)?;
    ctx.reply.ok();
    Ok(())
}

/// DEBUG DICT-RESIZING.
pub(super) fn resizing(ctx: &mut Context<'_>, args: Args<'_>) -> Result<(), Stop> {
    ctx.engine.debug.resizing = is_on(args)?;
    ctx.reply.ok();
    Ok(())
}

/// DEBUG REPLYBUFFER. Reply buffers shrink when they are empty and not by a timer: there is nothing to be set.
pub(super) fn reply_buffer(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    if args.keyword("PEAK-RESET-TIME") {
        if !args.keyword("NEVER") && !args.keyword("RESET") {
            args.integer()?;
        }
    } else if !args.keyword("RESIZING") {
        return Err(super::wrong_subcommand(b"replybuffer"));
    }
    ctx.reply.ok();
    Ok(())
}

/// DEBUG QUICKLIST-PACKED-THRESHOLD. There are no lists yet whose nodes could be packed.
pub(super) fn packed_threshold(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let size = bytes::parse_memory(args.next()?).filter(|&size| size < 4 << 30);
    size.ok_or(Stop::error("ERR argument must be a memory value bigger than 1 and smaller than 4gb"))?;
    ctx.reply.ok();
    Ok(())
}

/// DEBUG CHANGE-REPL-ID: replicas can no longer go on where they were.
pub(super) fn change_replication_id(ctx: &mut Context<'_>, _: Args<'_>) -> Result<(), Stop> {
    logging::notice!("Changing replication IDs after receiving change-repl-id");
    ctx.engine.propagation.history = History::new(engine::propagation::new_id());
    ctx.reply.ok();
    Ok(())
}

/// DEBUG LOG.
pub(super) fn log_line(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    logging::warning!("DEBUG LOG: {}", String::from_utf8_lossy(args.next()?));
    ctx.reply.ok();
    Ok(())
}

/// DEBUG SLEEP: everybody waits, as long as the command runs.
pub(super) fn sleep(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let seconds = stdx::number::parse_f64(args.next()?).unwrap_or(0.0);
    std::thread::sleep(Duration::try_from_secs_f64(seconds).unwrap_or_default());
    ctx.reply.ok();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::tests::open_bench;
    use crate::testing::check_on;

    #[test]
    fn switches_are_kept() {
        let mut bench = open_bench();
        check_on(
            &mut bench,
            "DEBUG SET-ACTIVE-EXPIRE 0 -> OK | DEBUG PAUSE-CRON 1 -> OK
             DEBUG SET-SKIP-CHECKSUM-VALIDATION 1 -> OK | DEBUG DICT-RESIZING 0 -> OK",
        );
        let debug = bench.node.engine.debug;
        assert!(!debug.active_expire && debug.cron_paused && debug.skip_checksums && !debug.resizing);
    }

    #[test]
    fn a_new_history_without_a_past() {
        let mut bench = open_bench();
        let before = bench.node.engine.propagation.history.id;
        check_on(&mut bench, "DEBUG CHANGE-REPL-ID -> OK");
        let history = bench.node.engine.propagation.history;
        assert!(history.id != before && history.second_id.is_none());
    }

    #[test]
    fn small_services() {
        check_on(
            &mut open_bench(),
            "DEBUG SLEEP x -> OK | DEBUG SLEEP -1 -> OK | DEBUG LOG hello -> OK
             DEBUG REPLYBUFFER PEAK-RESET-TIME never -> OK | DEBUG REPLYBUFFER RESIZING 1 -> OK
             DEBUG REPLYBUFFER PEAK-RESET-TIME x -> ERR value is not an integer or out of range
             DEBUG QUICKLIST-PACKED-THRESHOLD 1k -> OK
             DEBUG QUICKLIST-PACKED-THRESHOLD x -> ERR argument must be a memory value bigger than 1 and smaller than 4gb",
        );
    }
}
