//! ROLE: whom the server follows, or who follows it.

use crate::prelude::*;
use engine::facts::replication::ReplicaState;
pub(super) const COMMANDS: &[Command] = &[Command {
    run: role,
    spec: Spec {
        name: "ROLE",
        summary: "Tells the role in replication.",
        since: "2.8.12",
        group: Group::Server,
        arity: Arity::Exactly(1),
        flags: NOSCRIPT.and(LOADING).and(STALE).and(FAST),
        categories: Categories::ADMIN.and(Categories::DANGEROUS),
        ..Spec::NEW
    },
    subcommands: &[],
}];

fn role(ctx: &mut Context<'_>, _: Args<'_>) -> Result<(), Stop> {
    let end = ctx.engine.propagation.end().0 as i64;
    let reply = &mut ctx.reply;
    if let Some(link) = &ctx.engine.replication.primary {
        reply.array(5);
        reply.bulk(b"slave");
        reply.bulk(link.host.as_bytes());
        reply.integer(i64::from(link.port));
        reply.bulk(link.state.role_word().as_bytes());
        reply.integer(end);
        return Ok(());
    }
    let online =
        ctx.engine.replication.replicas.iter().filter(|replica| replica.state == ReplicaState::Online);
    reply.array(3);
    reply.bulk(b"master");
    reply.integer(end);
    reply.array(online.clone().count());
    for replica in online {
        reply.array(3);
        reply.bulk(replica.address.as_bytes());
        reply.bulk_integer(i64::from(replica.port));
        reply.bulk_integer(replica.acknowledged.0 as i64);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{Bench, check, check_on};
    use engine::facts::replication::LinkState;

    #[test]
    fn a_primary_and_then_a_replica() {
        check("ROLE -> [\"master\", 0, []]");
        let mut bench = Bench::new();
        bench.node.engine.follow("10.0.0.1", 6379);
        check_on(&mut bench, "ROLE -> [\"slave\", \"10.0.0.1\", 6379, \"connect\", 0]");
        bench.node.engine.replication.primary.as_mut().expect("follows").state = LinkState::Connected;
        check_on(&mut bench, "ROLE -> [\"slave\", \"10.0.0.1\", 6379, \"connected\", 0]");
    }
}
