//! MOVE: bring a key into another database.

use crate::grammar::database;
use crate::prelude::*;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: move_key,
    subcommands: &[],
    spec: Spec {
        name: "MOVE",
        summary: "Moves a key to another database unless a key of that name is there.",
        since: "1.0.0",
        complexity: "O(1)",
        group: Group::Generic,
        arity: Arity::Exactly(3),
        flags: WRITE.and(FAST),
        keys: &[KeySpec::at(1).rw().access().update()],
        args: &[Arg::key("key"), Arg::integer("db")],
        ..Spec::NEW
    },
}];

/// The error of a copy or move onto itself.
pub(super) const SAME_OBJECT: Stop = Stop::error("ERR source and destination objects are the same");

fn move_key(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let key = args.next()?;
    let to = database::parse(ctx, args.next()?)?;
    if to == ctx.keys.database() {
        return Err(SAME_OBJECT);
    }
    let moved = ctx.keys.move_to(key, to);
    if moved {
        ctx.keys.modified(key, Event::MOVE_FROM);
        ctx.keys.in_database(to).notify(key, Event::MOVE_TO);
    }
    ctx.reply.integer(i64::from(moved));
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{Bench, changes, check, check_on, notifies, propagates};

    #[test]
    fn moves_value_and_expiry() {
        let mut bench = Bench::new();
        check_on(
            &mut bench,
            "SET k v EX 100 | MOVE k 3 -> 1 | EXISTS k -> 0 | MOVE k 3 -> 0 | SET k w | MOVE k 3 -> 0",
        );
        bench.client(1).select(3);
        check_on(&mut bench, "GET k -> \"v\" | TTL k -> 100");
    }

    #[test]
    fn refuses_bad_databases() {
        check(
            "MOVE k 0 -> ERR source and destination objects are the same | MOVE k 99 -> ERR DB index is out of range
            MOVE k -1 -> ERR DB index is out of range | MOVE k x -> ERR value is not an integer or out of range",
        );
    }

    #[test]
    fn is_passed_on_as_sent() {
        propagates("SET k v | MOVE k 1 -> MOVE k 1 | MOVE k 1 -> nothing");
        notifies("SET k v | MOVE k 1 -> new k, move_from k, move_to k");
        changes("SET k v -> 1 | MOVE k 1 -> 1");
    }
}
