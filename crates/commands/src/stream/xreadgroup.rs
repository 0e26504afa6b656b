//! XREADGROUP: hand new entries of streams to a consumer of a group, or show it again those that it has not acknowledged.

use super::delivery::{GroupName, Requests, Taker};
use super::xread::{Member, Reading, STREAMS, Shown, streams_from};
use super::{id, reply};
use crate::prelude::*;
use datatypes::stream::{Group as ConsumerGroup, Id, Log};
use engine::blocking::Wanted;
use keyspace::Type;
use resp::reply::Reply;
use std::ops::Bound;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: xreadgroup,
    subcommands: &[],
    spec: Spec {
        name: "XREADGROUP",
        summary: "Hands new entries of streams to a consumer of a group, or shows those that it has pending.",
        since: "5.0.0",
        complexity: "O(M) for each stream with M the number of entries returned.",
        group: Group::Stream,
        arity: Arity::AtLeast(7),
        flags: WRITE.and(BLOCKING).and(MOVABLEKEYS),
        keys: &[streams_from(4)],
        args: &[
            Arg::block("group-block", &[Arg::string("group"), Arg::string("consumer")]).after("GROUP"),
            Arg::integer("count").after("COUNT").optional(),
            Arg::integer("milliseconds").after("BLOCK").optional(),
            Arg::token("noack", "NOACK").optional(),
            STREAMS,
        ],
        ..Spec::NEW
    },
}];

/// What a consumer wants of a stream.
#[derive(Clone, Copy, PartialEq)]
enum Wish {
    /// Entries that nobody was handed yet.
    New,
    /// What it has pending behind this identifier.
    Pending(Id),
}

fn wish_of(word: &[u8]) -> Result<Wish, Stop> {
    match word {
        b"$" => Err(Stop::error(
            "ERR The $ ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer \
             by specifying a proper ID, or use the > ID to get new messages. The $ ID would just return an empty \
             result set.",
        )),
        b"+" => Err(Stop::error(
            "ERR The + ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer \
             by specifying a proper ID, or use the > ID to get new messages. The + ID would just return an empty \
             result set.",
        )),
        b">" => Ok(Wish::New),
        // The highest of all identifiers is how Redis writes `>` down.
        word => Ok(match id::parse_strict(word)? {
            Id::MAX => Wish::New,
            id => Wish::Pending(id),
        }),
    }
}

fn xreadgroup(ctx: &mut Context<'_>, args: Args<'_>) -> Result<(), Stop> {
    let reading = Reading::parse(args, true, ctx.engine.clock.monotonic_ms)?;
    let Some(member) = reading.member else { return Err(Stop::SYNTAX) };
    let mut wishes = Vec::new();
    for (key, word) in reading.keys_and_words() {
        let name = GroupName { key, group: member.group };
        let has_group = ctx.keys.stream(key)?.is_some_and(|stream| stream.group(member.group).is_some());
        if !has_group {
            return Err(name.missing(" in XREADGROUP with GROUP option"));
        }
        wishes.push(wish_of(word)?);
    }
    let (mut shown, mut requests) = (Shown::open(ctx), Requests::default());
    for (key, wish) in reading.keys().zip(wishes) {
        read_stream(ctx, &reading, member, (key, wish), &mut shown, &mut requests)?;
    }
    let has_shown = !shown.is_empty();
    if has_shown {
        shown.close(&mut ctx.reply);
    }
    requests.pass_on(ctx);
    if has_shown { Ok(()) } else { reading.wait(ctx, Wanted::kind(Type::Stream).or_gone(), &[]) }
}

fn read_stream(
    ctx: &mut Context<'_>,
    reading: &Reading<'_>,
    member: Member<'_>,
    (key, wish): (&[u8], Wish),
    shown: &mut Shown,
    requests: &mut Requests,
) -> Result<(), Stop> {
    let now_ms = ctx.now_ms();
    let taker = Taker { name: GroupName { key, group: member.group }, consumer: member.consumer, now_ms };
    let Some(mut edit) = ctx.keys.stream_mut(key)? else { return Ok(()) };
    let Some((log, group)) = edit.group_mut(member.group) else { return Ok(()) };
    let is_new = group.create_consumer(member.consumer, now_ms);
    if is_new && reading.no_ack {
        requests.consumer(taker.name, member.consumer);
    }
    if let Some(consumer) = group.consumer_mut(member.consumer) {
        consumer.seen_ms = now_ms;
    }
    let has_new = log.last().is_some_and(|last| last.id > group.last_id);
    let is_shown = wish != Wish::New || has_new;
    if is_shown {
        shown.begin(&mut ctx.reply, key);
        match wish {
            Wish::New => hand_out(&mut ctx.reply, taker, log, group, reading, requests),
            Wish::Pending(behind) => show_pending(&mut ctx.reply, taker, log, group, (behind, reading.count)),
        }
    }
    if is_new {
        edit.modified(Event::XGROUP_CREATECONSUMER);
    }
    edit.add_dirty(u64::from(is_shown));
    Ok(())
}

