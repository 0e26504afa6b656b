//! XINFO: what a stream, its groups and their consumers are like.

use super::delivery::GroupName;
use super::reply::{self, number, write_entry, write_id};
use super::xgroup::wrong_arguments;
use crate::grammar::help;
use crate::prelude::*;
use datatypes::stream::{Consumer, Entry, Group as ConsumerGroup, Id, Log, Stream};
use engine::command::only_subcommands;
use resp::reply::Reply;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: only_subcommands,
    subcommands: SUBCOMMANDS,
    spec: Spec {
        name: "XINFO",
        summary: "Contains the subcommands that look at streams and consumer groups.",
        since: "5.0.0",
        complexity: "That of the subcommand.",
        group: Group::Stream,
        arity: Arity::AtLeast(2),
        ..Spec::NEW
    },
}];

const SUBCOMMANDS: &[Command] = &[
    Command {
        run: consumers,
        subcommands: &[],
        spec: Spec {
            name: "CONSUMERS",
            summary: "Returns the consumers of a group.",
            arity: Arity::Exactly(4),
            args: &[Arg::key("key"), Arg::string("group")],
            history: &[("7.2.0", "The field `inactive`.")],
            tips: &["nondeterministic_output"],
            ..XINFO
        },
    },
    Command {
        run: groups,
        subcommands: &[],
        spec: Spec {
            name: "GROUPS",
            summary: "Returns the consumer groups of a stream.",
            arity: Arity::Exactly(3),
            args: &[Arg::key("key")],
            history: &[("7.0.0", "The fields `entries-read` and `lag`.")],
            ..XINFO
        },
    },
    Command {
        run: xinfo_help,
        subcommands: &[],
        spec: Spec {
            name: "HELP",
            summary: "Lists the subcommands.",
            arity: Arity::Exactly(2),
            flags: LOADING.and(STALE),
            keys: &[],
            ..XINFO
        },
    },
    Command {
        run: stream,
        subcommands: &[],
        spec: Spec {
            name: "STREAM",
            summary: "Returns what a stream is like.",
            arity: Arity::AtLeast(3),
            args: &[
                Arg::key("key"),
                Arg::block(
                    "full-block",
                    &[Arg::token("full", "FULL"), Arg::integer("count").after("COUNT").optional()],
                )
                .optional(),
            ],
            history: &[
                ("6.0.0", "The option `FULL`."),
                (
                    "7.0.0",
                    "The fields `max-deleted-entry-id`, `entries-added`, `recorded-first-entry-id`, `entries-read` and `lag`.",
                ),
                ("7.2.0", "The field `active-time`."),
            ],
            ..XINFO
        },
    },
];

const XINFO: Spec = Spec {
    since: "5.0.0",
    complexity: "O(1)",
    group: Group::Stream,
    flags: READONLY,
    keys: &[KeySpec::at(2).ro().access()],
    ..Spec::NEW
};

/// How many entries are shown in full, if it is not told.
const FULL_COUNT: usize = 10;

fn consumers(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let name = GroupName { key: args.next()?, group: args.next()? };
    let now_ms = ctx.now_ms();
    let stream = ctx.keys.stream(name.key)?.ok_or(Stop::NO_SUCH_KEY)?;
    let group = stream.group(name.group).ok_or_else(|| name.missing_in_key())?;
    let out = &mut ctx.reply;
    out.array(group.consumers().len());
    for (name, consumer) in group.consumers() {
        out.map(4);
        out.bulk(b"name");
        out.bulk(name);
        out.bulk(b"pending");
        out.integer(number(consumer.pending().len()));
        out.bulk(b"idle");
        out.integer(now_ms.saturating_sub(consumer.seen_ms).max(0));
        out.bulk(b"inactive");
        out.integer(consumer.active_ms.map_or(-1, |active_ms| now_ms.saturating_sub(active_ms).max(0)));
    }
    Ok(())
}

fn write_optional(out: &mut Reply<'_>, value: Option<i64>) {
    match value {
        Some(value) => out.integer(value),
        None => out.null(),
    }
}

