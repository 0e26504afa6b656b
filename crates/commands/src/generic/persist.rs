//! PERSIST: take a key's expiry away.

use crate::prelude::*;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: persist,
    subcommands: &[],
    spec: Spec {
        name: "PERSIST",
        summary: "Takes the expiry of a key away.",
        since: "2.2.0",
        complexity: "O(1)",
        group: Group::Generic,
        arity: Arity::Exactly(2),
        flags: WRITE.and(FAST),
        keys: &[KeySpec::at(1).rw().update()],
        args: &[Arg::key("key")],
        ..Spec::NEW
    },
}];

fn persist(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let key = args.next()?;
    let expires = ctx.keys.look_up(key, Lookup::Write).is_some_and(|entry| entry.expire_at_ms().is_some());
    if expires {
        ctx.keys.set_expiry(key, None);
        ctx.keys.modified(key, Event::PERSIST);
    }
    ctx.reply.integer(i64::from(expires));
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, notifies, propagates};

    #[test]
    fn takes_the_expiry_away_once() {
        check(
            "SET k v EX 10 | PERSIST k -> 1 | TTL k -> -1 | PERSIST k -> 0 | PERSIST x -> 0 | GET k -> \"v\"",
        );
        propagates("SET k v EX 10 | PERSIST k -> PERSIST k | PERSIST k -> nothing");
        notifies("SET k v EX 10 | PERSIST k -> persist k | PERSIST k -> nothing");
    }
}
