//! CLIENT TRACKING: the client keeps copies of what it reads and wants to know when they are no longer true.

use crate::prelude::*;
use engine::client::card::ClientId;
use engine::notify::tracking::{Mode, Tracker};

pub(super) const COMMAND: Command = Command {
    run: tracking,
    spec: Spec {
        name: "TRACKING",
        summary: "Chooses whether the client is told when keys that it has read change.",
        since: "6.0.0",
        complexity: "O(N) in the number of prefixes",
        group: Group::Connection,
        arity: Arity::AtLeast(3),
        flags: NOSCRIPT.and(LOADING).and(STALE),
        args: &[
            Arg::one_of("status", &[Arg::token("on", "ON"), Arg::token("off", "OFF")]),
            Arg::integer("client-id").after("REDIRECT").optional(),
            Arg::string("prefix").after("PREFIX").optional().multiple_token(),
            Arg::token("bcast", "BCAST").optional(),
            Arg::token("optin", "OPTIN").optional(),
            Arg::token("optout", "OPTOUT").optional(),
            Arg::token("noloop", "NOLOOP").optional(),
        ],
        ..Spec::NEW
    },
    subcommands: &[],
};

/// What is asked for.
#[derive(Default)]
struct Wanted<'a> {
    mode: Mode,
    redirect: Option<ClientId>,
    prefixes: Vec<&'a [u8]>,
}

fn tracking(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let status = args.next()?;
    let wanted = parse(ctx, args)?;
    if status.eq_ignore_ascii_case(b"ON") {
        enable(ctx, wanted)?;
    } else if status.eq_ignore_ascii_case(b"OFF") {
        ctx.engine.notify.tracking.disable(&ctx.client.card);
        ctx.client.tracks = false;
    } else {
        return Err(Stop::SYNTAX);
    }
    ctx.update_interest();
    ctx.reply.ok();
    Ok(())
}

fn parse<'a>(ctx: &Context<'_>, mut args: Args<'a>) -> Result<Wanted<'a>, Stop> {
    let mut wanted = Wanted::default();
    while !args.is_empty() {
        if args.len() > 1 && args.keyword("REDIRECT") {
            if wanted.redirect.is_some() {
                return Err(Stop::error("ERR A client can only redirect to a single other client"));
            }
            wanted.redirect = Some(redirect(ctx, &mut args)?);
        } else if args.len() > 1 && args.keyword("PREFIX") {
            wanted.prefixes.push(args.next()?);
        } else if args.keyword("BCAST") {
            wanted.mode.broadcast = true;
        } else if args.keyword("OPTIN") {
            wanted.mode.opt_in = true;
        } else if args.keyword("OPTOUT") {
            wanted.mode.opt_out = true;
        } else if args.keyword("NOLOOP") {
            wanted.mode.no_loop = true;
        } else {
            return Err(Stop::SYNTAX);
        }
    }
    Ok(wanted)
}

fn redirect(ctx: &Context<'_>, args: &mut Args<'_>) -> Result<ClientId, Stop> {
    let id = args.integer()?;
    let known = ClientId::try_from(id).ok().filter(|&id| ctx.engine.clients.find(id).is_some());
    known.ok_or(Stop::error("ERR The client ID you want redirect to does not exist"))
}

fn enable(ctx: &mut Context<'_>, mut wanted: Wanted<'_>) -> Result<(), Stop> {
    let card = &ctx.client.card;
    let tracking = &mut ctx.engine.notify.tracking;
    let present = tracking.find(card.id);
    check_modes(&wanted, present)?;
    if wanted.mode.broadcast {
        check_prefixes(&wanted.prefixes, present)?;
        if wanted.prefixes.is_empty() {
            wanted.prefixes.push(b"");
        }
    }
    tracking.enable(card, wanted.mode, wanted.redirect, &wanted.prefixes);
    ctx.client.tracks = true;
    Ok(())
}

