//! CLIENT TRACKINGINFO and GETREDIR: how the client is told of changes of the keys that it holds copies of.

use crate::prelude::*;
use engine::client::card::flag;
use engine::notify::tracking::Tracker;
use std::sync::atomic::Ordering::Relaxed;

pub(super) const TRACKING_INFO: Command = Command {
    run: tracking_info,
    spec: Spec {
        name: "TRACKINGINFO",
        summary: "Tells how the client is told of changes of keys.",
        since: "6.2.0",
        group: Group::Connection,
        arity: Arity::Exactly(2),
        flags: NOSCRIPT.and(LOADING).and(STALE),
        ..Spec::NEW
    },
    subcommands: &[],
};

pub(super) const REDIRECT: Command = Command {
    run: redirect,
    spec: Spec {
        name: "GETREDIR",
        summary: "The client that is told of changes of keys in place of this one.",
        since: "6.0.0",
        group: Group::Connection,
        arity: Arity::Exactly(2),
        flags: NOSCRIPT.and(LOADING).and(STALE),
        ..Spec::NEW
    },
    subcommands: &[],
};

fn tracking_info(ctx: &mut Context<'_>, _: Args<'_>) -> Result<(), Stop> {
    let card = &ctx.client.card;
    let tracker = ctx.engine.notify.tracking.find(card.id);
    let flags =
        tracker.map_or_else(|| vec!["off"], |tracker| flags(tracker, card.has(flag::TRACKING_BROKEN)));
    let reply = &mut ctx.reply;
    reply.map(3);
    reply.bulk(b"flags");
    reply.set(flags.len());
    flags.iter().for_each(|flag| reply.bulk(flag.as_bytes()));
    reply.bulk(b"redirect");
    reply.integer(card.redirect.load(Relaxed));
    reply.bulk(b"prefixes");
    let prefixes = tracker.into_iter().flat_map(|tracker| &tracker.prefixes);
    reply.array(prefixes.clone().count());
    prefixes.for_each(|prefix| reply.bulk(prefix));
    Ok(())
}

fn flags(tracker: &Tracker, is_broken: bool) -> Vec<&'static str> {
    let (mode, given) = (tracker.mode, tracker.is_caching_given);
    let flags = [
        (true, "on"),
        (mode.broadcast, "bcast"),
        (mode.opt_in, "optin"),
        (mode.opt_in && given, "caching-yes"),
        (mode.opt_out, "optout"),
        (mode.opt_out && given, "caching-no"),
        (mode.no_loop, "noloop"),
        (is_broken, "broken_redirect"),
    ];
    flags.into_iter().filter_map(|(is_set, name)| is_set.then_some(name)).collect()
}

fn redirect(ctx: &mut Context<'_>, _: Args<'_>) -> Result<(), Stop> {
    let redirect = ctx.client.card.redirect.load(Relaxed);
    ctx.reply.integer(redirect);
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, check_resp3};

    #[test]
    fn tells_modes_and_prefixes() {
        check_resp3(
            r#"CLIENT TRACKINGINFO -> {"flags": ~["off"], "redirect": -1, "prefixes": []} | CLIENT GETREDIR -> -1
               CLIENT TRACKING ON BCAST PREFIX b PREFIX a NOLOOP
               CLIENT TRACKINGINFO -> {"flags": ~["on", "bcast", "noloop"], "redirect": 0, "prefixes": ["a", "b"]}
               CLIENT TRACKING OFF | CLIENT TRACKING ON OPTIN | CLIENT CACHING YES
               CLIENT TRACKINGINFO -> {"flags": ~["on", "optin", "caching-yes"], "redirect": 0, "prefixes": []}
               CLIENT GETREDIR -> 0 | RESET | CLIENT GETREDIR -> -1"#,
        );
        check(r#"CLIENT TRACKINGINFO -> ["flags", ["off"], "redirect", -1, "prefixes", []]"#);
    }
}