fn groups(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let stream = ctx.keys.stream(args.next()?)?.ok_or(Stop::NO_SUCH_KEY)?;
    let out = &mut ctx.reply;
    out.array(stream.groups().len());
    for (name, group) in stream.groups() {
        out.map(6);
        out.bulk(b"name");
        out.bulk(name);
        out.bulk(b"consumers");
        out.integer(number(group.consumers().len()));
        out.bulk(b"pending");
        out.integer(number(group.pending().len()));
        out.bulk(b"last-delivered-id");
        write_id(out, group.last_id);
        write_progress(out, group, stream.log());
    }
    Ok(())
}

fn write_progress(out: &mut Reply<'_>, group: &ConsumerGroup, log: &Log) {
    out.bulk(b"entries-read");
    write_optional(out, group.entries_read.map(u64::cast_signed));
    out.bulk(b"lag");
    write_optional(out, group.lag(log));
}

fn stream(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let key = args.next()?;
    let full = full_count(args);
    let stream = ctx.keys.stream(key)?.ok_or(Stop::NO_SUCH_KEY)?;
    match full? {
        Some(count) => write_full(&mut ctx.reply, stream, count),
        None => write_short(&mut ctx.reply, stream),
    }
    Ok(())
}

/// How many entries are to be shown in full; none if FULL is not given.
fn full_count(mut args: Args<'_>) -> Result<Option<usize>, Stop> {
    let words = args;
    match args.len() {
        0 => Ok(None),
        1 if args.keyword("FULL") => Ok(Some(FULL_COUNT)),
        3 if args.keyword("FULL") && args.keyword("COUNT") => {
            let count = args.integer()?;
            let count = usize::try_from(count).unwrap_or(FULL_COUNT);
            Ok(Some(if count == 0 { usize::MAX } else { count }))
        }
        _ => Err(wrong_arguments(words, "XINFO")),
    }
}

/// The fields that both forms begin with.
fn write_head(out: &mut Reply<'_>, log: &Log) {
    let marks = log.marks();
    for (name, value) in [
        ("length", log.len()),
        ("radix-tree-keys", log.block_count()),
        ("radix-tree-nodes", log.radix_node_count()),
    ] {
        out.bulk(name.as_bytes());
        out.integer(number(value));
    }
    out.bulk(b"last-generated-id");
    write_id(out, marks.last_id);
    out.bulk(b"max-deleted-entry-id");
    write_id(out, marks.max_deleted_id);
    out.bulk(b"entries-added");
    out.integer(marks.entries_added.cast_signed());
    out.bulk(b"recorded-first-entry-id");
    write_id(out, marks.first_id);
}

fn write_short(out: &mut Reply<'_>, stream: &Stream) {
    let log = stream.log();
    let write_optional_entry = |out: &mut Reply<'_>, entry: Option<Entry<'_>>| match entry {
        Some(entry) => write_entry(out, &entry),
        None => out.null(),
    };
    out.map(10);
    write_head(out, log);
    out.bulk(b"groups");
    out.integer(number(stream.groups().len()));
    out.bulk(b"first-entry");
    write_optional_entry(out, log.first());
    out.bulk(b"last-entry");
    write_optional_entry(out, log.last());
}

fn write_full(out: &mut Reply<'_>, stream: &Stream, count: usize) {
    out.map(9);
    write_head(out, stream.log());
    out.bulk(b"entries");
    reply::write_entries(out, stream.log().range(Id::MIN, Id::MAX), count);
    out.bulk(b"groups");
    out.array(stream.groups().len());
    for (name, group) in stream.groups() {
        write_full_group(out, name, group, (stream.log(), count));
    }
}

