//! ECHO: the same text back.

use crate::prelude::*;

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

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn any_bytes() {
        check(
            r#"ECHO "a\r\n\x00" -> "a\r\n\x00" | ECHO -> ERR wrong number of arguments for 'echo' command"#,
        );
    }
}
