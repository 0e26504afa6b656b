//! XCLAIM: hand entries that were not acknowledged to another consumer.

use super::delivery::{self, GroupName, Requests, Taker};
use super::id;
use crate::prelude::*;
use datatypes::stream::{Group as ConsumerGroup, Id, Log};
use resp::reply::Reply;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: xclaim,
    subcommands: &[],
    spec: Spec {
        name: "XCLAIM",
        summary: "Hands entries that a consumer has pending to another one.",
        since: "5.0.0",
        complexity: "O(log N) for each entry with N the number of entries that the group has pending.",
        group: Group::Stream,
        arity: Arity::AtLeast(6),
        flags: WRITE.and(FAST),
        keys: &[KeySpec::at(1).rw().update()],
        args: &[
            Arg::key("key"),
            Arg::string("group"),
            Arg::string("consumer"),
            Arg::string("min-idle-time"),
            Arg::string("id").multiple(),
            Arg::integer("ms").after("IDLE").optional(),
            Arg::unix_time("unix-time-milliseconds").after("TIME").optional(),
            Arg::integer("count").after("RETRYCOUNT").optional(),
            Arg::token("force", "FORCE").optional(),
            Arg::token("justid", "JUSTID").optional(),
            Arg::string("lastid").after("LASTID").optional(),
        ],
        tips: &["nondeterministic_output"],
        ..Spec::NEW
    },
}];

/// What is to be claimed, and how.
struct Claim {
    min_idle_ms: i64,
    ids: Vec<Id>,
    delivered_ms: i64,
    deliveries: Option<u64>,
    creates: bool,
    only_id: bool,
    last_id: Id,
}

impl Claim {
    fn parse(args: &mut Args<'_>, now_ms: i64) -> Result<Claim, Stop> {
        let min_idle_ms = args.integer_or("ERR Invalid min-idle-time argument for XCLAIM")?.max(0);
        let mut ids = Vec::new();
        while let Some(id) = args.peek().and_then(|word| id::parse_strict(word).ok()) {
            ids.push(id);
            args.next()?;
        }
        let mut claim = Claim {
            min_idle_ms,
            ids,
            delivered_ms: now_ms,
            deliveries: None,
            creates: false,
            only_id: false,
            last_id: Id::MIN,
        };
        while !args.is_empty() {
            claim.take_option(args, now_ms)?;
        }
        Ok(claim)
    }

    fn take_option(&mut self, args: &mut Args<'_>, now_ms: i64) -> Result<(), Stop> {
        let has_more = args.len() > 1;
        // A time that cannot be is now: clients compute it by clocks of their own.
        let past = |ms: i64| if (0..=now_ms).contains(&ms) { ms } else { now_ms };
        if args.keyword("FORCE") {
            self.creates = true;
        } else if args.keyword("JUSTID") {
            self.only_id = true;
        } else if has_more && args.keyword("IDLE") {
            let idle_ms = args.integer_or("ERR Invalid IDLE option argument for XCLAIM")?;
            self.delivered_ms = past(now_ms.wrapping_sub(idle_ms));
        } else if has_more && args.keyword("TIME") {
            self.delivered_ms = past(args.integer_or("ERR Invalid TIME option argument for XCLAIM")?);
        } else if has_more && args.keyword("RETRYCOUNT") {
            let count = args.integer_or("ERR Invalid RETRYCOUNT option argument for XCLAIM")?;
            self.deliveries = u64::try_from(count).ok();
        } else if has_more && args.keyword("LASTID") {
            self.last_id = id::parse_strict(args.next()?)?;
        } else {
            return Err(Stop::quoting("ERR Unrecognized XCLAIM option '", args.next()?, "'"));
        }
        Ok(())
    }

    /// The time and the count that an entry gets if it is claimed.
    fn delivery_of(&self, group: &ConsumerGroup, id: Id, now_ms: i64) -> Option<(i64, u64)> {
        let deliveries = match group.pending().get(id) {
            None if !self.creates => return None,
            None => 1,
            Some(pending)
                if self.min_idle_ms > 0 && now_ms.saturating_sub(pending.delivered_ms) < self.min_idle_ms =>
            {
                return None;
            }
            Some(pending) => pending.deliveries,
        };
        let counted = deliveries.saturating_add(u64::from(!self.only_id));
        Some((self.delivered_ms, self.deliveries.unwrap_or(counted)))
    }

