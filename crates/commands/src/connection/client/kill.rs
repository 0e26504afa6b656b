//! CLIENT KILL: close connections, by address or by filters.

use super::filter::Filter;
use crate::prelude::*;
pub(super) const COMMAND: Command = Command {
    run: kill,
    spec: Spec {
        name: "KILL",
        summary: "Closes connections.",
        since: "2.4.0",
        complexity: "O(N) in the number of clients",
        group: Group::Connection,
        arity: Arity::AtLeast(3),
        flags: ADMIN.and(NOSCRIPT).and(LOADING).and(STALE),
        args: &[Arg::one_of(
            "filter",
            &[
                Arg::string("old-format").shown_as("ip:port"),
                Arg::one_of(
                    "new-format",
                    &[
                        Arg::integer("client-id").after("ID").since("2.8.12").optional(),
                        Arg::one_of(
                            "client-type",
                            &[
                                Arg::token("normal", "NORMAL"),
                                Arg::token("master", "MASTER").since("3.2.0"),
                                Arg::token("slave", "SLAVE"),
                                Arg::token("replica", "REPLICA").since("5.0.0"),
                                Arg::token("pubsub", "PUBSUB"),
                            ],
                        )
                        .after("TYPE")
                        .since("2.8.12")
                        .optional(),
                        Arg::string("username").after("USER").optional(),
                        Arg::string("addr").after("ADDR").shown_as("ip:port").optional(),
                        Arg::string("laddr").after("LADDR").shown_as("ip:port").since("6.2.0").optional(),
                        Arg::one_of("skipme", &[Arg::token("yes", "YES"), Arg::token("no", "NO")])
                            .after("SKIPME")
                            .optional(),
                        Arg::integer("maxage").after("MAXAGE").since("7.4.0").optional(),
                    ],
                )
                .multiple(),
            ],
        )],
        history: &[
            ("2.8.12", "Filters by name and value."),
            ("2.8.12", "The `ID` filter."),
            ("3.2.0", "The type `master`."),
            ("5.0.0", "The type `replica`; `slave` stays as another word for it."),
            ("6.2.0", "The `LADDR` filter."),
            ("7.4.0", "The `MAXAGE` filter."),
        ],
        ..Spec::NEW
    },
    subcommands: &[],
};

fn kill(ctx: &mut Context<'_>, args: Args<'_>) -> Result<(), Stop> {
    if args.len() == 1 {
        return kill_address(ctx, args);
    }
    let mut filter = Filter::parse(ctx, args)?;
    filter.skips_self.get_or_insert(true);
    let cards = ctx.engine.clients.cards().filter(|card| filter.lets_pass(ctx, card));
    let ids: Vec<u64> = cards.map(|card| card.id).collect();
    for &id in &ids {
        close(ctx, id);
    }
    ctx.reply.integer(ids.len() as i64);
    Ok(())
}

/// The old form: the client with this address, oneself included.
fn kill_address(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let address = args.next()?;
    let found = ctx.engine.clients.cards().find(|card| card.address.as_bytes() == address);
    let id = found.map(|card| card.id).ok_or(Stop::error("ERR No such client"))?;
    close(ctx, id);
    ctx.reply.ok();
    Ok(())
}

/// Closes a client; the one that asks only after it has its reply.
fn close(ctx: &mut Context<'_>, id: u64) {
    if id == ctx.client.card.id {
        ctx.client.close_after_reply();
    } else {
        ctx.engine.close_client(id);
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_bench::bench_with_clients;
    use crate::testing::{check, check_on};
    use engine::client::card::flag;

    #[test]
    fn by_filters_and_never_oneself_unless_asked() {
        let mut bench = bench_with_clients();
        check_on(
            &mut bench,
            "CLIENT KILL ID 1 -> 0 | CLIENT KILL ID 2 3 -> 2 | CLIENT KILL TYPE pubsub -> 0",
        );
        let has = |id| bench.node.engine.clients.find(id).expect("there").has(flag::CLOSE_NOW);
        assert!(!has(1) && has(2) && has(3));
        assert!(!bench.client(1).close_after_reply);
        check_on(&mut bench, "CLIENT KILL ID 1 SKIPME no -> 1");
        assert!(bench.client(1).close_after_reply);
    }

    #[test]
    fn who_is_killed_hears_nothing_more() {
        let mut bench = bench_with_clients();
        check_on(
            &mut bench,
            "#2 SUBSCRIBE news | #2 PSUBSCRIBE n* | PUBLISH news 1 -> 2 | CLIENT KILL TYPE pubsub -> 1
             PUBLISH news 2 -> 0 | PUBSUB CHANNELS -> [] | PUBSUB NUMPAT -> 0",
        );
    }

    #[test]
    fn by_address_as_in_old_times() {
        let mut bench = bench_with_clients();
        check_on(
            &mut bench,
            "CLIENT KILL 127.0.0.1:9 -> ERR No such client | CLIENT KILL 127.0.0.1:2001 -> OK",
        );
        assert!(bench.client(1).close_after_reply, "the old form includes oneself");
    }

    #[test]
    fn refusals() {
        check(
            "CLIENT KILL ID 0 -> ERR client-id should be greater than 0
             CLIENT KILL ID 1 x -> ERR syntax error
             CLIENT KILL SKIPME x -> ERR syntax error
             CLIENT KILL TYPE normal foo -> ERR syntax error
             CLIENT KILL MAXAGE x -> ERR maxage is not an integer or out of range",
        );
    }
}
