//! BITPOS: find the first 0 or 1 in a string.

use crate::grammar::bits::Unit;
use crate::prelude::*;
use datatypes::bitmap;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: bitpos,
    subcommands: &[],
    spec: Spec {
        name: "BITPOS",
        summary: "Finds the first bit that is 1, or 0, in a string or in a part of it.",
        since: "2.8.7",
        complexity: "O(N) with N the length of the part.",
        group: Group::Bitmap,
        arity: Arity::AtLeast(3),
        flags: READONLY,
        keys: &[KeySpec::at(1).ro().access()],
        args: &[Arg::key("key"), Arg::integer("bit"), RANGE],
        history: &[("7.0.0", "The unit `BYTE` or `BIT`.")],
        ..Spec::NEW
    },
}];

const RANGE: Arg = Arg::block(
    "range",
    &[
        Arg::integer("start"),
        Arg::block(
            "end-unit-block",
            &[
                Arg::integer("end"),
                Arg::one_of("unit", &[Arg::token("byte", "BYTE"), Arg::token("bit", "BIT")])
                    .since("7.0.0")
                    .optional(),
            ],
        )
        .optional(),
    ],
)
.optional();

fn bitpos(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let key = args.next()?;
    let wanted = match args.integer()? {
        0 => false,
        1 => true,
        _ => return Err(Stop::error("ERR The bit argument must be 1 or 0.")),
    };
    if args.len() > 3 {
        return Err(Stop::SYNTAX);
    }
    let start = if args.is_empty() { 0 } else { args.integer()? };
    // A wrong unit is told before a wrong end.
    let mut end = args;
    if !args.is_empty() {
        args.next()?;
    }
    let unit = Unit::parse(&mut args)?;
    let end = if end.is_empty() { None } else { Some(end.integer()?) };
    let Some(bytes) = ctx.keys.string(key)? else {
        ctx.reply.integer(if wanted { -1 } else { 0 });
        return Ok(());
    };
    let bits = unit.bits_between(start, end.unwrap_or(-1), bytes.len());
    let behind_all = bytes.len() as i64 * 8;
    // Where no end is given, zeros follow the string.
    let is_open = end.is_none() && !wanted && !bits.is_empty();
    let found = bitmap::find(bytes, bits, wanted).map(|at| at as i64);
    ctx.reply.integer(found.unwrap_or(if is_open { behind_all } else { -1 }));
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn finds_the_first() {
        check(
            r#"SET k "\xff\xf0\x00" | BITPOS k 0 -> 12 | BITPOS k 1 -> 0 | BITPOS k 1 2 -> -1 | BITPOS k 0 0 0 -> -1
            BITPOS k 1 7 15 BIT -> 7 | BITPOS k 0 -1 -> 16 | BITPOS k 1 1 -1 BYTE -> 8 | BITPOS k 1 2 1 -> -1 | BITPOS k 1 -9 -12 -> 0
            SET f "\xff" | BITPOS f 0 -> 8 | BITPOS f 0 0 -> 8 | BITPOS f 0 0 -1 -> -1 | BITPOS f 0 1 -> -1
            BITPOS x 0 -> 0 | BITPOS x 1 -> -1 | BITPOS x 0 5 -> 0 | SET e "" | BITPOS e 0 -> -1 | BITPOS e 1 -> -1"#,
        );
    }

    #[test]
    fn refuses_bad_requests() {
        check(
            "BITPOS k 2 -> ERR The bit argument must be 1 or 0. | BITPOS k x -> ERR value is not an integer or out of range
            BITPOS k 1 0 1 FOO -> ERR syntax error | BITPOS k 1 0 1 BIT 1 -> ERR syntax error
            BITPOS k 1 0 y -> ERR value is not an integer or out of range",
        );
    }
}
