//! HINCRBYFLOAT: add to a number with a fraction in a field.

use crate::grammar::fields;
use crate::prelude::*;
use datatypes::hash::Expiry;
use stdx::long_double::LongDouble;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: hincrbyfloat,
    subcommands: &[],
    spec: Spec {
        name: "HINCRBYFLOAT",
        summary: "Adds a floating point number to the one in a field of a hash; a missing field counts as 0.",
        since: "2.6.0",
        complexity: "O(1)",
        group: Group::Hash,
        arity: Arity::Exactly(4),
        flags: WRITE.and(DENYOOM).and(FAST),
        keys: &[KeySpec::at(1).rw().access().update()],
        args: &[Arg::key("key"), Arg::string("field"), Arg::double("increment")],
        ..Spec::NEW
    },
}];

fn hincrbyfloat(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let (key, name, increment) = (args.next()?, args.next()?, args.next()?);
    let increment = LongDouble::parse(increment).ok_or(Stop::NOT_A_FLOAT)?;
    if increment.is_nan_or_infinite() {
        return Err(Stop::error("ERR value is NaN or Infinity"));
    }
    let limits = ctx.keys.limits().hash;
    let mut hash = ctx.keys.hash_or_create(key)?;
    hash.meet(name);
    let old = hash.get(name).map_or_else(|| b"0".to_vec(), |field| field.value.to_vec());
    let old = LongDouble::parse(&old).ok_or(Stop::error("ERR hash value is not a float"))?;
    let new = old.add(increment);
    if new.is_nan_or_infinite() {
        return Err(Stop::error("ERR increment would produce NaN or Infinity"));
    }
    let mut text = Vec::with_capacity(32);
    new.append_human(&mut text);
    hash.set(name, &text, Expiry::Keep, limits);
    hash.modified(Event::HINCRBYFLOAT);
    let time = hash.get(name).and_then(|field| field.expire_at_ms).map(|at_ms| (at_ms, name));
    drop(hash);
    ctx.reply.bulk(&text);
    // The sum itself is passed on: whoever reads the log need not add as precisely as we do.
    fields::propagate_values(ctx, key, &[name, &text], time.as_slice());
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, notifies, propagates};

    #[test]
    fn adds_in_decimal() {
        check(
            r#"HINCRBYFLOAT h a 0.1 -> "0.1" | HINCRBYFLOAT h a 0.2 -> "0.3" | HINCRBYFLOAT h a -0.3 -> "0"
            HSET h t abc i inf b " 1" | HINCRBYFLOAT h t 1 -> ERR hash value is not a float
            HINCRBYFLOAT h b 1 -> ERR hash value is not a float
            HINCRBYFLOAT h i 1 -> ERR increment would produce NaN or Infinity
            HINCRBYFLOAT h a x -> ERR value is not a valid float | HINCRBYFLOAT h a nan -> ERR value is not a valid float
            HINCRBYFLOAT h a inf -> ERR value is NaN or Infinity | SET s x
            HINCRBYFLOAT s a x -> ERR value is not a valid float
            HINCRBYFLOAT s a 1 -> WRONGTYPE Operation against a key holding the wrong kind of value"#,
        );
    }

    #[test]
    fn is_passed_on_as_its_result() {
        propagates(
            "HINCRBYFLOAT h a 0.5 -> HSET h a 0.5 | HEXPIRE h 10 FIELDS 1 a -> HPEXPIREAT h {ms+10000} FIELDS 1 a
            HINCRBYFLOAT h a 1 -> MULTI; HSET h a 1.5; HPEXPIREAT h {ms+10000} FIELDS 1 a; EXEC",
        );
        notifies("HINCRBYFLOAT h a 0.5 -> new h, hincrbyfloat h");
    }
}
