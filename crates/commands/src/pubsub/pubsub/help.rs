//! PUBSUB HELP.

use crate::grammar::help;
use crate::prelude::*;

pub(super) const COMMAND: Command = Command {
    run,
    spec: Spec {
        name: "HELP",
        summary: "Tells what the subcommands do.",
        since: "6.2.0",
        group: Group::PubSub,
        arity: Arity::Exactly(2),
        flags: LOADING.and(STALE),
        ..Spec::NEW
    },
    subcommands: &[],
};

fn run(ctx: &mut Context<'_>, _: Args<'_>) -> Result<(), Stop> {
    help::reply(
        &mut ctx.reply,
        "PUBSUB",
        &[
            ("CHANNELS [<pattern>]", &["The channels that have subscribers, or those that match."]),
            ("NUMPAT", &["How many patterns are subscribed to."]),
            ("NUMSUB [<channel> ...]", &["The subscribers of each channel, patterns not counted."]),
            (
                "SHARDCHANNELS [<pattern>]",
                &["The shard channels that have subscribers, or those that match."],
            ),
            ("SHARDNUMSUB [<shardchannel> ...]", &["The subscribers of each shard channel."]),
        ],
    );
    Ok(())
}
