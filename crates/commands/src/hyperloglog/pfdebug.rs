//! PFDEBUG: look into a HyperLogLog.

use super::{corrupted, read};
use crate::prelude::*;
use datatypes::hyperloglog::{self, REGISTERS, Registers};

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: pfdebug,
    subcommands: &[],
    spec: Spec {
        name: "PFDEBUG",
        summary: "Shows the registers and the representation of a HyperLogLog.",
        since: "2.8.9",
        complexity: "O(1), with a large constant.",
        group: Group::HyperLogLog,
        arity: Arity::Exactly(3),
        flags: WRITE.and(DENYOOM).and(ADMIN),
        keys: &[KeySpec::at(2).rw().access()],
        args: &[Arg::string("subcommand"), Arg::key("key")],
        is_internal: true,
        ..Spec::NEW
    },
}];

fn pfdebug(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let subcommand = args.next()?;
    let key = args.next()?;
    let is = |name: &str| subcommand.eq_ignore_ascii_case(name.as_bytes());
    if is("SIMD") {
        return simd(ctx, key);
    }
    // A key that is not there is no miss of a reader.
    ctx.keys.string_for(key, Lookup::Write)?.ok_or(Stop::error("ERR The specified key does not exist"))?;
    let bytes = read(ctx, key)?.unwrap_or_default();
    let is_dense = hyperloglog::is_dense(bytes);
    if is("GETREG") {
        make_dense(ctx, key)?;
        reply_registers(ctx, key)
    } else if is("DECODE") && is_dense {
        Err(Stop::error("ERR HLL encoding is not sparse"))
    } else if is("DECODE") {
        let runs = hyperloglog::describe(bytes);
        ctx.reply.bulk(runs.as_bytes());
        Ok(())
    } else if is("ENCODING") {
        ctx.reply.simple(if is_dense { "dense" } else { "sparse" });
        Ok(())
    } else if is("TODENSE") {
        make_dense(ctx, key)?;
        ctx.reply.integer(i64::from(!is_dense));
        Ok(())
    } else {
        Err(Stop::quoting("ERR Unknown PFDEBUG subcommand '", subcommand, "'"))
    }
}

/// Wide instructions are the compiler's affair here: the switch is taken, and there is nothing to switch.
fn simd(ctx: &mut Context<'_>, state: &[u8]) -> Result<(), Stop> {
    let states = [("ON", "enabled"), ("OFF", "disabled")];
    let known = states.into_iter().find(|(word, _)| state.eq_ignore_ascii_case(word.as_bytes()));
    ctx.reply.simple(known.ok_or(Stop::error("ERR Argument must be ON or OFF"))?.1);
    Ok(())
}

/// Gives a HyperLogLog the dense representation. That is a change to be passed on.
fn make_dense(ctx: &mut Context<'_>, key: &[u8]) -> Result<(), Stop> {
    let sparse = read(ctx, key)?.filter(|bytes| !hyperloglog::is_dense(bytes));
    if let Some(sparse) = sparse {
        let dense = hyperloglog::to_dense(sparse).map_err(corrupted)?;
        ctx.keys.set_grown_string(key, &dense, NewExpiry::Keep);
        ctx.keys.modified(key, Event::TOUCHED);
    }
    Ok(())
}

fn reply_registers(ctx: &mut Context<'_>, key: &[u8]) -> Result<(), Stop> {
    let mut registers = Registers::new();
    registers.merge(read(ctx, key)?.expect("it was just written")).map_err(corrupted)?;
    ctx.reply.array(REGISTERS);
    registers.iter().for_each(|value| ctx.reply.integer(i64::from(value)));
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{Bench, check, propagates};

    #[test]
    fn shows_representation_and_runs() {
        check(
            r#"PFADD k a b c | PFDEBUG ENCODING k -> sparse | PFDEBUG DECODE k -> "Z:8436 v:1,1 Z:4274 v:2,1 Z:3068 v:1,1 Z:603"
            PFDEBUG TODENSE k -> 1 | PFDEBUG todense k -> 0 | PFDEBUG DECODE k -> ERR HLL encoding is not sparse
            PFCOUNT k -> 3 | PFDEBUG SIMD on -> enabled"#,
        );
        let mut bench = Bench::new();
        bench.run("PFADD k a");
        assert_eq!(bench.run("PFDEBUG GETREG k").matches(',').count(), 16_383);
        assert_eq!(bench.run("PFDEBUG ENCODING k"), "dense");
    }

    #[test]
    fn refuses_bad_requests() {
        check(
            "PFDEBUG GETREG x -> ERR The specified key does not exist | PFADD k | PFDEBUG foo k -> ERR Unknown PFDEBUG subcommand 'foo'
            SET s v | PFDEBUG foo s -> WRONGTYPE Key is not a valid HyperLogLog string value.",
        );
    }

    #[test]
    fn a_change_of_representation_is_passed_on() {
        propagates(
            "PFADD k a -> PFADD k a | PFDEBUG TODENSE k -> PFDEBUG TODENSE k | PFDEBUG GETREG k -> nothing",
        );
    }
}
