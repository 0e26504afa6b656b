//! ECHO: the same text back.

use engine::command::args::Args;
use engine::command::docs::Arg;
use engine::command::flags::{FAST, LOADING, STALE};
use engine::command::spec::{Arity, Group, Spec};
use engine::command::{Command, Stop};
use engine::execute::context::Context;

pub(super) const COMMANDS: &[Command] = &[Command {
    run: echo,
    spec: Spec {
        name: "ECHO",
        summary: "Gives the text back.",
        since: "1.0.0",
        group: Group::Connection,
        arity: Arity::Exactly(2),
        flags: LOADING.and(STALE).and(FAST),
        args: &[Arg::string("message")],
        ..Spec::NEW
    },
    subcommands: &[],
}];

fn echo(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    ctx.reply.bulk(args.next()?);
    Ok(())
}
