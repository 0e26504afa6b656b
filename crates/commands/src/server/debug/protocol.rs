//! DEBUG PROTOCOL: one reply of each kind, for those who test clients.

use crate::prelude::*;
use resp::reply::Version;

/// The example of a double: no constant of mathematics.
#[expect(clippy::approx_constant, reason = "the digits that Redis sends")]
const DOUBLE: f64 = 3.141;

/// DEBUG PROTOCOL.
pub(super) fn example(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let kind = args.next()?.to_ascii_lowercase();
    let reply = &mut ctx.reply;
    match kind.as_slice() {
        b"string" => reply.bulk(b"Hello World"),
        b"integer" => reply.integer(12345),
        b"double" => reply.double(DOUBLE),
        b"null" => reply.null(),
        b"array" => {
            reply.array(3);
            (0..3).for_each(|number| reply.integer(number));
        }
        b"set" => {
            reply.set(3);
            (0..3).for_each(|number| reply.integer(number));
        }
        b"map" => {
            reply.map(3);
            (0..3).for_each(|number| {
                reply.integer(number);
                reply.boolean(number == 1);
            });
        }
        b"attrib" => attribute(ctx),
        b"push" => push(ctx)?,
        b"verbatim" => reply.verbatim("txt", b"This is a verbatim\nstring"),
        b"true" => reply.boolean(true),
        b"false" => reply.boolean(false),
        b"bignum" => reply.big_number("1234567999999999999999999999999999999"),
        _ => {
            return Err(Stop::error(
                "ERR Wrong protocol type name. Please use one of the following: \
                 string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false",
            ));
        }
    }
    Ok(())
}

/// An attribute, which only RESP3 has, and the reply that it belongs to.
fn attribute(ctx: &mut Context<'_>) {
    if ctx.reply.version() == Version::Resp3 {
        ctx.reply.attribute(1);
        ctx.reply.bulk(b"key-popularity");
        ctx.reply.array(2);
        ctx.reply.bulk(b"key:123");
        ctx.reply.integer(90);
    }
    ctx.reply.bulk(b"Some real reply following the attribute");
}

fn push(ctx: &mut Context<'_>) -> Result<(), Stop> {
    if ctx.reply.version() == Version::Resp2 {
        return Err(Stop::error("ERR RESP2 is not supported by this command"));
    }
    ctx.reply.push(2);
    ctx.reply.bulk(b"server-cpu-usage");
    ctx.reply.integer(42);
    ctx.reply.bulk(b"Some real reply following the push reply");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::tests::open_bench;
    use crate::testing::check_on;

    #[test]
    fn every_kind_in_both_versions() {
        check_on(
            &mut open_bench(),
            "DEBUG PROTOCOL double -> \"3.141\" | DEBUG PROTOCOL map -> [0, 0, 1, 1, 2, 0]
             DEBUG PROTOCOL push -> ERR RESP2 is not supported by this command
             DEBUG PROTOCOL attrib -> \"Some real reply following the attribute\"
             RESP3
             DEBUG PROTOCOL double -> ,3.141 | DEBUG PROTOCOL map -> {0: false, 1: true, 2: false} | DEBUG PROTOCOL null -> nil
             DEBUG PROTOCOL set -> ~[0, 1, 2] | DEBUG PROTOCOL bignum -> (1234567999999999999999999999999999999
             DEBUG PROTOCOL push -> >[\"server-cpu-usage\", 42] & \"Some real reply following the push reply\"
             DEBUG PROTOCOL attrib -> \"Some real reply following the attribute\"",
        );
    }
}
