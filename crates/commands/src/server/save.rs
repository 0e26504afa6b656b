//! SAVE, BGSAVE, LASTSAVE and BGREWRITEAOF: the data set goes to disk.

use crate::prelude::*;
use engine::facts::requests::ProcessRequest;
pub(super) const COMMANDS: &[Command] = &[
    Command {
        run: save,
        spec: Spec {
            name: "SAVE",
            summary: "Saves the data set while everybody waits.",
            since: "1.0.0",
            complexity: "O(N) in the number of all keys",
            group: Group::Server,
            arity: Arity::Exactly(1),
            flags: ADMIN.and(NOSCRIPT).and(NO_ASYNC_LOADING).and(NO_MULTI),
            ..Spec::NEW
        },
        subcommands: &[],
    },
    Command {
        run: background_save,
        spec: Spec {
            name: "BGSAVE",
            summary: "Saves the data set in the background.",
            since: "1.0.0",
            group: Group::Server,
            arity: Arity::AtLeast(1),
            flags: ADMIN.and(NOSCRIPT).and(NO_ASYNC_LOADING),
            args: &[Arg::token("schedule", "SCHEDULE").since("3.2.2").optional()],
            history: &[("3.2.2", "The word `SCHEDULE`.")],
            ..Spec::NEW
        },
        subcommands: &[],
    },
    Command {
        run: last_save,
        spec: Spec {
            name: "LASTSAVE",
            summary: "Tells when the data set was last saved.",
            since: "1.0.0",
            group: Group::Server,
            arity: Arity::Exactly(1),
            flags: LOADING.and(STALE).and(FAST),
            categories: Categories::ADMIN.and(Categories::DANGEROUS),
            tips: &["nondeterministic_output"],
            ..Spec::NEW
        },
        subcommands: &[],
    },
    Command {
        run: rewrite,
        spec: Spec {
            name: "BGREWRITEAOF",
            summary: "Rewrites the append-only files in the background.",
            since: "1.0.0",
            group: Group::Server,
            arity: Arity::Exactly(1),
            flags: ADMIN.and(NOSCRIPT).and(NO_ASYNC_LOADING),
            ..Spec::NEW
        },
        subcommands: &[],
    },
];

/// A save is running.
const IN_PROGRESS: Stop = Stop::error("ERR Background save already in progress");

fn save(ctx: &mut Context<'_>, _: Args<'_>) -> Result<(), Stop> {
    if ctx.engine.health.save.job.is_some() {
        return Err(IN_PROGRESS);
    }
    Err(ctx.ask(ProcessRequest::Save))
}

fn background_save(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let may_wait = args.keyword("SCHEDULE");
    args.end()?;
    let health = &mut ctx.engine.health;
    if health.save.job.is_some() {
        return Err(IN_PROGRESS);
    }
    if health.append_only.rewrite.is_none() {
        return Err(ctx.ask(ProcessRequest::BackgroundSave));
    }
    if !may_wait {
        return Err(Stop::error(
            "ERR Another child process is active (AOF?): can't BGSAVE right now. Use BGSAVE SCHEDULE in order to \
             schedule a BGSAVE whenever possible.",
        ));
    }
    health.save.is_scheduled = true;
    ctx.reply.simple("Background saving scheduled");
    Ok(())
}

fn last_save(ctx: &mut Context<'_>, _: Args<'_>) -> Result<(), Stop> {
    ctx.reply.integer(ctx.engine.health.save.last_save_s);
    Ok(())
}

fn rewrite(ctx: &mut Context<'_>, _: Args<'_>) -> Result<(), Stop> {
    let health = &mut ctx.engine.health;
    if health.append_only.rewrite.is_some() {
        return Err(Stop::error("ERR Background append only file rewriting already in progress"));
    }
    if health.save.job.is_some() {
        health.append_only.is_rewrite_scheduled = true;
        ctx.reply.simple("Background append only file rewriting scheduled");
        return Ok(());
    }
    Err(ctx.ask(ProcessRequest::RewriteAppendOnly))
}

#[cfg(test)]
mod tests {
    use crate::testing::{Bench, check, check_on};
    use engine::facts::health::Job;

    #[test]
    fn the_process_saves() {
        check("SAVE -> waits | BGSAVE -> waits | BGREWRITEAOF -> waits | BGSAVE now -> ERR syntax error");
    }

    #[test]
    fn one_job_at_a_time() {
        let mut bench = Bench::new();
        bench.node.engine.health.save.job = Some(Job { started_s: 0, keys_done: 0, keys_total: 0 });
        check_on(
            &mut bench,
            "SAVE -> ERR Background save already in progress
             BGSAVE SCHEDULE -> ERR Background save already in progress
             BGREWRITEAOF -> Background append only file rewriting scheduled",
        );
        assert!(bench.node.engine.health.append_only.is_rewrite_scheduled);
    }

    #[test]
    fn a_save_can_wait_for_a_rewrite() {
        let mut bench = Bench::new();
        bench.node.engine.health.append_only.rewrite =
            Some(Job { started_s: 0, keys_done: 0, keys_total: 0 });
        assert!(bench.run("BGSAVE").starts_with("ERR Another child process is active (AOF?)"));
        assert_eq!(bench.run("BGSAVE SCHEDULE"), "Background saving scheduled");
    }
}
