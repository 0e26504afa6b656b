//! CLIENT LIST: a line for each client.

use super::filter::Filter;
use super::line::describe;
use crate::prelude::*;
use engine::client::card::Card;
use std::sync::Arc;
pub(super) const COMMAND: Command = Command {
    run: list,
    spec: Spec {
        name: "LIST",
        summary: "Shows the clients that are connected.",
        since: "2.4.0",
        complexity: "O(N) in the number of clients",
        group: Group::Connection,
        arity: Arity::AtLeast(2),
        flags: ADMIN.and(NOSCRIPT).and(LOADING).and(STALE),
        args: &[
            Arg::one_of(
                "client-type",
                &[
                    Arg::token("normal", "NORMAL"),
                    Arg::token("master", "MASTER"),
                    Arg::token("replica", "REPLICA"),
                    Arg::token("pubsub", "PUBSUB"),
                ],
            )
            .after("TYPE")
            .since("5.0.0")
            .optional(),
            Arg::integer("client-id").after("ID").since("6.2.0").optional().multiple(),
        ],
        history: &[
            ("2.8.12", "The field `id`."),
            ("5.0.0", "The `TYPE` filter."),
            ("6.0.0", "The field `user`."),
            ("6.2.0", "The fields `argv-mem`, `tot-mem`, `laddr` and `redir`, and the `ID` filter."),
            ("7.0.0", "The fields `resp`, `multi-mem`, `rbs` and `rbp`."),
            ("7.0.3", "The field `ssub`."),
            ("7.2.0", "The fields `lib-name` and `lib-ver`."),
            ("7.4.0", "The field `watch`."),
            ("8.0.0", "The field `io-thread`."),
        ],
        tips: &["nondeterministic_output"],
        ..Spec::NEW
    },
    subcommands: &[],
};

fn list(ctx: &mut Context<'_>, args: Args<'_>) -> Result<(), Stop> {
    let filter = match only_ids(args)? {
        Some(ids) => Filter::of_ids(ids),
        None => Filter::parse(ctx, args)?,
    };
    let cards: Vec<&Arc<Card>> =
        ctx.engine.clients.cards().filter(|card| filter.lets_pass(ctx, card)).collect();
    let mut lines = String::new();
    for card in cards {
        lines.push_str(&describe(ctx, card));
        lines.push('\n');
    }
    ctx.reply.verbatim("txt", lines.as_bytes());
    Ok(())
}

/// `ID` alone, with its numbers: the one form that has an error of its own, and that takes numbers that nobody has.
fn only_ids(mut args: Args<'_>) -> Result<Option<Vec<i64>>, Stop> {
    if !args.keyword("ID") || args.is_empty() {
        return Ok(None);
    }
    let numbers: Vec<Option<i64>> = args.rest().map(stdx::number::parse_i64).collect();
    if numbers.first() == Some(&None) || numbers.last() == Some(&None) && numbers.len() == 2 {
        return Err(Stop::error("ERR Invalid client ID"));
    }
    Ok(numbers.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::super::test_bench::{bench_with_clients, listed};
    use crate::testing::check;

    #[test]
    fn filters_hold_together() {
        let mut bench = bench_with_clients();
        assert_eq!(listed(&mut bench, "CLIENT LIST"), [1, 2, 3]);
        assert_eq!(listed(&mut bench, "CLIENT LIST ID 2 3 9"), [2, 3]);
        assert_eq!(listed(&mut bench, "CLIENT LIST TYPE replica"), [3]);
        assert_eq!(listed(&mut bench, "CLIENT LIST TYPE normal NOT-ID 1"), [2]);
        assert_eq!(listed(&mut bench, "CLIENT LIST ADDR 127.0.0.1:2002 USER default"), [2]);
        assert_eq!(listed(&mut bench, "CLIENT LIST IP 127.0.0.1 SKIPME yes"), [2, 3]);
        assert_eq!(listed(&mut bench, "CLIENT LIST NAME worker"), [2]);
        assert_eq!(listed(&mut bench, "CLIENT LIST FLAGS S"), [3]);
        assert_eq!(listed(&mut bench, "CLIENT LIST MAXAGE 5"), [1]);
    }

    #[test]
    fn shows_each_client_on_a_line() {
        let mut bench = bench_with_clients();
        let text = bench.run("CLIENT LIST ID 2");
        for part in [
            "id=2 addr=127.0.0.1:2002 laddr=127.0.0.1:6379 fd=-1 name=worker age=0",
            " flags=N db=0 ",
            " cmd=NULL user=default redir=-1 resp=2 lib-name= lib-ver= ",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }

    #[test]
    fn refusals() {
        check(
            "CLIENT LIST TYPE x -> ERR Unknown client type 'x'
             CLIENT LIST ID x -> ERR Invalid client ID
             CLIENT LIST ID -> ERR syntax error
             CLIENT LIST NOT-MAXAGE 3 -> ERR syntax error
             CLIENT LIST MAXAGE 0 -> ERR maxage should be greater than 0
             CLIENT LIST DB 99 -> ERR DB number should be between 0 and 15
             CLIENT LIST FLAGS Z -> ERR Unknown flags found in the provided filter: Z
             CLIENT LIST USER nobody -> ERR No such user 'nobody'",
        );
    }
}