fn write_full_group(out: &mut Reply<'_>, name: &[u8], group: &ConsumerGroup, (log, count): (&Log, usize)) {
    out.map(7);
    out.bulk(b"name");
    out.bulk(name);
    out.bulk(b"last-delivered-id");
    write_id(out, group.last_id);
    write_progress(out, group, log);
    out.bulk(b"pel-count");
    out.integer(number(group.pending().len()));
    out.bulk(b"pending");
    out.array(group.pending().len().min(count));
    for (id, pending) in group.pending().iter().take(count) {
        out.array(4);
        write_id(out, id);
        out.bulk(&pending.consumer);
        out.integer(pending.delivered_ms);
        out.integer(pending.deliveries.cast_signed());
    }
    out.bulk(b"consumers");
    out.array(group.consumers().len());
    for (name, consumer) in group.consumers() {
        write_full_consumer(out, name, consumer, (group, count));
    }
}

fn write_full_consumer(
    out: &mut Reply<'_>,
    name: &[u8],
    consumer: &Consumer,
    (group, count): (&ConsumerGroup, usize),
) {
    out.map(5);
    out.bulk(b"name");
    out.bulk(name);
    out.bulk(b"seen-time");
    out.integer(consumer.seen_ms);
    out.bulk(b"active-time");
    out.integer(consumer.active_ms.unwrap_or(-1));
    out.bulk(b"pel-count");
    out.integer(number(consumer.pending().len()));
    out.bulk(b"pending");
    let ids = consumer.pending().iter().take(count).map(|(id, ())| id);
    let pending: Vec<_> = ids.filter_map(|id| group.pending().get(id).map(|pending| (id, pending))).collect();
    out.array(pending.len());
    for (id, pending) in pending {
        out.array(3);
        write_id(out, id);
        out.integer(pending.delivered_ms);
        out.integer(pending.deliveries.cast_signed());
    }
}

fn xinfo_help(ctx: &mut Context<'_>, _: Args<'_>) -> Result<(), Stop> {
    help::reply(
        &mut ctx.reply,
        "XINFO",
        &[
            ("CONSUMERS <key> <groupname>", &["List the consumers of the group."]),
            ("GROUPS <key>", &["List the consumer groups of the stream."]),
            ("STREAM <key> [FULL [COUNT <count>]", &["Tell what the stream is like."]),
        ],
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn tells_of_streams_groups_and_consumers() {
        check(
            r#"XADD s 1 a b | XADD s 2 a b | XGROUP CREATE s g 0 | XREADGROUP GROUP g c COUNT 1 STREAMS s > | @5
            XINFO STREAM s -> ["length", 2, "radix-tree-keys", 1, "radix-tree-nodes", 2, "last-generated-id", "2-0", "max-deleted-entry-id", "0-0", "entries-added", 2, "recorded-first-entry-id", "1-0", "groups", 1, "first-entry", ["1-0", ["a", "b"]], "last-entry", ["2-0", ["a", "b"]]]
            XINFO GROUPS s -> [["name", "g", "consumers", 1, "pending", 1, "last-delivered-id", "1-0", "entries-read", 1, "lag", 1]]
            XINFO CONSUMERS s g -> [["name", "c", "pending", 1, "idle", 5, "inactive", 5]]
            XINFO STREAM s FULL COUNT 1 -> ["length", 2, "radix-tree-keys", 1, "radix-tree-nodes", 2, "last-generated-id", "2-0", "max-deleted-entry-id", "0-0", "entries-added", 2, "recorded-first-entry-id", "1-0", "entries", [["1-0", ["a", "b"]]], "groups", [["name", "g", "last-delivered-id", "1-0", "entries-read", 1, "lag", 1, "pel-count", 1, "pending", [["1-0", "c", {ms-5}, 1]], "consumers", [["name", "c", "seen-time", {ms-5}, "active-time", {ms-5}, "pel-count", 1, "pending", [["1-0", {ms-5}, 1]]]]]]]
            XINFO STREAM s FOO -> ERR unknown subcommand or wrong number of arguments for 'STREAM'. Try XINFO HELP.
            XINFO GROUPS none -> ERR no such key | XINFO CONSUMERS s x -> NOGROUP No such consumer group 'x' for key name 's'"#,
        );
    }
}
