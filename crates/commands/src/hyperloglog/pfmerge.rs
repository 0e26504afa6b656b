//! PFMERGE: make one HyperLogLog of several.

use super::{corrupted, read, sparse_max_bytes, write};
use crate::prelude::*;
use datatypes::hyperloglog::{self, Registers};

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: pfmerge,
    subcommands: &[],
    spec: Spec {
        name: "PFMERGE",
        summary: "Adds what was added to some HyperLogLogs to another one.",
        since: "2.8.9",
        complexity: "O(N) with N the number of HyperLogLogs.",
        group: Group::HyperLogLog,
        arity: Arity::AtLeast(2),
        flags: WRITE.and(DENYOOM),
        keys: &[KeySpec::at(1).rw().access().insert(), KeySpec::range(2, -1, 1).ro().access()],
        args: &[Arg::key("destkey"), Arg::key("sourcekey").of_key_spec(1).multiple().optional()],
        ..Spec::NEW
    },
}];

fn pfmerge(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let sparse_max_bytes = sparse_max_bytes(ctx);
    let mut registers = Registers::new();
    let mut use_dense = false;
    for key in args.rest() {
        if let Some(bytes) = read(ctx, key)? {
            use_dense |= hyperloglog::is_dense(bytes);
            registers.merge(bytes).map_err(corrupted)?;
        }
    }
    let destination = args.next()?;
    let old = ctx.keys.string_for(destination, Lookup::Write)?;
    let mut bytes = old.map_or_else(hyperloglog::new, <[u8]>::to_vec);
    if use_dense && !hyperloglog::is_dense(&bytes) {
        bytes = hyperloglog::to_dense(&bytes).map_err(corrupted)?;
    }
    hyperloglog::raise_all(&mut bytes, &registers, sparse_max_bytes).map_err(corrupted)?;
    write(ctx, destination, &mut bytes);
    ctx.reply.ok();
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, notifies, propagates};

    #[test]
    fn merges_into_what_is_there() {
        check(
            "PFADD a 1 2 3 | PFADD b 3 4 | PFADD d 5 | PFMERGE d a b x -> OK | PFCOUNT d -> 5 | PFDEBUG ENCODING d -> sparse
            PFMERGE n -> OK | PFCOUNT n -> 0 | PFDEBUG TODENSE b | PFMERGE n b -> OK | PFDEBUG ENCODING n -> dense
            PFCOUNT n -> 2 | SET s v | PFMERGE a s -> WRONGTYPE Key is not a valid HyperLogLog string value.
            PFMERGE s a -> WRONGTYPE Key is not a valid HyperLogLog string value.",
        );
    }

    #[test]
    fn is_passed_on_as_sent() {
        propagates("PFADD a 1 -> PFADD a 1 | PFMERGE d a -> PFMERGE d a | PFMERGE d a -> PFMERGE d a");
        notifies("PFADD a 1 -> new a, pfadd a | PFMERGE d a -> keymiss d, new d, pfadd d");
    }
}
