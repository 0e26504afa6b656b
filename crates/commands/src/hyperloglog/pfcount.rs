//! PFCOUNT: about how many different elements were added to HyperLogLogs.

use super::{corrupted, read};
use crate::prelude::*;
use datatypes::hyperloglog::{self, Registers};

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: pfcount,
    subcommands: &[],
    spec: Spec {
        name: "PFCOUNT",
        summary: "Estimates how many different elements were added to one HyperLogLog, or to several together.",
        since: "2.8.9",
        complexity: "O(1) with a small constant for one key, O(N) with a large one for N keys.",
        group: Group::HyperLogLog,
        arity: Arity::AtLeast(2),
        flags: READONLY,
        keys: &[KeySpec::range(1, -1, 1).rw().access().noting(NOTE)],
        args: &[Arg::key("key").multiple()],
        ..Spec::NEW
    },
}];

const NOTE: &str =
    "RW because it may change the internal representation of the key, and propagate to replicas";

fn pfcount(ctx: &mut Context<'_>, args: Args<'_>) -> Result<(), Stop> {
    let mut keys = args.rest();
    let estimate = match (keys.next(), keys.len()) {
        (Some(key), 0) => count_one(ctx, key)?,
        _ => {
            let mut registers = Registers::new();
            for key in args.rest() {
                if let Some(bytes) = read(ctx, key)? {
                    registers.merge(bytes).map_err(corrupted)?;
                }
            }
            registers.estimate()
        }
    };
    ctx.reply.integer(estimate as i64);
    Ok(())
}

/// The estimate of one, which is kept with it: a change that replicas and files get too.
fn count_one(ctx: &mut Context<'_>, key: &[u8]) -> Result<u64, Stop> {
    let Some(bytes) = read(ctx, key)? else { return Ok(0) };
    if let Some(estimate) = hyperloglog::kept_estimate(bytes) {
        return Ok(estimate);
    }
    let mut registers = Registers::new();
    registers.merge(bytes).map_err(corrupted)?;
    let estimate = registers.estimate();
    let bytes = ctx.keys.string_mut(key)?.expect("it was just read");
    hyperloglog::keep_estimate(bytes, estimate);
    ctx.keys.modified(key, Event::TOUCHED);
    Ok(estimate)
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, notifies, propagates};

    #[test]
    fn counts_one_and_several() {
        check(
            "PFADD a 1 2 3 | PFADD b 3 4 | PFCOUNT a -> 3 | PFCOUNT a b -> 4 | PFCOUNT a b x -> 4 | PFCOUNT x -> 0
            PFCOUNT x y -> 0 | SET s v | PFCOUNT s -> WRONGTYPE Key is not a valid HyperLogLog string value.
            PFCOUNT a s -> WRONGTYPE Key is not a valid HyperLogLog string value.",
        );
    }

    #[test]
    fn a_new_estimate_is_kept_and_passed_on() {
        propagates(
            "PFADD k a -> PFADD k a | PFCOUNT k -> PFCOUNT k | PFCOUNT k -> nothing | PFCOUNT k k -> nothing",
        );
        notifies("PFADD k a -> new k, pfadd k | PFCOUNT k -> nothing");
    }
}
