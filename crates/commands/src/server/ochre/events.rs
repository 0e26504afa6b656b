//! OCHRE EVENTS: what happened to the links of replication, in sentences or as JSON.

use super::OCHRE;
use crate::prelude::*;

pub(super) const COMMAND: Command = Command {
    run,
    subcommands: &[],
    spec: Spec {
        name: "EVENTS",
        summary: "Returns what happened to the links of replication.",
        complexity: "O(N) where N is the number of events.",
        arity: Arity::AtLeast(2),
        args: &[Arg::integer("count").after("COUNT").optional(), Arg::token("json", "JSON").optional()],
        ..OCHRE
    },
};

fn run(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let (mut count, mut as_json) = (usize::MAX, false);
    while !args.is_empty() {
        if args.keyword("JSON") {
            as_json = true;
        } else if args.keyword("COUNT") {
            count = usize::try_from(args.integer()?).map_err(|_| Stop::SYNTAX)?;
        } else {
            return Err(Stop::SYNTAX);
        }
    }
    let events = &ctx.engine.replication.events;
    let shown: Vec<_> = events.iter().skip(events.iter().count().saturating_sub(count)).collect();
    if as_json {
        let objects: Vec<String> = shown.iter().map(|event| event.json()).collect();
        ctx.reply.bulk(format!("[{}]", objects.join(",")).as_bytes());
        return Ok(());
    }
    ctx.reply.array(shown.len());
    for event in shown {
        ctx.reply.bulk(event.to_string().as_bytes());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{Bench, check};
    use engine::facts::replication_events::{Cause, Side, What};

    #[test]
    fn sentences_and_json() {
        let mut bench = Bench::new();
        let primary = (Side::Primary, "10.0.0.1:6379");
        bench.node.engine.note_link(primary, What::LinkFailed, Cause::NobodyListens, "Connection refused");
        bench.node.engine.note_link(primary, What::LinkLost, Cause::Silence, "say \"why\"");
        let all = bench.run("OCHRE EVENTS");
        assert!(all.starts_with("[\"no link to primary 10.0.0.1:6379: nobody listens"), "{all}");
        let last = bench.run("OCHRE EVENTS COUNT 1");
        assert!(last.starts_with("[\"lost the link to primary 10.0.0.1:6379"), "{last}");
        let json = bench.run("OCHRE EVENTS JSON COUNT 1");
        assert!(json.contains(r#"\"cause\":\"silence\""#) && json.contains("why"), "{json}");
        assert_eq!(bench.run("OCHRE EVENTS COUNT 0 JSON"), "\"[]\"");
    }

    #[test]
    fn refusals() {
        check(
            "OCHRE EVENTS NONE -> ERR syntax error | OCHRE EVENTS COUNT -1 -> ERR syntax error
             OCHRE EVENTS COUNT x -> ERR value is not an integer or out of range | OCHRE EVENTS -> []",
        );
    }
}