fn check_modes(wanted: &Wanted<'_>, present: Option<&Tracker>) -> Result<(), Stop> {
    let (mode, before) = (wanted.mode, present.map(|tracker| tracker.mode));
    let refusal = if !mode.broadcast && !wanted.prefixes.is_empty() {
        "ERR PREFIX option requires BCAST mode to be enabled"
    } else if before.is_some_and(|before| before.broadcast != mode.broadcast) {
        "ERR You can't switch BCAST mode on/off before disabling tracking for this client, and then re-enabling it with \
         a different mode."
    } else if mode.broadcast && (mode.opt_in || mode.opt_out) {
        "ERR OPTIN and OPTOUT are not compatible with BCAST"
    } else if mode.opt_in && mode.opt_out {
        "ERR You can't specify both OPTIN mode and OPTOUT mode"
    } else if before.is_some_and(|old| (mode.opt_in && old.opt_out) || (mode.opt_out && old.opt_in)) {
        "ERR You can't switch OPTIN/OPTOUT mode before disabling tracking for this client, and then re-enabling it with \
         a different mode."
    } else {
        return Ok(());
    };
    Err(Stop::error(refusal))
}

/// No prefix may begin with another one of the same client: it would be told twice.
fn check_prefixes(prefixes: &[&[u8]], present: Option<&Tracker>) -> Result<(), Stop> {
    let overlap = |one: &[u8], other: &[u8]| one.starts_with(other) || other.starts_with(one);
    for (index, &prefix) in prefixes.iter().enumerate() {
        let known = present.into_iter().flat_map(|tracker| &tracker.prefixes);
        if let Some(other) = known.into_iter().find(|known| overlap(prefix, known)) {
            return Err(overlapping(prefix, "an existing", other));
        }
        if let Some(other) = prefixes[index + 1..].iter().find(|other| overlap(prefix, other)) {
            return Err(overlapping(prefix, "another provided", other));
        }
    }
    Ok(())
}

fn overlapping(prefix: &[u8], which: &str, other: &[u8]) -> Stop {
    let between = format!("' overlaps with {which} prefix '");
    let until_nul = engine::command::until_nul;
    let quoted = [until_nul(prefix), between.as_bytes(), until_nul(other)].concat();
    Stop::quoting("ERR Prefix '", &quoted, "'. Prefixes for a single client must not overlap.")
}

#[cfg(test)]
mod tests {
    use super::super::test_bench::bench_with_clients;
    use crate::testing::{Bench, check_on};

    fn bench() -> Bench {
        let mut bench = bench_with_clients();
        bench.run("HELLO 3");
        bench
    }

    #[test]
    fn what_was_read_is_invalidated_once() {
        check_on(
            &mut bench(),
            r#"CLIENT TRACKING ON -> OK | MGET k l -> [nil, nil] | #2 SET k 1 | #2 SET k 2 | #2 SET x 1
               PING -> >["invalidate", ["k"]] & PONG | SET l 1 -> OK & >["invalidate", ["l"]] | SET l 2 -> OK
               GET k | MULTI | SET k 3 | GET k | EXEC -> [OK, "3"] & >["invalidate", ["k"]]
               GET k | #2 FLUSHDB | PING -> >["invalidate", nil] & PONG | FLUSHALL -> OK & >["invalidate", nil]
               GET k | CLIENT TRACKING OFF -> OK | #2 SET k 1 | PING -> PONG"#,
        );
    }

    #[test]
    fn expired_keys_are_invalidated() {
        check_on(
            &mut bench(),
            r#"CLIENT TRACKING ON NOLOOP | SET k v PX 5 | GET k -> "v" | @10 | #2 GET k -> nil
               PING -> >["invalidate", ["k"]] & PONG | GET k | SET k v -> OK"#,
        );
    }

