//! PFSELFTEST: check the HyperLogLog of this very process.

use super::corrupted;
use crate::prelude::*;
use datatypes::hyperloglog::{self, Registers};

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: pfselftest,
    subcommands: &[],
    spec: Spec {
        name: "PFSELFTEST",
        summary: "Checks that estimates are as good as they should be.",
        since: "2.8.9",
        complexity: "O(1), with a large constant.",
        group: Group::HyperLogLog,
        arity: Arity::Exactly(1),
        flags: ADMIN,
        is_internal: true,
        ..Spec::NEW
    },
}];

/// Elements that are added in all.
const ELEMENTS: u64 = 100_000;
/// The standard error of an estimate from 16,384 registers.
const STANDARD_ERROR: f64 = 1.04 / 128.0;
/// How many standard errors an estimate may be off.
const TOLERATED: f64 = 6.0;

fn pfselftest(ctx: &mut Context<'_>, _: Args<'_>) -> Result<(), Stop> {
    let mut sparse = hyperloglog::new();
    let mut dense = hyperloglog::to_dense(&sparse).map_err(corrupted)?;
    for number in 1..=ELEMENTS {
        let element = number.to_le_bytes();
        let changed = hyperloglog::add(&mut sparse, &element, 3000).map_err(corrupted)?;
        if hyperloglog::add_to_dense(&mut dense, &element) != changed {
            return Err(Stop::error("ERR TESTFAILED The two representations differ"));
        }
        if number.is_power_of_two() || number == ELEMENTS {
            check_estimate(&dense, number)?;
        }
    }
    ctx.reply.ok();
    Ok(())
}

fn check_estimate(bytes: &[u8], added: u64) -> Result<(), Stop> {
    let mut registers = Registers::new();
    registers.merge(bytes).map_err(corrupted)?;
    let estimate = registers.estimate();
    let tolerated = (STANDARD_ERROR * TOLERATED * added as f64).ceil();
    if estimate.abs_diff(added) as f64 > tolerated {
        return Err(Stop::from(format!(
            "ERR TESTFAILED Too high error. {added} added, {estimate} estimated"
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn passes() {
        check("PFSELFTEST -> OK");
    }
}
