//! BITCOUNT: count the ones in a string.

use crate::grammar::bits::Unit;
use crate::prelude::*;
use datatypes::bitmap;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: bitcount,
    subcommands: &[],
    spec: Spec {
        name: "BITCOUNT",
        summary: "Counts the bits that are 1 in a string, or in a part of it.",
        since: "2.6.0",
        complexity: "O(N) with N the length of the part.",
        group: Group::Bitmap,
        arity: Arity::AtLeast(2),
        flags: READONLY,
        keys: &[KeySpec::at(1).ro().access()],
        args: &[
            Arg::key("key"),
            Arg::block(
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
            .optional(),
        ],
        history: &[("7.0.0", "The unit `BYTE` or `BIT`."), ("8.0.0", "The end may be left out.")],
        ..Spec::NEW
    },
}];

fn bitcount(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let key = args.next()?;
    let (start, end, unit) = if args.is_empty() {
        (0, -1, Unit::Byte)
    } else if args.len() > 3 {
        return Err(Stop::SYNTAX);
    } else if args.len() == 1 {
        (args.integer()?, -1, Unit::Byte)
    } else {
        (args.integer()?, args.integer()?, Unit::parse(&mut args)?)
    };
    let bytes = ctx.keys.string(key)?.unwrap_or_default();
    let ones = bitmap::count(bytes, unit.bits(start, end, bytes.len()));
    ctx.reply.integer(ones as i64);
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn counts_in_bytes_and_bits() {
        check(
            "SET k foobar | BITCOUNT k -> 26 | BITCOUNT k 0 0 -> 4 | BITCOUNT k 1 1 BYTE -> 6 | BITCOUNT k 5 30 bit -> 17
            BITCOUNT k -2 -1 -> 7 | BITCOUNT k -1 -2 -> 0 | BITCOUNT k 9 10 -> 0 | BITCOUNT k 47 47 BIT -> 0
            BITCOUNT k -1 -> 4 | BITCOUNT x -> 0 | BITCOUNT k -9223372036854775808 9223372036854775807 BIT -> 26",
        );
    }

    #[test]
    fn refuses_bad_requests() {
        check(
            "BITCOUNT x 0 1 FOO -> ERR syntax error
            BITCOUNT x 0 1 BIT 2 -> ERR syntax error | BITCOUNT x a 1 -> ERR value is not an integer or out of range",
        );
    }
}