    #[test]
    fn opting_in_and_out() {
        check_on(
            &mut bench(),
            r#"CLIENT TRACKING ON OPTIN | GET a | CLIENT CACHING YES -> OK | CLIENT ID -> 1 | GET b | GET c
               #2 MSET a 1 b 1 c 1 | PING -> >["invalidate", ["b"]] & PONG
               CLIENT CACHING YES | MULTI | GET a | GET b | EXEC | GET c
               #2 MSET a 1 b 1 c 1 | PING -> >["invalidate", ["a"]] & >["invalidate", ["b"]] & PONG
               CLIENT TRACKING OFF | CLIENT TRACKING ON OPTOUT | GET a | CLIENT CACHING NO -> OK | GET b
               #2 MSET a 1 b 1 | PING -> >["invalidate", ["a"]] & PONG"#,
        );
    }

    #[test]
    fn broadcasts_come_at_the_end_of_a_turn() {
        let mut bench = bench();
        check_on(
            &mut bench,
            "CLIENT TRACKING ON BCAST PREFIX user: PREFIX obj -> OK | SET user:2 x -> OK | #2 MSET user:1 x zz y",
        );
        bench.node.engine.tell_of_turn(None);
        check_on(&mut bench, "PING -> >[\"invalidate\", [\"user:1\", \"user:2\"]] & PONG");
    }

    #[test]
    fn another_client_is_told_instead() {
        let mut bench = bench();
        check_on(
            &mut bench,
            r#"#2 SUBSCRIBE __redis__:invalidate | CLIENT TRACKING ON REDIRECT 2 -> OK | GET k | SET k v -> OK
               #2 PING -> ["message", "__redis__:invalidate", ["k"]] & ["pong", ""]
               CLIENT GETREDIR -> 2"#,
        );
        bench.node.engine.clients.remove(2);
        check_on(
            &mut bench,
            r#"GET k -> "v" | SET k w -> OK & >["tracking-redir-broken", 2]
               CLIENT TRACKINGINFO -> {"flags": ~["on", "broken_redirect"], "redirect": 2, "prefixes": []}"#,
        );
    }

    #[test]
    fn the_table_has_a_limit() {
        let mut bench = bench();
        bench.node.engine.config.notifications.tracking_table_max_keys = 2;
        assert_eq!(bench.run("CLIENT TRACKING ON"), "OK");
        assert_eq!(bench.run("MGET a b c d").matches("invalidate").count(), 2);
        assert_eq!(bench.node.engine.notify.tracking.table().len(), 2);
    }

    #[test]
    fn refusals() {
        check_on(
            &mut bench(),
            "CLIENT TRACKING ON REDIRECT 99 -> ERR The client ID you want redirect to does not exist
             CLIENT TRACKING ON REDIRECT 2 REDIRECT 2 -> ERR A client can only redirect to a single other client
             CLIENT TRACKING ON REDIRECT -> ERR syntax error | CLIENT TRACKING maybe -> ERR syntax error
             CLIENT TRACKING ON PREFIX a -> ERR PREFIX option requires BCAST mode to be enabled
             CLIENT TRACKING ON BCAST OPTIN -> ERR OPTIN and OPTOUT are not compatible with BCAST
             CLIENT TRACKING ON OPTIN OPTOUT -> ERR You can't specify both OPTIN mode and OPTOUT mode
             CLIENT TRACKING ON BCAST PREFIX a PREFIX ab -> ERR Prefix 'a' overlaps with another provided prefix 'ab'. Prefixes for a single client must not overlap.
             CLIENT TRACKING ON BCAST PREFIX ab -> OK
             CLIENT TRACKING ON BCAST PREFIX a -> ERR Prefix 'a' overlaps with an existing prefix 'ab'. Prefixes for a single client must not overlap.
             CLIENT TRACKING ON -> ERR You can't switch BCAST mode on/off before disabling tracking for this client, and then re-enabling it with a different mode.",
        );
    }
}