    /// Claims the entries; tells how many changes that made.
    fn run(
        &self,
        reply: &mut Reply<'_>,
        taker: Taker<'_>,
        (log, group): (&Log, &mut ConsumerGroup),
        requests: &mut Requests,
    ) -> u64 {
        let (mut changes, mut shown) = (0, 0);
        let mut tells_last_id = self.last_id > group.last_id;
        group.last_id = group.last_id.max(self.last_id);
        let place = reply.open_array();
        for &id in &self.ids {
            if log.entry(id).is_none() {
                if delivery::drop_missing(taker.name, group, id, requests) {
                    changes += 1;
                    tells_last_id = false;
                }
            } else if let Some((delivered_ms, deliveries)) = self.delivery_of(group, id, taker.now_ms) {
                delivery::claim(taker, group, id, delivered_ms, deliveries, requests);
                delivery::write_claimed(reply, log, id, self.only_id);
                tells_last_id = false;
                changes += 1;
                shown += 1;
            }
        }
        if tells_last_id {
            requests.group_id(taker.name, group);
            changes += 1;
        }
        reply.close_array(&place, shown);
        changes
    }
}

fn xclaim(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let now_ms = ctx.now_ms();
    let name = GroupName { key: args.next()?, group: args.next()? };
    let taker = Taker { name, consumer: args.next()?, now_ms };
    let claim = Claim::parse(&mut args, now_ms);
    // Whether there is a group is told before what is wrong with the words.
    let has_group = ctx.keys.stream(name.key)?.is_some_and(|stream| stream.group(name.group).is_some());
    if !has_group {
        return Err(name.missing(""));
    }
    let claim = claim?;
    let mut edit = ctx.keys.stream_mut(name.key)?.ok_or_else(|| name.missing(""))?;
    let (log, group) = edit.group_mut(name.group).ok_or_else(|| name.missing(""))?;
    let is_new = group.create_consumer(taker.consumer, now_ms);
    if let Some(consumer) = group.consumer_mut(taker.consumer) {
        consumer.seen_ms = now_ms;
    }
    let mut requests = Requests::default();
    let changes = claim.run(&mut ctx.reply, taker, (log, group), &mut requests);
    if is_new {
        edit.modified(Event::XGROUP_CREATECONSUMER);
    }
    edit.add_dirty(changes);
    drop(edit);
    requests.pass_on(ctx);
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, propagates};

    #[test]
    fn hands_entries_over() {
        check(
            r#"XADD s 1 a b | XADD s 2 c d | XADD s 3 e f | XGROUP CREATE s g 0 | XREADGROUP GROUP g one COUNT 2 STREAMS s > | @50
            XCLAIM s g two 60 1 -> [] | XCLAIM s g two 50 1 9 -> [["1-0", ["a", "b"]]] | XCLAIM s g two 0 2 JUSTID -> ["2-0"]
            XPENDING s g - + 9 -> [["1-0", "two", 0, 2], ["2-0", "two", 0, 1]] | XCLAIM s g two 0 3 -> []
            XCLAIM s g one 0 3 FORCE JUSTID IDLE 7 RETRYCOUNT 5 -> ["3-0"] | XPENDING s g 3 3 9 -> [["3-0", "one", 7, 5]]
            XDEL s 1 | XCLAIM s g two 0 1 -> [] | XPENDING s g - + 9 two -> [["2-0", "two", 0, 1]]
            XCLAIM s g two x 1 -> ERR Invalid min-idle-time argument for XCLAIM | XCLAIM s g two 0 1 FOO -> ERR Unrecognized XCLAIM option 'FOO'
            XCLAIM s x two 0 1 -> NOGROUP No such key 's' or consumer group 'x'"#,
        );
    }

    #[test]
    fn passes_on_what_it_did() {
        propagates(
            "XADD s 1 a b | XGROUP CREATE s g 0 | XCLAIM s g one 0 1 -> nothing | XCLAIM s g one 0 LASTID 5 -> XGROUP SETID s g 5-0 ENTRIESREAD -1
            XCLAIM s g one 0 1 FORCE -> XCLAIM s g one 0 1-0 TIME {ms} RETRYCOUNT 2 FORCE JUSTID LASTID 5-0",
        );
    }
}
