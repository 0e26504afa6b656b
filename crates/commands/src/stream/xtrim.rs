//! XTRIM: take the oldest entries out of a stream.

use super::trimming::{self, Trimming};
use crate::prelude::*;
use datatypes::stream::{Stream, Trimmed};

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: xtrim,
    subcommands: &[],
    spec: Spec {
        name: "XTRIM",
        summary: "Takes the oldest entries out of a stream.",
        since: "5.0.0",
        complexity: "O(N) with N the number of entries that go.",
        group: Group::Stream,
        arity: Arity::AtLeast(4),
        flags: WRITE,
        keys: &[KeySpec::at(1).rw().delete()],
        args: &[
            Arg::key("key"),
            Arg::block(
                "trim",
                &[trimming::STRATEGY, trimming::OPERATOR, Arg::string("threshold"), trimming::LIMIT],
            ),
        ],
        history: &[("6.2.0", "The strategy `MINID` and the option `LIMIT`.")],
        tips: &["nondeterministic_output"],
        ..Spec::NEW
    },
}];

fn xtrim(ctx: &mut Context<'_>, args: Args<'_>) -> Result<(), Stop> {
    let request = args.request();
    let options = Trimming::parse_for_xtrim(ctx, request)?;
    let trim = options.trim(ctx.keys.limits().stream, ctx.client.is_history()).ok_or(Stop::SYNTAX)?;
    let Some(mut edit) = ctx.keys.stream_mut(request.word(1))? else {
        ctx.reply.integer(0);
        return Ok(());
    };
    let stream: &mut Stream = &mut edit;
    let Trimmed { entries: trimmed, parts } = stream.log_mut().trim(trim);
    let replacements = options.replacements(stream.log());
    if trimmed > 0 {
        edit.modified(Event::XTRIM);
        edit.add_dirty(trimmed - 1);
    }
    parts.into_iter().for_each(|parts| edit.free_later(parts));
    drop(edit);
    ctx.reply.integer(super::reply::number(trimmed));
    if trimmed > 0 {
        trimming::pass_on_replacing(ctx, &replacements);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, notifies, propagates};

    #[test]
    fn the_oldest_go() {
        check(
            r#"XADD s 1 a b | XADD s 2 a b | XADD s 3 a b | XTRIM s MAXLEN 2 -> 1 | XTRIM s MAXLEN ~ 1 -> 0 | XTRIM s MINID 3 -> 1
            XRANGE s - + -> [["3-0", ["a", "b"]]] | XTRIM s MAXLEN = 0 -> 1 | EXISTS s -> 1 | XTRIM none MAXLEN 1 -> 0
            XTRIM s MAXLEN 1 2 -> ERR syntax error
            XTRIM s LIMIT 0 -> ERR syntax error, XTRIM must be called with a trimming strategy"#,
        );
        notifies("XADD s 1 a b | XTRIM s MAXLEN 1 -> nothing | XTRIM s MAXLEN 0 -> xtrim s");
        propagates(
            "XADD s 1 a b | XTRIM s MAXLEN ~ 0 -> XTRIM s MAXLEN = 0 | XADD s 2 a b
            XTRIM s MINID 3 -> XTRIM s MINID 3",
        );
    }
}
