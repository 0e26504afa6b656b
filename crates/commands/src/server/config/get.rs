//! CONFIG GET: options by name or pattern.

use crate::prelude::*;
pub(super) const COMMAND: Command = Command {
    run: get,
    spec: Spec {
        name: "GET",
        summary: "Shows the options that match the patterns.",
        since: "2.0.0",
        complexity: "O(N) in the number of parameters named",
        group: Group::Server,
        arity: Arity::AtLeast(3),
        flags: ADMIN.and(NOSCRIPT).and(LOADING).and(STALE),
        args: &[Arg::block("parameter", &[Arg::string("parameter")]).multiple()],
        history: &[("7.0.0", "Takes several patterns.")],
        ..Spec::NEW
    },
    subcommands: &[],
};

fn get(ctx: &mut Context<'_>, args: Args<'_>) -> Result<(), Stop> {
    let patterns: Vec<&[u8]> = args.rest().collect();
    let found = ctx.engine.config.get(&patterns);
    ctx.reply.map(found.len());
    for (name, value) in &found {
        ctx.reply.bulk(name.as_bytes());
        ctx.reply.bulk(value);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, check_resp3};

    #[test]
    fn shows_options_under_the_name_asked_for() {
        check("CONFIG GET maxmemory -> [\"maxmemory\", \"0\"] | CONFIG GET nosuch -> []");
        check_resp3("CONFIG GET slave-read-only nosuch -> {\"slave-read-only\": \"yes\"}");
    }
}
