//! CLIENT HELP.

use crate::grammar::help;
use crate::prelude::*;
pub(super) const COMMAND: Command = Command {
    run,
    spec: Spec {
        name: "HELP",
        summary: "Tells what the subcommands do.",
        since: "5.0.0",
        group: Group::Connection,
        arity: Arity::Exactly(2),
        flags: LOADING.and(STALE),
        ..Spec::NEW
    },
    subcommands: &[],
};

/// The filters of KILL and LIST.
const FILTERS: &[&str] = &[
    "Filters, which must all hold; with NOT- before it (but SKIPME, MAXAGE and IDLE) a filter must not hold:",
    "* ID <client-id> [<client-id> ...]",
    "* TYPE (NORMAL|MASTER|REPLICA|PUBSUB)",
    "* ADDR <ip:port>, LADDR <ip:port>, IP <ip>",
    "* USER <username>, NAME <client-name>",
    "* LIB-NAME <name>, LIB-VER <version>",
    "* FLAGS <letters>, DB <index>",
    "* MAXAGE <seconds>, IDLE <seconds>: at least so old, or so long without a request",
    "* SKIPME (YES|NO): leave out this connection (KILL: yes, LIST: no)",
];

fn run(ctx: &mut Context<'_>, _: Args<'_>) -> Result<(), Stop> {
    help::reply(
        &mut ctx.reply,
        "CLIENT",
        &[
            ("CACHING (YES|NO)", &["Keep copies of what the next command reads, or do not."]),
            (
                "CAPA <capability> [<capability> ...]",
                &["Say what the client can do: REDIRECT, to follow a replica to its primary."],
            ),
            ("GETNAME", &["The name of this connection."]),
            ("GETREDIR", &["The client that is told of changed keys in place of this one."]),
            ("ID", &["The number of this connection."]),
            ("IMPORT-SOURCE (ON|OFF)", &["Mark this connection as one that brings data, in import mode."]),
            ("INFO", &["What is known of this connection."]),
            ("KILL <ip:port>", &["Close the connection from this address."]),
            ("KILL <filter> <value> [<filter> <value> ...]", FILTERS),
            ("LIST [<filter> <value> ...]", &["A line for each connection, with the filters of KILL."]),
            ("NO-EVICT (ON|OFF)", &["Keep this connection when others are closed for lack of memory."]),
            ("NO-TOUCH (ON|OFF)", &["Leave the access clocks of keys alone."]),
            (
                "PAUSE <timeout> [WRITE|ALL]",
                &["Let all clients, or those that write, wait for so many milliseconds."],
            ),
            ("REPLY (ON|OFF|SKIP)", &["Answer requests of this connection, or not, or not the next."]),
            (
                "SETINFO (LIB-NAME|LIB-VER) <value>",
                &["Say which library uses this connection, and its version."],
            ),
            ("SETNAME <name>", &["Give this connection a name."]),
            (
                "TRACKING (ON|OFF) [REDIRECT <id>] [BCAST] [PREFIX <prefix> [...]] [OPTIN] [OPTOUT] [NOLOOP]",
                &["Be told when keys change that this connection has read."],
            ),
            ("TRACKINGINFO", &["How this connection is told of changed keys."]),
            (
                "UNBLOCK <client-id> [TIMEOUT|ERROR]",
                &["End the waiting of another client, as if its time was over."],
            ),
            ("UNPAUSE", &["End a pause."]),
        ],
    );
    Ok(())
}
