//! FLUSHDB and FLUSHALL: empty one database, or all.

use crate::prelude::*;
use engine::client::card::ClientKind;
use engine::facts::requests::ProcessRequest;

pub(super) const COMMANDS: &[Command] = &[
    Command {
        run: flush_database,
        spec: Spec {
            name: "FLUSHDB",
            summary: "Removes all keys of the database.",
            since: "1.0.0",
            complexity: "O(N) in the number of keys of the database",
            group: Group::Server,
            arity: Arity::AtLeast(1),
            flags: WRITE,
            categories: Categories::KEYSPACE.and(Categories::DANGEROUS),
            args: &[Arg::one_of(
                "async",
                &[Arg::token("async", "ASYNC").since("4.0.0"), Arg::token("sync", "SYNC").since("6.2.0")],
            )
            .optional()],
            history: &[("4.0.0", "The word `ASYNC`."), ("6.2.0", "The word `SYNC`.")],
            tips: &["request_policy:all_shards", "response_policy:all_succeeded"],
            ..Spec::NEW
        },
        subcommands: &[],
    },
    Command {
        run: flush_all,
        spec: Spec {
            name: "FLUSHALL",
            summary: "Removes all keys of all databases.",
            since: "1.0.0",
            complexity: "O(N) in the number of all keys",
            group: Group::Server,
            arity: Arity::AtLeast(1),
            flags: WRITE,
            categories: Categories::KEYSPACE.and(Categories::DANGEROUS),
            args: &[Arg::one_of(
                "async",
                &[Arg::token("async", "ASYNC").since("4.0.0"), Arg::token("sync", "SYNC").since("6.2.0")],
            )
            .optional()],
            history: &[("4.0.0", "The word `ASYNC`."), ("6.2.0", "The word `SYNC`.")],
            tips: &["request_policy:all_shards", "response_policy:all_succeeded"],
            ..Spec::NEW
        },
        subcommands: &[],
    },
];

fn flush_database(ctx: &mut Context<'_>, args: Args<'_>) -> Result<(), Stop> {
    let is_lazy = is_lazy(ctx, args)?;
    let database = ctx.keys.database();
    ctx.touch_watched_in(database, None);
    ctx.engine.invalidate_all_copies(Some(ctx.client.card.id));
    let keys = ctx.keys.len() as u64;
    let detached = ctx.keys.keyspace().flush_database(database);
    ctx.keys.add_dirty(keys);
    if is_lazy {
        ctx.engine.lazy_free.drop_later(detached);
    }
    // Even when there was nothing to remove: a replica may have something.
    ctx.propagate_always();
    ctx.reply.ok();
    Ok(())
}

fn flush_all(ctx: &mut Context<'_>, args: Args<'_>) -> Result<(), Stop> {
    let is_lazy = is_lazy(ctx, args)?;
    (0..ctx.keys.database_count()).for_each(|database| ctx.touch_watched_in(database, None));
    ctx.engine.invalidate_all_copies(Some(ctx.client.card.id));
    let detached = ctx.keys.keyspace().flush_all();
    ctx.keys.add_dirty(detached.keys() as u64);
    if is_lazy {
        ctx.engine.lazy_free.drop_later(detached);
    }
    ctx.propagate_always();
    if ctx.client.kind != ClientKind::Internal {
        ctx.leave(ProcessRequest::SaveFlushed);
    }
    ctx.reply.ok();
    Ok(())
}

/// Whether memory is to be freed on another thread.
fn is_lazy(ctx: &Context<'_>, mut args: Args<'_>) -> Result<bool, Stop> {
    if args.is_empty() {
        return Ok(ctx.engine.config.lazy_free.lazyfree_lazy_user_flush);
    }
    let is_lazy = args.keyword("ASYNC");
    if !is_lazy && !args.keyword("SYNC") {
        return Err(Stop::SYNTAX);
    }
    args.end()?;
    Ok(is_lazy)
}

#[cfg(test)]
mod tests {
    use crate::testing::{Bench, changes, check, propagates_on};
    use engine::facts::requests::ProcessRequest;
    use keyspace::{ExpiryMode, NewExpiry, View};

    fn bench_with_keys() -> Bench {
        let mut bench = Bench::new();
        for database in [0, 0, 3] {
            let view = View { database, now_ms: 0, expiry: ExpiryMode::Delete, touch: true };
            let key = bench.node.keyspace.len(database).to_string();
            bench.node.keyspace.keys(view).set_string(key.as_bytes(), b"value", NewExpiry::Clear);
        }
        bench
    }

    #[test]
    fn one_database_or_all() {
        let mut bench = bench_with_keys();
        assert_eq!(bench.run("FLUSHDB ASYNC"), "OK");
        assert_eq!((bench.node.keyspace.len(0), bench.node.keyspace.len(3)), (0, 1));
        assert_eq!(bench.run("FLUSHALL"), "OK");
        assert!(bench.node.keyspace.is_empty());
    }

    #[test]
    fn tells_replicas_even_when_there_was_nothing() {
        propagates_on(&mut Bench::new(), "FLUSHALL -> FLUSHALL | FLUSHDB SYNC -> FLUSHDB SYNC");
    }

    #[test]
    fn counts_the_keys_as_changes() {
        changes("MSET a 1 b 2 -> 2 | FLUSHALL -> 2 | FLUSHALL -> 0 | SET a 1 -> 1 | FLUSHDB -> 1");
    }

    #[test]
    fn what_is_on_disk_is_out_of_date() {
        let mut bench = bench_with_keys();
        for (request, asks) in [("FLUSHDB", false), ("FLUSHALL", true)] {
            bench.run(request);
            let asked = std::mem::take(&mut bench.node.engine.requests);
            assert_eq!(asked.iter().any(|one| one.request == ProcessRequest::SaveFlushed), asks, "{request}");
        }
    }

    #[test]
    fn takes_one_word_at_most() {
        check("FLUSHALL now -> ERR syntax error | FLUSHDB SYNC ASYNC -> ERR syntax error");
    }
}
