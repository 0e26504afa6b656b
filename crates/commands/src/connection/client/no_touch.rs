//! CLIENT NO-TOUCH: what this connection reads does not count as used.

use super::on_or_off;
use crate::prelude::*;
use engine::client::card::flag;
pub(super) const COMMAND: Command = Command {
    run: no_touch,
    spec: Spec {
        name: "NO-TOUCH",
        summary: "Leaves the access clocks of keys alone.",
        since: "7.2.0",
        group: Group::Connection,
        arity: Arity::Exactly(3),
        flags: NOSCRIPT.and(LOADING).and(STALE),
        args: &[Arg::one_of("enabled", &[Arg::token("on", "ON"), Arg::token("off", "OFF")])],
        ..Spec::NEW
    },
    subcommands: &[],
};

fn no_touch(ctx: &mut Context<'_>, args: Args<'_>) -> Result<(), Stop> {
    let is_on = on_or_off(args)?;
    ctx.client.no_touch = is_on;
    ctx.client.card.set(flag::NO_TOUCH, is_on);
    ctx.reply.ok();
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{Bench, check_on};

    #[test]
    fn shows_in_the_flags_until_reset() {
        let mut bench = Bench::new();
        check_on(
            &mut bench,
            "CLIENT NO-TOUCH ON -> OK | CLIENT NO-EVICT ON -> OK | CLIENT NO-TOUCH maybe -> ERR syntax error",
        );
        assert!(bench.client(1).no_touch && bench.run("CLIENT INFO").contains(" flags=eT "));
        check_on(&mut bench, "RESET -> RESET");
        assert!(!bench.client(1).no_touch && bench.run("CLIENT INFO").contains(" flags=N "));
    }
}
