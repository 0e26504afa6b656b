//! XAUTOCLAIM: hand entries that were not acknowledged for some time to another consumer, wherever they are.

use super::delivery::{self, GroupName, Requests, Taker};
use super::{id, reply};
use crate::prelude::*;
use datatypes::stream::{Group as ConsumerGroup, Id, Log};
use resp::reply::Reply;
use std::ops::Bound;

/// How many pending entries are looked at for each that may be claimed.
const ATTEMPTS_FACTOR: usize = 10;
const COUNT_MAX: i64 = i64::MAX / 16;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: xautoclaim,
    subcommands: &[],
    spec: Spec {
        name: "XAUTOCLAIM",
        summary: "Hands entries that have been pending for long enough to a consumer.",
        since: "6.2.0",
        complexity: "O(1) if COUNT is small.",
        group: Group::Stream,
        arity: Arity::AtLeast(6),
        flags: WRITE.and(FAST),
        keys: &[KeySpec::at(1).rw().delete()],
        args: &[
            Arg::key("key"),
            Arg::string("group"),
            Arg::string("consumer"),
            Arg::string("min-idle-time"),
            Arg::string("start"),
            Arg::integer("count").after("COUNT").optional(),
            Arg::token("justid", "JUSTID").optional(),
        ],
        history: &[("7.0.0", "Also returns the entries that are gone from the stream.")],
        tips: &["nondeterministic_output"],
        ..Spec::NEW
    },
}];

struct Claim {
    min_idle_ms: i64,
    start: Id,
    count: usize,
    only_id: bool,
}

impl Claim {
    fn parse(mut args: Args<'_>) -> Result<Claim, Stop> {
        let min_idle_ms = args.integer_or("ERR Invalid min-idle-time argument for XAUTOCLAIM")?.max(0);
        let start = id::parse_start(args.next()?)?;
        let mut claim = Claim { min_idle_ms, start, count: 100, only_id: false };
        while !args.is_empty() {
            if args.len() > 1 && args.keyword("COUNT") {
                let error = "ERR COUNT must be > 0";
                let count = args.integer_or(error)?;
                if !(1..=COUNT_MAX).contains(&count) {
                    return Err(Stop::error(error));
                }
                claim.count = usize::try_from(count).unwrap_or(usize::MAX);
            } else if args.keyword("JUSTID") {
                claim.only_id = true;
            } else {
                return Err(Stop::SYNTAX);
            }
        }
        Ok(claim)
    }

    /// How many times an entry will have been handed out if it is claimed; none if it is not idle for long enough.
    fn deliveries_of(&self, group: &ConsumerGroup, id: Id, now_ms: i64) -> Option<u64> {
        let pending = group.pending().get(id)?;
        let is_idle =
            self.min_idle_ms == 0 || now_ms.saturating_sub(pending.delivered_ms) >= self.min_idle_ms;
        is_idle.then(|| pending.deliveries.saturating_add(u64::from(!self.only_id)))
    }

    /// Claims entries, and writes them and then those that are gone; tells how many there were, and where to go on.
    fn run(
        &self,
        out: &mut Reply<'_>,
        taker: Taker<'_>,
        (log, group): (&Log, &mut ConsumerGroup),
        requests: &mut Requests,
    ) -> (usize, Id) {
        // The map as it was: entries change hands while it is walked.
        let pending = group.pending().clone();
        let mut ids = pending.range(Bound::Included(self.start), Bound::Unbounded).map(|(id, _)| id);
        let (mut claimed, mut gone) = (0, Vec::new());
        let place = out.open_array();
        let attempts = self.count.saturating_mul(ATTEMPTS_FACTOR);
        for id in ids.by_ref().take(attempts) {
            if log.entry(id).is_none() {
                delivery::drop_missing(taker.name, group, id, requests);
                gone.push(id);
            } else if let Some(deliveries) = self.deliveries_of(group, id, taker.now_ms) {
                delivery::claim(taker, group, id, taker.now_ms, deliveries, requests);
                delivery::write_claimed(out, log, id, self.only_id);
                claimed += 1;
            }
            if claimed + gone.len() == self.count {
                break;
            }
        }
        out.close_array(&place, claimed);
        out.array(gone.len());
        gone.iter().for_each(|id| reply::write_id(out, *id));
        (claimed + gone.len(), ids.next().unwrap_or(Id::MIN))
    }
}

fn xautoclaim(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let now_ms = ctx.now_ms();
    let name = GroupName { key: args.next()?, group: args.next()? };
    let taker = Taker { name, consumer: args.next()?, now_ms };
    let claim = Claim::parse(args)?;
    let has_group = ctx.keys.stream(name.key)?.is_some_and(|stream| stream.group(name.group).is_some());
    if !has_group {
        return Err(name.missing(""));
    }
    let mut edit = ctx.keys.stream_mut(name.key)?.ok_or_else(|| name.missing(""))?;
    let (log, group) = edit.group_mut(name.group).ok_or_else(|| name.missing(""))?;
    let is_new = group.create_consumer(taker.consumer, now_ms);
    if let Some(consumer) = group.consumer_mut(taker.consumer) {
        consumer.seen_ms = now_ms;
    }
    let mut requests = Requests::default();
    let mut entries = Vec::new();
    let mut out = Reply::new(&mut entries, ctx.reply.version());
    let (changes, next) = claim.run(&mut out, taker, (log, group), &mut requests);
    if is_new {
        edit.modified(Event::XGROUP_CREATECONSUMER);
    }
    edit.add_dirty(changes as u64);
    drop(edit);
    ctx.reply.array(3);
    reply::write_id(&mut ctx.reply, next);
    ctx.reply.encoded(&entries);
    requests.pass_on(ctx);
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, propagates};

    #[test]
    fn claims_what_is_idle() {
        check(
            r#"XADD s 1 a b | XADD s 2 c d | XADD s 3 e f | XGROUP CREATE s g 0 | XREADGROUP GROUP g one STREAMS s > | @50 | XDEL s 2
            XAUTOCLAIM s g two 60 0 -> ["0-0", [], ["2-0"]] | XAUTOCLAIM s g two 50 0 COUNT 1 -> ["3-0", [["1-0", ["a", "b"]]], []]
            XAUTOCLAIM s g two 50 - JUSTID -> ["0-0", ["3-0"], []] | XPENDING s g - + 9 -> [["1-0", "two", 0, 2], ["3-0", "two", 0, 1]]
            XAUTOCLAIM s g two 0 0 COUNT 0 -> ERR COUNT must be > 0 | XAUTOCLAIM s g two 0 0 FOO -> ERR syntax error
            XAUTOCLAIM s g two x 0 -> ERR Invalid min-idle-time argument for XAUTOCLAIM
            XAUTOCLAIM s x two 0 0 -> NOGROUP No such key 's' or consumer group 'x'"#,
        );
        propagates(
            "XADD s 1 a b | XGROUP CREATE s g 0 | XREADGROUP GROUP g one STREAMS s >
            XAUTOCLAIM s g two 0 0 -> XCLAIM s g two 0 1-0 TIME {ms} RETRYCOUNT 2 FORCE JUSTID LASTID 1-0
            XDEL s 1 | XAUTOCLAIM s g one 0 0 -> XCLAIM s g two 0 1-0 TIME {ms} RETRYCOUNT 2 FORCE JUSTID LASTID 1-0",
        );
    }
}
