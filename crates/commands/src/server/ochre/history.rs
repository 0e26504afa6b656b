//! OCHRE HISTORY: which history the data are of, and where they come from.

use super::OCHRE;
use crate::prelude::*;
use log::ReplicationId;

pub(super) const COMMAND: Command = Command {
    run,
    subcommands: &[],
    spec: Spec { name: "HISTORY", summary: "Returns which history the data are of.", ..OCHRE },
};

fn run(ctx: &mut Context<'_>, _: Args<'_>) -> Result<(), Stop> {
    let standing = ctx.standing();
    let node = ctx.engine.replication.node_id;
    let reply = &mut ctx.reply;
    reply.map(6);
    reply.bulk(b"node");
    reply.bulk_or_null(node.as_ref().map(|id| id.as_bytes().as_slice()));
    reply.bulk(b"id");
    reply.bulk(standing.id.as_bytes());
    reply.bulk(b"offset");
    reply.integer(standing.offset.0 as i64);
    reply.bulk(b"keys");
    reply.integer(standing.keys as i64);
    reply.bulk(b"past");
    reply.array(standing.past.len());
    for (id, up_to) in &standing.past {
        reply.array(2);
        reply.bulk(id.as_bytes());
        reply.integer(up_to.0 as i64);
    }
    reply.bulk(b"left");
    reply.array(standing.left.len());
    standing.left.iter().for_each(|id: &ReplicationId| reply.bulk(id.as_bytes()));
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::Bench;
    use log::Offset;

    #[test]
    fn names_where_the_data_come_from() {
        let mut bench = Bench::new();
        bench.run("SET k v");
        let first = bench.node.engine.propagation.history.id;
        bench.node.engine.propagation.branch();
        let end = bench.node.engine.propagation.end();
        let second = bench.node.engine.propagation.history.id;
        bench.node.engine.replication.lineage.went_on_from(first, Offset(9));
        assert_eq!(
            bench.run("OCHRE HISTORY"),
            format!(
                "[\"node\", nil, \"id\", \"{second}\", \"offset\", {end}, \"keys\", 1, \"past\", [[\"{first}\", {end}]], \
                 \"left\", []]"
            )
        );
    }
}
