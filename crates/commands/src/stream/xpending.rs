//! XPENDING: which entries a group was handed and has not acknowledged.

use super::delivery::GroupName;
use super::{id, reply};
use crate::prelude::*;
use datatypes::stream::{Group as ConsumerGroup, Id};
use resp::reply::Reply;
use std::ops::Bound;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: xpending,
    subcommands: &[],
    spec: Spec {
        name: "XPENDING",
        summary: "Returns which entries a group was handed and has not acknowledged.",
        since: "5.0.0",
        complexity: "O(N) with N the number of entries returned or passed over.",
        group: Group::Stream,
        arity: Arity::AtLeast(3),
        flags: READONLY,
        keys: &[KeySpec::at(1).ro().access()],
        args: &[
            Arg::key("key"),
            Arg::string("group"),
            Arg::block(
                "filters",
                &[
                    Arg::integer("min-idle-time").after("IDLE").optional().since("6.2.0"),
                    Arg::string("start"),
                    Arg::string("end"),
                    Arg::integer("count"),
                    Arg::string("consumer").optional(),
                ],
            )
            .optional(),
        ],
        history: &[("6.2.0", "The option `IDLE` and identifiers that are excluded.")],
        tips: &["nondeterministic_output"],
        ..Spec::NEW
    },
}];

/// Which entries are to be shown one by one.
struct Filter<'a> {
    min_idle_ms: i64,
    start: Id,
    end: Id,
    count: usize,
    consumer: Option<&'a [u8]>,
}

impl<'a> Filter<'a> {
    /// Reads the words behind the group: none, or at least three.
    fn parse(mut args: Args<'a>) -> Result<Option<Filter<'a>>, Stop> {
        match args.len() {
            0 => return Ok(None),
            3..=6 => {}
            _ => return Err(Stop::SYNTAX),
        }
        let mut min_idle_ms = 0;
        if args.keyword("IDLE") {
            min_idle_ms = args.integer()?;
            if args.len() < 3 {
                return Err(Stop::SYNTAX);
            }
        }
        let (start, end) = (args.next()?, args.next()?);
        let count = usize::try_from(args.integer()?).unwrap_or(0);
        let (start, end) = (id::parse_start(start)?, id::parse_end(end)?);
        let consumer = args.next().ok();
        Ok(Some(Filter { min_idle_ms, start, end, count, consumer }))
    }
}

fn xpending(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let name = GroupName { key: args.next()?, group: args.next()? };
    let filter = Filter::parse(args)?;
    let now_ms = ctx.now_ms();
    let stream = ctx.keys.stream(name.key)?;
    let group = stream.and_then(|stream| stream.group(name.group)).ok_or_else(|| name.missing(""))?;
    match filter {
        None => write_overview(&mut ctx.reply, group),
        Some(filter) => write_filtered(&mut ctx.reply, group, &filter, now_ms),
    }
    Ok(())
}

fn write_overview(reply: &mut Reply<'_>, group: &ConsumerGroup) {
    let pending = group.pending();
    reply.array(4);
    reply.integer(reply::number(pending.len()));
    let (Some((first, _)), Some((last, _))) = (pending.first(), pending.last()) else {
        reply.null();
        reply.null();
        return reply.null_array();
    };
    reply::write_id(reply, first);
    reply::write_id(reply, last);
    let having = group.consumers().filter(|(_, consumer)| !consumer.pending().is_empty());
    let having: Vec<_> = having.collect();
    reply.array(having.len());
    for (name, consumer) in having {
        reply.array(2);
        reply.bulk(name);
        reply.bulk_integer(reply::number(consumer.pending().len()));
    }
}

fn write_filtered(reply: &mut Reply<'_>, group: &ConsumerGroup, filter: &Filter<'_>, now_ms: i64) {
    let bounds = (Bound::Included(filter.start), Bound::Included(filter.end));
    let ids: Box<dyn Iterator<Item = Id>> = match filter.consumer {
        None => Box::new(group.pending().range(bounds.0, bounds.1).map(|(id, _)| id)),
        Some(name) => match group.consumer(name) {
            Some(consumer) => Box::new(consumer.pending().range(bounds.0, bounds.1).map(|(id, ())| id)),
            None => Box::new(std::iter::empty()),
        },
    };
    let entries = ids.filter_map(|id| group.pending().get(id).map(|pending| (id, pending)));
    let is_idle = |delivered_ms: i64| {
        filter.min_idle_ms == 0 || now_ms.saturating_sub(delivered_ms) >= filter.min_idle_ms
    };
    let place = reply.open_array();
    let mut count = 0;
    for (id, pending) in entries.filter(|(_, pending)| is_idle(pending.delivered_ms)).take(filter.count) {
        count += 1;
        reply.array(4);
        reply::write_id(reply, id);
        reply.bulk(&pending.consumer);
        reply.integer(now_ms.saturating_sub(pending.delivered_ms).max(0));
        reply.integer(pending.deliveries.cast_signed());
    }
    reply.close_array(&place, count);
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn shows_what_is_pending() {
        check(
            r#"XADD s 1 a b | XADD s 2 a b | XGROUP CREATE s g 0 | XPENDING s g -> [0, nil, nil, nil[]]
            XREADGROUP GROUP g one COUNT 1 STREAMS s > | @100 | XREADGROUP GROUP g two STREAMS s >
            XPENDING s g -> [2, "1-0", "2-0", [["one", "1"], ["two", "1"]]] | XPENDING s g - + 9 one -> [["1-0", "one", 100, 1]]
            XPENDING s g IDLE 50 - + 9 -> [["1-0", "one", 100, 1]] | XPENDING s g (1 + 9 -> [["2-0", "two", 0, 1]]
            XPENDING s g - + 9 none -> [] | XPENDING s g - + 0 -> [] | XPENDING s g - + -> ERR syntax error
            XPENDING s x -> NOGROUP No such key 's' or consumer group 'x' | XPENDING s g IDLE 1 - + -> ERR syntax error"#,
        );
    }
}
