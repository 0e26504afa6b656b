//! RENAME and RENAMENX: give a key another name.

use crate::prelude::*;

pub(crate) const COMMANDS: &[Command] = &[
    Command {
        run: rename,
        subcommands: &[],
        spec: Spec {
            name: "RENAME",
            summary: "Gives a key another name, over the key that has that name.",
            flags: WRITE,
            keys: &[KeySpec::at(1).rw().access().delete(), KeySpec::at(2).ow().update()],
            ..RENAME
        },
    },
    Command {
        run: renamenx,
        subcommands: &[],
        spec: Spec {
            name: "RENAMENX",
            summary: "Gives a key another name unless a key has that name.",
            flags: WRITE.and(FAST),
            keys: &[KeySpec::at(1).rw().access().delete(), KeySpec::at(2).ow().insert()],
            history: &[("3.2.0", "The same name twice is no error any more.")],
            ..RENAME
        },
    },
];

const RENAME: Spec = Spec {
    since: "1.0.0",
    complexity: "O(1)",
    group: Group::Generic,
    arity: Arity::Exactly(3),
    args: &[Arg::key("key"), Arg::key("newkey").of_key_spec(1)],
    ..Spec::NEW
};

fn rename(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let (from, to) = (args.next()?, args.next()?);
    give_name(ctx, from, to, true)?;
    ctx.reply.ok();
    Ok(())
}

fn renamenx(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let (from, to) = (args.next()?, args.next()?);
    let done = give_name(ctx, from, to, false)?;
    ctx.reply.integer(i64::from(done));
    Ok(())
}

/// Renames; false when the name is taken and may not be overwritten, or is the same.
fn give_name(ctx: &mut Context<'_>, from: &[u8], to: &[u8], overwrite: bool) -> Result<bool, Stop> {
    if ctx.keys.look_up(from, Lookup::Write).is_none() {
        return Err(Stop::NO_SUCH_KEY);
    }
    if from == to {
        return Ok(false);
    }
    if ctx.keys.look_up(to, Lookup::Write).is_some() {
        if !overwrite {
            return Ok(false);
        }
        ctx.keys.remove(to);
    }
    ctx.keys.rename(from, to);
    ctx.keys.modified(from, Event::RENAME_FROM);
    ctx.keys.notify(to, Event::RENAME_TO);
    Ok(true)
}

#[cfg(test)]
mod tests {
    use crate::testing::{changes, check, notifies, propagates};

    #[test]
    fn takes_value_and_expiry_along() {
        check("SET a 1 EX 100 | SET b 2 | RENAME a b -> OK | EXISTS a -> 0 | GET b -> \"1\" | TTL b -> 100");
        check("SET a 1 | SET b 2 EX 100 | RENAME a b -> OK | TTL b -> -1");
    }

    #[test]
    fn nx_spares_the_other_key() {
        check(
            "MSET a 1 b 2 | RENAMENX a b -> 0 | GET b -> \"2\" | RENAMENX a c -> 1 | GET c -> \"1\" | EXISTS a -> 0",
        );
    }

    #[test]
    fn the_same_name_changes_nothing() {
        check(
            "SET a 1 | RENAME a a -> OK | RENAMENX a a -> 0 | RENAME x x -> ERR no such key | RENAMENX x y -> ERR no such key",
        );
    }

    #[test]
    fn is_passed_on_as_sent() {
        propagates(
            "SET a 1 | RENAME a b -> RENAME a b | RENAME b b -> nothing | RENAMENX b c -> RENAMENX b c",
        );
        notifies(
            "SET a 1 | RENAME a b -> new b, rename_from a, rename_to b | SET a 1 | RENAME a b -> new b, rename_from a, rename_to b",
        );
        changes("SET a 1 -> 1 | RENAME a b -> 1 | RENAME b b -> 0");
    }
}
