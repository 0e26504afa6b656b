//! SHUTDOWN: stop the server, or think better of it.

use crate::prelude::*;
use engine::facts::requests::{ProcessRequest, ShutdownOptions};
pub(super) const COMMANDS: &[Command] = &[Command {
    run: shutdown,
    spec: Spec {
        name: "SHUTDOWN",
        summary: "Saves the data set and stops the server.",
        since: "1.0.0",
        complexity: "O(N) in the number of all keys when it saves, O(1) otherwise",
        group: Group::Server,
        arity: Arity::AtLeast(1),
        flags: ADMIN.and(NOSCRIPT).and(LOADING).and(STALE).and(NO_MULTI).and(ALLOW_BUSY),
        args: &[
            Arg::one_of("nosave_save", &[Arg::token("nosave", "NOSAVE"), Arg::token("save", "SAVE")])
                .optional(),
            Arg::token("now", "NOW").since("7.0.0").optional(),
            Arg::token("force", "FORCE").since("7.0.0").optional(),
            Arg::token("abort", "ABORT").since("7.0.0").optional(),
        ],
        history: &[("7.0.0", "The words `NOW`, `FORCE` and `ABORT`.")],
        ..Spec::NEW
    },
    subcommands: &[],
}];

fn shutdown(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let mut options = ShutdownOptions::default();
    let is_abort = args.len() == 1 && args.keyword("ABORT");
    while !args.is_empty() {
        if args.keyword("SAVE") {
            options.save = true;
        } else if args.keyword("NOSAVE") {
            options.no_save = true;
        } else if args.keyword("NOW") {
            options.now = true;
        } else if args.keyword("FORCE") {
            options.force = true;
        } else {
            return Err(Stop::SYNTAX);
        }
    }
    if options.save && options.no_save {
        return Err(Stop::SYNTAX);
    }
    if is_abort {
        return Err(ctx.ask(ProcessRequest::AbortShutdown));
    }
    // While the data set is being loaded, what there is must not replace the file on disk.
    options.no_save |= ctx.engine.health.loading.is_some();
    Err(ctx.ask(ProcessRequest::Shutdown(options)))
}

#[cfg(test)]
mod tests {
    use crate::testing::{Bench, check};
    use engine::facts::requests::{ProcessRequest, ShutdownOptions};

    #[test]
    fn options_in_any_order() {
        let mut bench = Bench::new();
        assert_eq!(bench.run("SHUTDOWN force NOSAVE NOW"), "waits");
        let options = ShutdownOptions { no_save: true, now: true, force: true, save: false };
        assert_eq!(bench.node.engine.requests[0].request, ProcessRequest::Shutdown(options));
    }

    #[test]
    fn refuses_contradictions() {
        check(
            "SHUTDOWN SAVE NOSAVE -> ERR syntax error | SHUTDOWN ABORT NOW -> ERR syntax error | SHUTDOWN ABORT -> waits",
        );
    }
}
