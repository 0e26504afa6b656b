//! BITOP: combine strings bit by bit.

use crate::prelude::*;
use datatypes::bitmap::combine::{Combination, Operation};

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: bitop,
    subcommands: &[],
    spec: Spec {
        name: "BITOP",
        summary: "Combines strings bit by bit and stores the result.",
        since: "2.6.0",
        complexity: "O(N) with N the length of the strings together.",
        group: Group::Bitmap,
        arity: Arity::AtLeast(4),
        flags: WRITE.and(DENYOOM),
        keys: &[KeySpec::at(2).ow().update(), KeySpec::range(3, -1, 1).ro().access()],
        args: &[
            Arg::one_of(
                "operation",
                &[
                    Arg::token("and", "AND"),
                    Arg::token("or", "OR"),
                    Arg::token("xor", "XOR"),
                    Arg::token("not", "NOT"),
                ],
            ),
            Arg::key("destkey"),
            Arg::key("key").of_key_spec(1).multiple(),
        ],
        ..Spec::NEW
    },
}];

fn bitop(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let operation = parse_operation(&mut args)?;
    let destination = args.next()?;
    if operation == Operation::Not && args.len() != 1 {
        return Err(Stop::error("ERR BITOP NOT must be called with a single source key."));
    }
    let mut combination = Combination::new(operation);
    for key in args.rest() {
        combination.add(ctx.keys.string(key)?.unwrap_or_default());
    }
    let result = combination.into_bytes();
    if !result.is_empty() {
        ctx.keys.set_grown_string(destination, &result, NewExpiry::Clear);
        ctx.keys.modified(destination, Event::SET);
    } else if ctx.keys.remove(destination) {
        ctx.keys.modified(destination, Event::DEL);
    }
    ctx.reply.integer(result.len() as i64);
    Ok(())
}

fn parse_operation(args: &mut Args<'_>) -> Result<Operation, Stop> {
    let operations =
        [("AND", Operation::And), ("OR", Operation::Or), ("XOR", Operation::Xor), ("NOT", Operation::Not)];
    operations
        .into_iter()
        .find(|(word, _)| args.keyword(word))
        .map(|(_, operation)| operation)
        .ok_or(Stop::SYNTAX)
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, notifies, propagates};

    #[test]
    fn combines_and_stores() {
        check(
            r#"MSET a "\x0f\xff" b "\x3c" | BITOP AND d a b -> 2 | GET d -> "\x0c\x00" | BITOP or d a b -> 2
            GET d -> "?\xff" | BITOP XOR d a b x -> 2 | GET d -> "3\xff" | BITOP NOT d a -> 2 | GET d -> "\xf0\x00"
            OBJECT ENCODING d -> "raw" | SET d 1 EX 100 | BITOP AND d a x -> 2 | GET d -> "\x00\x00" | TTL d -> -1
            BITOP OR d x y -> 0 | EXISTS d -> 0"#,
        );
    }

    #[test]
    fn refuses_bad_requests() {
        check(
            "BITOP FOO d a -> ERR syntax error | BITOP ONE d a b -> ERR syntax error
            BITOP NOT d a b -> ERR BITOP NOT must be called with a single source key.",
        );
    }

    #[test]
    fn an_empty_result_deletes() {
        notifies(
            "SET a x | BITOP OR d a -> new d, set d | BITOP OR d y -> keymiss y, del d | BITOP OR d y -> keymiss y",
        );
        propagates(
            "SET a x | BITOP OR d a -> BITOP OR d a | BITOP OR d y -> BITOP OR d y | BITOP OR d y -> nothing",
        );
    }
}
