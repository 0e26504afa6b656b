//! HELLO: choose the protocol, authenticate, take a name, and hear who the server is; all in one request.

use super::auth;
use crate::grammar::client_text::ClientText;
use crate::prelude::*;
use resp::reply::Version;

pub(super) const COMMANDS: &[Command] = &[Command {
    run: hello,
    spec: Spec {
        name: "HELLO",
        summary: "Greets the server: protocol, password and name in one request.",
        since: "6.0.0",
        group: Group::Connection,
        arity: Arity::AtLeast(1),
        flags: NOSCRIPT.and(LOADING).and(STALE).and(FAST).and(NO_AUTH).and(ALLOW_BUSY),
        args: &[Arg::block(
            "arguments",
            &[
                Arg::integer("protover"),
                Arg::block("username_password", &[Arg::string("username"), Arg::string("password")])
                    .after("AUTH")
                    .optional(),
                Arg::string("clientname").after("SETNAME").optional(),
            ],
        )
        .optional()],
        history: &[("6.2.0", "Without arguments it only describes the connection.")],
        ..Spec::NEW
    },
    subcommands: &[],
}];

fn hello(ctx: &mut Context<'_>, args: Args<'_>) -> Result<(), Stop> {
    let version = parse(ctx, args)?;
    if !ctx.client.is_authenticated {
        return Err(Stop::error(
            "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH \
             <user> <pass> option can be used to authenticate the client and select the RESP protocol version at \
             the same time",
        ));
    }
    if let Some(version) = version {
        ctx.client.speak(version);
        ctx.reply.set_version(version);
    }
    describe(ctx);
    Ok(())
}

/// Reads the version, then the options in order: each takes effect where it stands, as in Redis.
fn parse(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<Option<Version>, Stop> {
    if args.is_empty() {
        return Ok(None);
    }
    let version = match args.integer_or("ERR Protocol version is not an integer or out of range")? {
        2 => Some(Version::Resp2),
        3 => Some(Version::Resp3),
        _ => return Err(Stop::error("NOPROTO unsupported protocol version")),
    };
    while let Some(option) = args.peek() {
        if args.len() >= 3 && args.keyword("AUTH") {
            let place = ctx.request.len() - args.len();
            (place..place + 2).for_each(|place| ctx.hide_word(place));
            auth::authenticate(ctx, args.next()?, args.next()?)?;
        } else if args.len() >= 2 && args.keyword("SETNAME") {
            ctx.client.card.texts.lock().name = ClientText::name(args.next()?)?.to_vec();
        } else {
            return Err(Stop::quoting("ERR Syntax error in HELLO option '", option, "'"));
        }
    }
    Ok(version)
}

fn describe(ctx: &mut Context<'_>) {
    let role = if ctx.engine.replication.is_replica() { "replica" } else { "master" };
    let protocol = if ctx.reply.version() == Version::Resp3 { 3 } else { 2 };
    let reply = &mut ctx.reply;
    reply.map(7);
    for (field, text) in [("server", "redis"), ("version", ctx.engine.config.general.redis_version.as_str())]
    {
        reply.bulk(field.as_bytes());
        reply.bulk(text.as_bytes());
    }
    for (field, number) in [("proto", protocol), ("id", ctx.client.card.id as i64)] {
        reply.bulk(field.as_bytes());
        reply.integer(number);
    }
    for (field, text) in [("mode", "standalone"), ("role", role)] {
        reply.bulk(field.as_bytes());
        reply.bulk(text.as_bytes());
    }
    reply.bulk(b"modules");
    reply.array(0);
}

#[cfg(test)]
mod tests {
    use crate::testing::{Bench, check, check_on};
    use resp::reply::Version;

    #[test]
    fn speaks_the_chosen_version_at_once() {
        check(
            r#"HELLO 3 -> {"server": "redis", "version": "8.0.6", "proto": 3, "id": 1, "mode": "standalone", "role": "master", "modules": []}
               HELLO -> {"server": "redis", "version": "8.0.6", "proto": 3, "id": 1, "mode": "standalone", "role": "master", "modules": []}
               HELLO 2 -> ["server", "redis", "version", "8.0.6", "proto", 2, "id", 1, "mode", "standalone", "role", "master", "modules", []]"#,
        );
    }

    #[test]
    fn refuses_and_changes_nothing() {
        let mut bench = Bench::new();
        check_on(
            &mut bench,
            "HELLO 4 -> NOPROTO unsupported protocol version | HELLO x -> ERR Protocol version is not an integer or out of range
             HELLO 3 foo -> ERR Syntax error in HELLO option 'foo' | HELLO 3 AUTH default -> ERR Syntax error in HELLO option 'AUTH'
             HELLO 3 SETNAME \"a b\" -> ERR Client names cannot contain spaces, newlines or special characters.",
        );
        assert_eq!(bench.client(1).version, Version::Resp2);
    }

    #[test]
    fn authenticates_and_names_in_one_request() {
        let mut bench = Bench::new();
        bench.node.engine.acl.set_default_password(b"secret");
        bench.client(1).is_authenticated = false;
        assert!(
            bench
                .run("HELLO 3")
                .starts_with("NOAUTH HELLO must be called with the client already authenticated")
        );
        assert!(bench.run("HELLO 3 AUTH default no").starts_with("WRONGPASS "));
        assert!(bench.run("HELLO 3 AUTH default secret SETNAME cache").starts_with("{"));
        check_on(&mut bench, "CLIENT GETNAME -> \"cache\"");
    }
}
