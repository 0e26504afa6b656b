//! READONLY, READWRITE and ASKING: where a client wants its reads served. Outside of a cluster they mean something only
//! to those who said that they follow redirects (CLIENT CAPA).

use crate::prelude::*;

pub(super) const COMMANDS: &[Command] = &[
    Command {
        run: asking,
        subcommands: &[],
        spec: Spec { name: "ASKING", summary: "Tells that a redirect is followed.", flags: FAST, ..CLUSTER },
    },
    Command {
        run: readonly,
        subcommands: &[],
        spec: Spec { name: "READONLY", summary: "Reads may be served by a replica.", ..CLUSTER },
    },
    Command {
        run: readwrite,
        subcommands: &[],
        spec: Spec { name: "READWRITE", summary: "Reads must be served by the primary.", ..CLUSTER },
    },
];

const CLUSTER: Spec = Spec {
    since: "3.0.0",
    complexity: "O(1)",
    group: Group::Cluster,
    arity: Arity::Exactly(1),
    flags: LOADING.and(STALE).and(FAST),
    ..Spec::NEW
};

const NO_CLUSTER: Stop = Stop::error("ERR This instance has cluster support disabled");

fn asking(_: &mut Context<'_>, _: Args<'_>) -> Result<(), Stop> {
    Err(NO_CLUSTER)
}

fn readonly(ctx: &mut Context<'_>, _: Args<'_>) -> Result<(), Stop> {
    set_reads_anywhere(ctx, true)
}

fn readwrite(ctx: &mut Context<'_>, _: Args<'_>) -> Result<(), Stop> {
    set_reads_anywhere(ctx, false)
}

fn set_reads_anywhere(ctx: &mut Context<'_>, anywhere: bool) -> Result<(), Stop> {
    if !ctx.client.follows_redirects {
        return Err(NO_CLUSTER);
    }
    ctx.client.reads_anywhere = anywhere;
    ctx.reply.ok();
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn there_is_no_cluster() {
        let error = "ERR This instance has cluster support disabled";
        check(&format!("READONLY -> {error} | READWRITE -> {error} | ASKING -> {error}"));
        check("CLIENT CAPA redirect | READONLY -> OK | READWRITE -> OK");
    }
}
