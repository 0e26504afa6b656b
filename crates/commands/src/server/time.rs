//! TIME: the server's clock.

use crate::prelude::*;
pub(super) const COMMANDS: &[Command] = &[Command {
    run: time,
    spec: Spec {
        name: "TIME",
        summary: "Tells the time on the server.",
        since: "2.6.0",
        group: Group::Server,
        arity: Arity::Exactly(1),
        flags: LOADING.and(STALE).and(FAST),
        tips: &["nondeterministic_output"],
        ..Spec::NEW
    },
    subcommands: &[],
}];

fn time(ctx: &mut Context<'_>, _: Args<'_>) -> Result<(), Stop> {
    let now_us = stdx::clock::wall_us();
    ctx.reply.array(2);
    ctx.reply.bulk_integer(now_us / 1_000_000);
    ctx.reply.bulk_integer(now_us % 1_000_000);
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::Bench;

    #[test]
    fn seconds_and_microseconds() {
        let reply = Bench::new().run("TIME");
        let digits: Vec<&str> = reply.split('"').skip(1).step_by(2).collect();
        assert!(digits[0].parse::<i64>().is_ok_and(|seconds| seconds > 1_600_000_000), "{reply}");
        assert!(digits[1].parse::<i64>().is_ok_and(|us| us < 1_000_000), "{reply}");
    }
}
