//! OCHRE REPLACED: data sets that others took the place of, kept on disk.

use super::OCHRE;
use crate::prelude::*;
use engine::facts::requests::ProcessRequest;

pub(super) const COMMAND: Command = Command {
    run,
    subcommands: &[],
    spec: Spec {
        name: "REPLACED",
        summary: "Lists data sets that others took the place of, or brings one back.",
        complexity: "O(N) where N is the number of files listed or of keys restored.",
        arity: Arity::AtLeast(3),
        flags: ADMIN.and(NOSCRIPT).and(STALE).and(NO_ASYNC_LOADING),
        args: &[Arg::one_of("action", &[Arg::token("list", "LIST"), Arg::string("name").after("RESTORE")])],
        ..OCHRE
    },
};

fn run(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    if args.keyword("LIST") && args.is_empty() {
        return Err(ctx.ask(ProcessRequest::ListReplaced));
    }
    if !args.keyword("RESTORE") {
        return Err(Stop::SYNTAX);
    }
    let name = String::from_utf8_lossy(args.next()?).into_owned();
    if !args.is_empty() {
        return Err(Stop::SYNTAX);
    }
    if ctx.engine.replication.is_replica() {
        return Err(Stop::error("ERR this node follows a primary: REPLICAOF NO ONE first"));
    }
    Err(ctx.ask(ProcessRequest::RestoreReplaced(name)))
}

#[cfg(test)]
mod tests {
    use crate::testing::{Bench, check_on};
    use engine::facts::requests::ProcessRequest;

    #[test]
    fn the_process_lists_and_restores() {
        let mut bench = Bench::new();
        check_on(
            &mut bench,
            "OCHRE REPLACED LIST -> waits | OCHRE REPLACED RESTORE a.rdb -> waits
             OCHRE REPLACED LIST x -> ERR syntax error | OCHRE REPLACED RESTORE a b -> ERR syntax error
             OCHRE REPLACED x -> ERR syntax error | REPLICAOF h 1 -> OK
             OCHRE REPLACED RESTORE a.rdb -> ERR this node follows a primary: REPLICAOF NO ONE first",
        );
        let asked: Vec<_> = bench.node.engine.requests.iter().map(|asked| asked.request.clone()).collect();
        assert_eq!(
            asked[..2],
            [ProcessRequest::ListReplaced, ProcessRequest::RestoreReplaced("a.rdb".to_string())]
        );
    }
}
