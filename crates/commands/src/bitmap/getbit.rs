//! GETBIT: read one bit of a string.

use crate::grammar::bits;
use crate::prelude::*;
use datatypes::bitmap;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: getbit,
    subcommands: &[],
    spec: Spec {
        name: "GETBIT",
        summary: "Returns the bit at an offset of a string; behind its end all bits are 0.",
        since: "2.2.0",
        complexity: "O(1)",
        group: Group::Bitmap,
        arity: Arity::Exactly(3),
        flags: READONLY.and(FAST),
        keys: &[KeySpec::at(1).ro().access()],
        args: &[Arg::key("key"), Arg::integer("offset")],
        ..Spec::NEW
    },
}];

fn getbit(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let key = args.next()?;
    let offset = bits::offset(ctx, args.next()?, None)?;
    let bit = ctx.keys.string(key)?.is_some_and(|bytes| bitmap::get(bytes, offset));
    ctx.reply.integer(i64::from(bit));
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn reads_any_bit() {
        check(
            r#"SET k "\x80\x01" | GETBIT k 0 -> 1 | GETBIT k 1 -> 0 | GETBIT k 15 -> 1 | GETBIT k 16 -> 0
            GETBIT k 4294967295 -> 0 | GETBIT x 0 -> 0 | SET n 1 | GETBIT n 2 -> 1"#,
        );
    }

    #[test]
    fn refuses_bad_offsets() {
        for offset in ["-1", "x", "4294967296", "#1", "\"\""] {
            check(&format!("GETBIT k {offset} -> ERR bit offset is not an integer or out of range"));
        }
    }
}
