//! SETBIT: write one bit of a string.

use crate::grammar::bits;
use crate::prelude::*;
use datatypes::bitmap;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: setbit,
    subcommands: &[],
    spec: Spec {
        name: "SETBIT",
        summary: "Writes the bit at an offset of a string, which grows with zeros as needed.",
        since: "2.2.0",
        complexity: "O(1)",
        group: Group::Bitmap,
        arity: Arity::Exactly(4),
        flags: WRITE.and(DENYOOM),
        keys: &[KeySpec::at(1).rw().access().update()],
        args: &[Arg::key("key"), Arg::integer("offset"), Arg::integer("value")],
        ..Spec::NEW
    },
}];

const BAD_BIT: &str = "ERR bit is not an integer or out of range";

fn setbit(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let key = args.next()?;
    let offset = bits::offset(ctx, args.next()?, None)?;
    let bit = match args.integer_or(BAD_BIT)? {
        0 => false,
        1 => true,
        _ => return Err(Stop::error(BAD_BIT)),
    };
    let needed_bytes = (offset / 8) as usize + 1;
    let old_len = ctx.keys.extend_string(key, needed_bytes)?;
    let bytes = ctx.keys.string_mut(key)?.expect("the string was just made long enough");
    let before = bitmap::set(bytes, offset, bit);
    if before != bit || old_len.is_none_or(|len| len < needed_bytes) {
        ctx.keys.modified(key, Event::SETBIT);
    }
    ctx.reply.integer(i64::from(before));
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{changes, check, notifies, propagates};

    #[test]
    fn writes_and_grows() {
        check(
            r#"SETBIT k 7 1 -> 0 | SETBIT k 7 0 -> 1 | GET k -> "\x00" | SETBIT k 16 1 -> 0 | GET k -> "\x00\x00\x80"
            SET n 1 EX 100 | SETBIT n 6 1 -> 0 | GET n -> "3" | OBJECT ENCODING n -> "raw" | TTL n -> 100"#,
        );
    }

    #[test]
    fn only_a_change_counts() {
        propagates("SETBIT k 9 0 -> SETBIT k 9 0 | SETBIT k 9 0 -> nothing | SETBIT k 8 1 -> SETBIT k 8 1");
        notifies("SETBIT k 1 1 -> new k, setbit k | SETBIT k 1 1 -> nothing | SETBIT k 99 0 -> setbit k");
        changes("SETBIT k 1 1 -> 1 | SETBIT k 1 1 -> 0");
    }

    #[test]
    fn refuses_bad_requests() {
        check(
            "SETBIT k 4294967296 1 -> ERR bit offset is not an integer or out of range
            SETBIT k -1 1 -> ERR bit offset is not an integer or out of range
            SETBIT k 0 2 -> ERR bit is not an integer or out of range
            SETBIT k 0 x -> ERR bit is not an integer or out of range | EXISTS k -> 0",
        );
    }
}
