//! CLIENT CACHING: whether copies are kept of what the next command reads.

use crate::prelude::*;

pub(super) const COMMAND: Command = Command {
    run: caching,
    spec: Spec {
        name: "CACHING",
        summary: "Says whether the client keeps copies of what the next command reads.",
        since: "6.0.0",
        group: Group::Connection,
        arity: Arity::Exactly(3),
        flags: NOSCRIPT.and(LOADING).and(STALE),
        args: &[Arg::one_of("mode", &[Arg::token("yes", "YES"), Arg::token("no", "NO")])],
        ..Spec::NEW
    },
    subcommands: &[],
};

fn caching(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let Some(tracker) = ctx.engine.notify.tracking.find_mut(ctx.client.card.id) else {
        return Err(Stop::error(
            "ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode enabled",
        ));
    };
    let mode = tracker.mode;
    let (is_right, refusal) = if args.keyword("YES") {
        (mode.opt_in, "ERR CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.")
    } else if args.keyword("NO") {
        (mode.opt_out, "ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.")
    } else {
        return Err(Stop::SYNTAX);
    };
    if !is_right {
        return Err(Stop::error(refusal));
    }
    tracker.is_caching_given = true;
    ctx.reply.ok();
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn needs_the_mode_that_it_belongs_to() {
        check(
            "CLIENT CACHING YES -> ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode enabled
             CLIENT TRACKING ON OPTIN | CLIENT CACHING NO -> ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.
             CLIENT CACHING maybe -> ERR syntax error | CLIENT CACHING yes -> OK | CLIENT TRACKING OFF | CLIENT TRACKING ON OPTOUT
             CLIENT CACHING YES -> ERR CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode. | CLIENT CACHING no -> OK",
        );
    }
}