/// Hands out entries that nobody was handed yet.
fn hand_out(
    reply: &mut Reply<'_>,
    taker: Taker<'_>,
    log: &Log,
    group: &mut ConsumerGroup,
    reading: &Reading<'_>,
    requests: &mut Requests,
) {
    let place = reply.open_array();
    let mut count = 0;
    let Some(start) = group.last_id.next() else { return reply.close_array(&place, 0) };
    for entry in log.range(start, Id::MAX).take(reading.count) {
        group.advance(log, entry.id);
        reply::write_entry(reply, &entry);
        count += 1;
        if !reading.no_ack {
            super::delivery::claim(taker, group, entry.id, taker.now_ms, 1, requests);
        }
    }
    requests.group_id(taker.name, group);
    reply.close_array(&place, count);
}

/// Shows a consumer again what it has pending. An entry that is gone from the stream is shown without fields.
fn show_pending(
    reply: &mut Reply<'_>,
    taker: Taker<'_>,
    log: &Log,
    group: &mut ConsumerGroup,
    (behind, count): (Id, usize),
) {
    let pending =
        group.consumer(taker.consumer).map(|consumer| consumer.pending().clone()).unwrap_or_default();
    let place = reply.open_array();
    let mut shown = 0;
    for (id, ()) in pending.range(Bound::Excluded(behind), Bound::Unbounded).take(count) {
        shown += 1;
        let Some(entry) = log.entry(id) else {
            reply.array(2);
            reply::write_id(reply, id);
            reply.null_array();
            continue;
        };
        reply::write_entry(reply, &entry);
        if let Some(pending) = group.pending_mut(id) {
            pending.delivered_ms = taker.now_ms;
            pending.deliveries = pending.deliveries.saturating_add(1);
        }
    }
    reply.close_array(&place, shown);
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, notifies, propagates};

    #[test]
    fn hands_out_and_shows_again() {
        check(
            r#"XADD s 1 a b | XADD s 2 c d | XGROUP CREATE s g 0 | XREADGROUP GROUP g one COUNT 1 STREAMS s > -> [["s", [["1-0", ["a", "b"]]]]]
            XREADGROUP GROUP g two STREAMS s > -> [["s", [["2-0", ["c", "d"]]]]] | XREADGROUP GROUP g two STREAMS s > -> nil[]
            XREADGROUP GROUP g one STREAMS s 0 -> [["s", [["1-0", ["a", "b"]]]]] | XREADGROUP GROUP g one STREAMS s 1 -> [["s", []]]
            XPENDING s g - + 9 -> [["1-0", "one", 0, 2], ["2-0", "two", 0, 1]] | XDEL s 1
            XREADGROUP GROUP g one STREAMS s 0 -> [["s", [["1-0", nil[]]]]]
            XREADGROUP GROUP x one STREAMS s 0 -> NOGROUP No such key 's' or consumer group 'x' in XREADGROUP with GROUP option
            XREADGROUP COUNT 1 BLOCK 1 STREAMS s > -> ERR Missing GROUP option for XREADGROUP"#,
        );
    }

    #[test]
    fn waits_for_an_entry_or_the_end() {
        check(
            r#"XGROUP CREATE s g $ MKSTREAM | #2 XREADGROUP GROUP g one BLOCK 0 STREAMS s > -> waits
            #3 XREADGROUP GROUP g two BLOCK 0 STREAMS s > -> waits | XADD s 1 a b | #2 AWAITED -> [["s", [["1-0", ["a", "b"]]]]]
            DEL s | #3 AWAITED -> NOGROUP No such key 's' or consumer group 'g' in XREADGROUP with GROUP option"#,
        );
    }

    #[test]
    fn passes_on_claims() {
        propagates(
            "XADD s 1 a b | XADD s 2 c d | XGROUP CREATE s g 0
            XREADGROUP GROUP g one COUNT 1 STREAMS s > -> MULTI; XCLAIM s g one 0 1-0 TIME {ms} RETRYCOUNT 1 FORCE JUSTID LASTID 1-0; XGROUP SETID s g 1-0 ENTRIESREAD 1; EXEC
            XREADGROUP GROUP g two NOACK STREAMS s > -> MULTI; XGROUP CREATECONSUMER s g two; XGROUP SETID s g 2-0 ENTRIESREAD 2; EXEC
            XREADGROUP GROUP g three STREAMS s > -> nothing | XREADGROUP GROUP g one STREAMS s 0 -> nothing",
        );
        notifies(
            "XADD s 1 a b | XGROUP CREATE s g 0 -> xgroup-create s | XREADGROUP GROUP g one STREAMS s > -> xgroup-createconsumer s",
        );
    }
}
