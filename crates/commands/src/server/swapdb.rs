//! SWAPDB: two databases change places.

use crate::prelude::*;
pub(super) const COMMANDS: &[Command] = &[Command {
    run: swapdb,
    spec: Spec {
        name: "SWAPDB",
        summary: "Exchanges two databases.",
        since: "4.0.0",
        complexity: "O(N) in the number of clients that watch or wait for keys of the two databases",
        group: Group::Server,
        arity: Arity::Exactly(3),
        flags: WRITE.and(FAST),
        categories: Categories::KEYSPACE.and(Categories::DANGEROUS),
        args: &[Arg::integer("index1"), Arg::integer("index2")],
        ..Spec::NEW
    },
    subcommands: &[],
}];

fn swapdb(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let first = number(&mut args, "ERR invalid first DB index")?;
    let second = number(&mut args, "ERR invalid second DB index")?;
    let known = |number: i32| u32::try_from(number).ok().filter(|&number| number < ctx.keys.database_count());
    let (Some(first), Some(second)) = (known(first), known(second)) else {
        return Err(Stop::error("ERR DB index is out of range"));
    };
    ctx.touch_watched_in(first, Some(second));
    ctx.touch_watched_in(second, Some(first));
    ctx.keys.keyspace().swap(first, second);
    ctx.keys.add_dirty(1);
    ctx.reply.ok();
    Ok(())
}

fn number(args: &mut Args<'_>, refusal: &'static str) -> Result<i32, Stop> {
    i32::try_from(args.integer_or(refusal)?).map_err(|_| Stop::error(refusal))
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, propagates};

    #[test]
    fn keys_change_places() {
        check("SET k zero | SWAPDB 0 3 -> OK | GET k -> nil | SELECT 3 | GET k -> \"zero\"");
        propagates("SWAPDB 0 1 -> SWAPDB 0 1");
    }

    #[test]
    fn watchers_of_either_are_told() {
        check("WATCH k | #2 SELECT 3 | #2 SET k three | #2 SWAPDB 0 3 -> OK | MULTI | PING | EXEC -> nil[]");
    }

    #[test]
    fn refusals() {
        check(
            "SWAPDB a 1 -> ERR invalid first DB index | SWAPDB 1 b -> ERR invalid second DB index
             SWAPDB 1 99 -> ERR DB index is out of range | SWAPDB 9999999999 1 -> ERR invalid first DB index",
        );
    }
}
