//! COPY: copy a key's value to another key.

use crate::generic::move_key::SAME_OBJECT;
use crate::grammar::database;
use crate::prelude::*;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: copy,
    subcommands: &[],
    spec: Spec {
        name: "COPY",
        summary: "Copies the value and the expiry of a key to another key.",
        since: "6.2.0",
        complexity: "O(1) for strings, O(N) for collections with N the number of elements.",
        group: Group::Generic,
        arity: Arity::AtLeast(3),
        flags: WRITE.and(DENYOOM),
        keys: &[KeySpec::at(1).ro().access(), KeySpec::at(2).ow().update()],
        args: &[
            Arg::key("source"),
            Arg::key("destination").of_key_spec(1),
            Arg::integer("destination-db").after("DB").optional(),
            Arg::token("replace", "REPLACE").optional(),
        ],
        ..Spec::NEW
    },
}];

fn copy(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let (source, destination) = (args.next()?, args.next()?);
    let mut replace = false;
    let mut to = ctx.keys.database();
    while !args.is_empty() {
        if args.keyword("REPLACE") {
            replace = true;
        } else if args.keyword("DB") {
            to = database::parse(ctx, args.next()?)?;
        } else {
            return Err(Stop::SYNTAX);
        }
    }
    if source == destination && to == ctx.keys.database() {
        return Err(SAME_OBJECT);
    }
    let done = ctx.keys.find(source).is_some() && make_room(ctx, to, destination, replace);
    if done {
        ctx.keys.copy(source, to, destination);
        ctx.keys.in_database(to).modified(destination, Event::COPY_TO);
    }
    ctx.reply.integer(i64::from(done));
    Ok(())
}

/// Whether the destination is free, or was made so.
fn make_room(ctx: &mut Context<'_>, database: u32, key: &[u8], replace: bool) -> bool {
    let mut keys = ctx.keys.in_database(database);
    let is_taken = keys.look_up(key, Lookup::Write).is_some();
    if is_taken && replace {
        keys.remove(key);
    }
    !is_taken || replace
}

#[cfg(test)]
mod tests {
    use crate::testing::{changes, check, notifies, propagates};

    #[test]
    fn copies_value_and_expiry() {
        check(
            "SET a v EX 100 | COPY a b -> 1 | GET b -> \"v\" | TTL b -> 100 | GET a -> \"v\" | TTL a -> 100",
        );
    }

    #[test]
    fn overwrites_only_when_told() {
        check(
            "MSET a 1 b 2 | COPY a b -> 0 | GET b -> \"2\" | COPY a b REPLACE -> 1 | GET b -> \"1\" | COPY x b REPLACE -> 0",
        );
    }

    #[test]
    fn refuses_bad_requests() {
        check(
            "COPY a a -> ERR source and destination objects are the same
            COPY a a DB 0 -> ERR source and destination objects are the same
            COPY a b DB 99 -> ERR DB index is out of range | COPY a b DB -1 -> ERR DB index is out of range
            COPY a b DB x -> ERR value is not an integer or out of range | COPY a b DB -> ERR syntax error
            COPY a b FOO -> ERR syntax error",
        );
    }

    #[test]
    fn is_passed_on_as_sent() {
        propagates(
            "SET a 1 | COPY a b -> COPY a b | COPY a b -> nothing | COPY a a DB 3 -> COPY a a DB 3
            COPY a a DB 3 -> nothing | COPY a a DB 3 REPLACE -> COPY a a DB 3 REPLACE",
        );
        notifies(
            "SET a 1 | COPY a b -> new b, copy_to b | COPY a b REPLACE -> new b, copy_to b | COPY x b -> keymiss x",
        );
        changes("SET a 1 -> 1 | COPY a b -> 1 | COPY a b -> 0");
    }
}
