//! LOLWUT: a drawing, another in each run, and the version.

mod canvas;
mod rule;
mod skyline;
mod squares;

use crate::prelude::*;
use stdx::random::Random;

/// LOLWUT.
pub(super) const COMMANDS: &[Command] = &[Command {
    run,
    spec: Spec {
        name: "LOLWUT",
        summary: "Draws something and tells the version.",
        since: "5.0.0",
        group: Group::Server,
        arity: Arity::AtLeast(1),
        flags: READONLY.and(FAST),
        args: &[Arg::integer("version").after("VERSION").optional()],
        ..Spec::NEW
    },
    subcommands: &[],
}];

/// The version whose drawing is shown unless another is asked for: that of Redis.
const PRESENT: i64 = 8;

fn run(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let mut version = PRESENT;
    if args.len() >= 2 && args.keyword("VERSION") {
        version = args.integer()?;
    }
    let random = &mut Random::fresh();
    let mut text = match version {
        5 => squares::draw(sizes(args, [66, 8, 12])?, random),
        6 => skyline::draw(sizes(args, [80, 20])?, random),
        PRESENT => rule::draw(random),
        _ => String::new(),
    };
    text.push_str(&format!("Redis ver. {}\n", ctx.engine.config.general.redis_version));
    ctx.reply.verbatim("txt", text.as_bytes());
    Ok(())
}

/// The sizes of a drawing, where they are given; further words mean nothing.
fn sizes<const COUNT: usize>(mut args: Args<'_>, default: [i64; COUNT]) -> Result<[i64; COUNT], Stop> {
    let mut sizes = default;
    for size in &mut sizes {
        if !args.is_empty() {
            *size = args.integer()?;
        }
    }
    Ok(sizes)
}

#[cfg(test)]
mod tests {
    use crate::testing::{Bench, check, check_on};

    #[test]
    fn the_last_line_is_the_version() {
        let mut bench = Bench::new();
        for request in [
            "LOLWUT",
            "LOLWUT it",
            "LOLWUT VERSION",
            "LOLWUT version 5",
            "LOLWUT version 6 30 5",
            "LOLWUT VERSION 5 10 2 3 x",
        ] {
            let text = bench.run(request);
            assert!(text.ends_with(" Redis ver. 8.0.6\\n\"") && text.matches("\\n").count() > 3, "{text}");
        }
        check_on(
            &mut bench,
            "LOLWUT VERSION 7 -> \"Redis ver. 8.0.6\\n\" | LOLWUT VERSION -5 -> \"Redis ver. 8.0.6\\n\"",
        );
        bench.node.engine.config.general.redis_version = "7.2.4".to_owned();
        check_on(&mut bench, "RESP3 | LOLWUT VERSION 4 -> txt:\"Redis ver. 7.2.4\\n\"");
    }

    #[test]
    fn sizes_are_numbers_within_bounds() {
        check(
            "LOLWUT VERSION x -> ERR value is not an integer or out of range
             LOLWUT VERSION 5 x -> ERR value is not an integer or out of range
             LOLWUT VERSION 6 1 x -> ERR value is not an integer or out of range",
        );
        let mut bench = Bench::new();
        for request in [
            "LOLWUT VERSION 5 0 -1 9999999",
            "LOLWUT VERSION 5 9999999 9999999 1",
            "LOLWUT VERSION 6 -1 9999999",
        ] {
            let text = bench.run(request);
            assert!(text.len() < 4_000_000 && text.contains("ver. "), "{request}: {} bytes", text.len());
        }
    }
}
