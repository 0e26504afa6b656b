//! DEBUG's switches, and its small services to tests.

use crate::prelude::*;
use engine::client::kept_room::ReviewRules;
use log::History;
use std::time::Duration;
use stdx::logging;

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

/// DEBUG DICT-RESIZING: whether tables shrink. Growing cannot be put off: a full segment has no room for the next key.
pub(super) fn resizing(ctx: &mut Context<'_>, args: Args<'_>) -> Result<(), Stop> {
    let shrinks = is_on(args)?;
    ctx.keys.keyspace().set_shrinking(shrinks);
    ctx.reply.ok();
    Ok(())
}

/// DEBUG REPLYBUFFER: whether and when the room that clients keep for their replies is fitted to their use.
pub(super) fn reply_buffer(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let rules = &mut ctx.engine.debug.reply_buffers;
    if args.keyword("RESIZING") {
        rules.resizes = is_on(args)?;
    } else if args.keyword("PEAK-RESET-TIME") {
        rules.forget_peak_after_ms = if args.keyword("NEVER") {
            None
        } else if args.keyword("RESET") {
            ReviewRules::DEFAULT.forget_peak_after_ms
        } else {
            // A time below zero never comes.
            u64::try_from(args.integer()?).ok()
        };
    } else {
        return Err(super::wrong_subcommand(ctx.request.word(1)));
    }
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

/// DEBUG AOF-FLUSH-SLEEP: writes of the append-only file that is open take so many microseconds longer.
pub(super) fn delay_writes(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let delay_us = stdx::number::parse_u64(args.next()?).unwrap_or(0);
    if let Some(disk) = ctx.engine.propagation.disk() {
        disk.delay_writes(Duration::from_micros(delay_us));
    }
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
    use crate::testing::{Bench, check_on};
    use engine::client::kept_room::ReviewRules;

    #[test]
    fn switches_are_kept() {
        let mut bench = open_bench();
        check_on(
            &mut bench,
            "DEBUG SET-ACTIVE-EXPIRE 0 -> OK | DEBUG PAUSE-CRON 1 -> OK
             DEBUG SET-SKIP-CHECKSUM-VALIDATION 1 -> OK",
        );
        let debug = bench.node.engine.debug;
        assert!(!debug.active_expire && debug.cron_paused && debug.skip_checksums);
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
            "DEBUG SLEEP x -> OK | DEBUG SLEEP -1 -> OK | DEBUG LOG hello -> OK | DEBUG AOF-FLUSH-SLEEP x -> OK
             DEBUG REPLYBUFFER PEAK-RESET-TIME x -> ERR value is not an integer or out of range
             DEBUG REPLYBUFFER foo 1 -> ERR unknown subcommand or wrong number of arguments for 'REPLYBUFFER'. Try DEBUG HELP.",
        );
    }

    #[test]
    fn rules_of_reply_buffers() {
        let mut bench = open_bench();
        for (request, resizes, forget_peak_after_ms) in [
            ("RESIZING 0", false, Some(5000)),
            ("PEAK-RESET-TIME never", false, None),
            ("PEAK-RESET-TIME 100", false, Some(100)),
            ("PEAK-RESET-TIME -5", false, None),
            ("RESIZING 1", true, None),
            ("PEAK-RESET-TIME RESET", true, Some(5000)),
        ] {
            assert_eq!(bench.run(&format!("DEBUG REPLYBUFFER {request}")), "OK");
            let rules = ReviewRules { resizes, forget_peak_after_ms };
            assert_eq!(bench.node.engine.debug.reply_buffers, rules, "{request}");
        }
    }

    #[test]
    fn tables_keep_their_size_when_told_so() {
        let mut bench = open_bench();
        let segments = |bench: &Bench| bench.node.keyspace.table_statistics(0).segments;
        bench.run("DEBUG DICT-RESIZING 0");
        bench.run("DEBUG POPULATE 10000");
        let full = segments(&bench);
        for number in 0..10_000 {
            bench.run(&format!("DEL key:{number}"));
        }
        assert!(full > 8 && segments(&bench) == full);
        bench.run("DEBUG DICT-RESIZING 1");
        bench.run("SET k v");
        bench.run("DEL k");
        assert_eq!(segments(&bench), 0);
    }
}
