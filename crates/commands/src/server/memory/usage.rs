//! MEMORY USAGE: the bytes of a key and its value.

use super::MEMORY;
use crate::prelude::*;

pub(super) const COMMAND: Command = Command {
    run,
    subcommands: &[],
    spec: Spec {
        name: "USAGE",
        summary: "Returns how many bytes a key and its value take.",
        complexity: "O(N) with N the number of nodes of the value.",
        arity: Arity::AtLeast(3),
        flags: READONLY,
        keys: &[KeySpec::at(2).ro()],
        args: &[Arg::key("key"), Arg::integer("count").after("SAMPLES").optional()],
        tips: &[],
        ..MEMORY
    },
};

/// What the table keeps of each key beside its entry.
const SLOT_BYTES: usize = size_of::<u64>();

/// Collections know what they hold: nothing has to be estimated from samples.
fn run(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let key = args.next()?;
    while !args.is_empty() {
        if !args.keyword("SAMPLES") {
            return Err(Stop::SYNTAX);
        }
        if args.is_empty() || args.integer()? < 0 {
            return Err(Stop::SYNTAX);
        }
    }
    match ctx.keys.peek(key) {
        Some(entry) => ctx.reply.integer((entry.allocated_bytes() + SLOT_BYTES) as i64),
        None => ctx.reply.null(),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{Bench, check, check_on};

    #[test]
    fn is_what_was_allocated() {
        let mut bench = Bench::new();
        check_on(
            &mut bench,
            "SET k v | MEMORY USAGE k -> 24 | SETEX k 100 v | MEMORY USAGE k SAMPLES 5 -> 32
             MEMORY USAGE k SAMPLES 0 samples 1 -> 32 | MEMORY USAGE nosuch -> nil",
        );
        let bytes = |bench: &mut Bench| bench.run("MEMORY USAGE l").parse::<usize>().expect("a number");
        bench.run("RPUSH l a");
        let small = bytes(&mut bench);
        for _ in 0..2000 {
            bench.run("RPUSH l aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
        }
        assert!(small < 100 && (90_000..200_000).contains(&bytes(&mut bench)));
    }

    #[test]
    fn refuses_what_is_no_sample_count() {
        check(
            "SET k v | MEMORY USAGE k SAMPLES -> ERR syntax error | MEMORY USAGE k SAMPLES -1 -> ERR syntax error
             MEMORY USAGE k SAMPLES x -> ERR value is not an integer or out of range | MEMORY USAGE k FOO 1 -> ERR syntax error
             MEMORY USAGE -> ERR wrong number of arguments for 'memory|usage' command",
        );
    }
}
