//! AUTH: say who one is.

use crate::prelude::*;

pub(super) const COMMANDS: &[Command] = &[Command {
    run: auth,
    spec: Spec {
        name: "AUTH",
        summary: "Says who the client is, with a password.",
        since: "1.0.0",
        complexity: "O(N) in the number of the user's passwords",
        group: Group::Connection,
        arity: Arity::AtLeast(2),
        flags: NOSCRIPT.and(LOADING).and(STALE).and(FAST).and(NO_AUTH).and(ALLOW_BUSY),
        args: &[Arg::string("username").since("6.0.0").optional(), Arg::string("password")],
        history: &[("6.0.0", "Takes a user name before the password.")],
        ..Spec::NEW
    },
    subcommands: &[],
}];

/// The name or the password is wrong.
pub(super) const WRONG_PASSWORD: Stop =
    Stop::error("WRONGPASS invalid username-password pair or user is disabled.");

fn auth(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    (1..ctx.request.len().min(3)).for_each(|place| ctx.hide_word(place));
    let first = args.next()?;
    let (user, password) = match args.len() {
        0 => (b"default".as_slice(), first),
        1 => (first, args.next()?),
        _ => return Err(Stop::SYNTAX),
    };
    if ctx.request.len() == 2 && ctx.engine.acl.default_needs_no_password() {
        return Err(Stop::error(
            "ERR AUTH <password> called without any password configured for the default user. \
             Are you sure your configuration is correct?",
        ));
    }
    authenticate(ctx, user, password)?;
    ctx.reply.ok();
    Ok(())
}

/// Makes the client act as a user, if the password is his.
pub(super) fn authenticate(ctx: &mut Context<'_>, user: &[u8], password: &[u8]) -> Result<(), Stop> {
    if !ctx.engine.acl.authenticate(user, password) {
        return Err(WRONG_PASSWORD);
    }
    let name = ctx.engine.acl.find(user).map(|user| user.name.clone());
    ctx.client.authenticate_as(&name.ok_or(WRONG_PASSWORD)?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{Bench, check, check_on};

    #[test]
    fn without_a_password_there_is_nothing_to_prove() {
        check(
            "AUTH x -> ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?
             AUTH default x -> OK | AUTH x y -> WRONGPASS invalid username-password pair or user is disabled.
             AUTH a b c -> ERR syntax error",
        );
    }

    #[test]
    fn the_password_opens_the_door() {
        let mut bench = Bench::new();
        bench.node.engine.acl.set_default_password(b"secret");
        bench.client(1).is_authenticated = false;
        check_on(
            &mut bench,
            "PING -> NOAUTH Authentication required. | AUTH wrong -> WRONGPASS invalid username-password pair or user is disabled.
             DBSIZE -> NOAUTH Authentication required. | AUTH default secret -> OK | PING -> PONG",
        );
        assert_eq!(bench.node.engine.acl.denied_auth, 1);
    }
}
