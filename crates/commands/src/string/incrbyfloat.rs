//! INCRBYFLOAT: add to a number with a fraction.

use crate::prelude::*;
use stdx::long_double::LongDouble;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: incrbyfloat,
    subcommands: &[],
    spec: Spec {
        name: "INCRBYFLOAT",
        summary: "Adds a floating point number to the one that a key holds; a missing key counts as 0.",
        since: "2.6.0",
        complexity: "O(1)",
        group: Group::String,
        arity: Arity::Exactly(3),
        flags: WRITE.and(DENYOOM).and(FAST),
        keys: &[KeySpec::at(1).rw().access().update()],
        args: &[Arg::key("key"), Arg::double("increment")],
        ..Spec::NEW
    },
}];

fn incrbyfloat(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let (key, increment) = (args.next()?, args.next()?);
    let parse = |text| LongDouble::parse(text).ok_or(Stop::NOT_A_FLOAT);
    // The type of the value is complained about before the increment.
    let old = ctx.keys.string_for(key, Lookup::Write)?.map_or_else(|| parse(b"0"), parse)?;
    let new = old.add(parse(increment)?);
    if new.is_nan_or_infinite() {
        return Err(Stop::error("ERR increment would produce NaN or Infinity"));
    }
    let mut text = Vec::with_capacity(32);
    new.append_human(&mut text);
    ctx.keys.set_number_text(key, &text);
    ctx.keys.modified(key, Event::INCRBYFLOAT);
    ctx.reply.bulk(&text);
    // The sum itself is passed on: whoever reads the log need not add as precisely as we do.
    ctx.propagate_as(&[b"SET", key, &text, b"KEEPTTL"]);
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, notifies, propagates};

    #[test]
    fn adds_in_decimal() {
        check(
            r#"INCRBYFLOAT k 0.1 -> "0.1" | INCRBYFLOAT k 0.2 -> "0.3" | INCRBYFLOAT k -0.3 -> "0"
            INCRBYFLOAT k 5.0e3 -> "5000" | SET k 10.50 | INCRBYFLOAT k 0.1 -> "10.6" | INCR n | INCRBYFLOAT n 0.5 -> "1.5""#,
        );
    }

    #[test]
    fn refuses_what_is_no_number() {
        check(
            "SET k abc | INCRBYFLOAT k 1 -> ERR value is not a valid float
            INCRBYFLOAT n x -> ERR value is not a valid float | INCRBYFLOAT n \" 1\" -> ERR value is not a valid float
            INCRBYFLOAT n nan -> ERR value is not a valid float | EXISTS n -> 0
            INCRBYFLOAT n inf -> ERR increment would produce NaN or Infinity",
        );
    }

    #[test]
    fn the_sum_is_passed_on() {
        propagates("SET k 1 EX 100 | INCRBYFLOAT k 0.5 -> SET k 1.5 KEEPTTL | INCRBYFLOAT k x -> nothing");
        check("SET k 1 EX 100 | INCRBYFLOAT k 0.5 -> \"1.5\" | TTL k -> 100");
        notifies("INCRBYFLOAT k 0.5 -> new k, incrbyfloat k");
    }
}
