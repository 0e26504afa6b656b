//! XREAD: the entries of several streams behind those that one has, or wait for one.

use super::{id, reply};
use crate::grammar::timeout;
use crate::prelude::*;
use datatypes::stream::{Id, Log};
use engine::blocking::Wanted;
use engine::command::key_spec::{BeginSearch, FindKeys};
use keyspace::Type;
use resp::reply::Version;
use resp::request::{OwnedRequest, Request};

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: xread,
    subcommands: &[],
    spec: Spec {
        name: "XREAD",
        summary: "Returns the entries of streams behind the given identifiers, or waits until there is one.",
        since: "5.0.0",
        complexity: "O(N) with N the number of entries returned.",
        group: Group::Stream,
        arity: Arity::AtLeast(4),
        flags: READONLY.and(BLOCKING).and(MOVABLEKEYS),
        keys: &[streams_from(1)],
        args: &[
            Arg::integer("count").after("COUNT").optional(),
            Arg::integer("milliseconds").after("BLOCK").optional(),
            STREAMS,
        ],
        ..Spec::NEW
    },
}];

/// The words from STREAMS on.
pub(super) const STREAMS: Arg =
    Arg::block("streams", &[Arg::key("key").multiple(), Arg::string("id").multiple()]).after("STREAMS");

/// Where the keys are: the first half of what follows STREAMS.
pub(super) const fn streams_from(word: i32) -> KeySpec {
    let find = FindKeys::Range { last: -1, step: 1, limit: 2 };
    KeySpec { begin: BeginSearch::Keyword("STREAMS", word), find, ..KeySpec::at(1) }.ro().access()
}

/// Who reads in a group, and whether what is read is acknowledged at once.
#[derive(Clone, Copy)]
pub(super) struct Member<'a> {
    pub(super) group: &'a [u8],
    pub(super) consumer: &'a [u8],
}

/// What XREAD and XREADGROUP are asked for.
pub(super) struct Reading<'a> {
    pub(super) request: Request<'a>,
    pub(super) deadline_ms: Option<u64>,
    pub(super) count: usize,
    pub(super) member: Option<Member<'a>>,
    pub(super) no_ack: bool,
    /// The word of the first key.
    keys_at: usize,
    streams: usize,
}

impl<'a> Reading<'a> {
    pub(super) fn parse(mut args: Args<'a>, is_group: bool, now_ms: u64) -> Result<Reading<'a>, Stop> {
        let request = args.request();
        let mut reading = Reading {
            request,
            deadline_ms: None,
            count: usize::MAX,
            member: None,
            no_ack: false,
            keys_at: 0,
            streams: 0,
        };
        while !args.is_empty() {
            let has_more = args.len() > 1;
            if has_more && args.keyword("STREAMS") {
                reading.keys_at = request.len() - args.len();
                reading.take_streams(args.len(), is_group)?;
                break;
            }
            reading.take_option(&mut args, is_group, now_ms)?;
        }
        if reading.keys_at == 0 {
            return Err(Stop::SYNTAX);
        }
        if is_group && reading.member.is_none() {
            return Err(Stop::error("ERR Missing GROUP option for XREADGROUP"));
        }
        Ok(reading)
    }

    fn take_option(&mut self, args: &mut Args<'a>, is_group: bool, now_ms: u64) -> Result<(), Stop> {
        let left = args.len();
        if left > 1 && args.keyword("BLOCK") {
            self.deadline_ms = Some(timeout::deadline_ms(args.next()?, now_ms)?);
        } else if left > 1 && args.keyword("COUNT") {
            // Redis reads no count, and any below 0, as "all".
            self.count =
                usize::try_from(args.integer()?).ok().filter(|count| *count > 0).unwrap_or(usize::MAX);
        } else if left > 2 && args.keyword("GROUP") {
            if !is_group {
                return Err(Stop::error(
                    "ERR The GROUP option is only supported by XREADGROUP. You called XREAD instead.",
                ));
            }
            self.member = Some(Member { group: args.next()?, consumer: args.next()? });
        } else if args.keyword("NOACK") {
            if !is_group {
                return Err(Stop::error(
                    "ERR The NOACK option is only supported by XREADGROUP. You called XREAD instead.",
                ));
            }
            self.no_ack = true;
        } else {
            return Err(Stop::SYNTAX);
        }
        Ok(())
    }

    fn take_streams(&mut self, words: usize, is_group: bool) -> Result<(), Stop> {
        if words % 2 == 1 {
            return Err(Stop::error(if is_group {
                "ERR Unbalanced 'xreadgroup' list of streams: for each stream key an ID or '>' must be specified."
            } else {
                "ERR Unbalanced 'xread' list of streams: for each stream key an ID, '+', or '$' must be specified."
            }));
        }
        self.streams = words / 2;
        Ok(())
    }

    /// The keys.
    pub(super) fn keys(&self) -> impl ExactSizeIterator<Item = &'a [u8]> + Clone + use<'a> {
        let request = self.request;
        (self.keys_at..self.keys_at + self.streams).map(move |at| request.word(at))
    }

    /// The keys, each with the word behind which entries are wanted.
    pub(super) fn keys_and_words(&self) -> impl Iterator<Item = (&'a [u8], &'a [u8])> + use<'a> {
        let (request, streams) = (self.request, self.streams);
        (self.keys_at..self.keys_at + streams).map(move |at| (request.word(at), request.word(at + streams)))
    }

    /// Waits for entries if that is wanted, or replies that there are none.
    pub(super) fn wait(&self, ctx: &mut Context<'_>, wanted: Wanted, ids: &[Id]) -> Result<(), Stop> {
        let Some(deadline_ms) = self.deadline_ms.filter(|_| ctx.may_wait()) else {
            ctx.reply.null_array();
            return Ok(());
        };
        if ids.is_empty() {
            return Err(ctx.wait_for_keys(self.keys(), wanted, deadline_ms));
        }
        // `$` and `+` mean the last entry of now.
        let ids: Vec<Vec<u8>> = ids.iter().map(|id| id::text(*id)).collect();
        let words = (0..self.keys_at + self.streams).map(|at| self.request.word(at));
        let words: Vec<&[u8]> = words.chain(ids.iter().map(Vec::as_slice)).collect();
        let request = OwnedRequest::new(words.iter().copied());
        Err(ctx.wait_for_keys_with(request, self.keys(), wanted, deadline_ms))
    }
}

/// The replies for streams, of which only those are shown that have something.
pub(super) struct Shown {
    place: resp::reply::Deferred,
    streams: usize,
}

impl Shown {
    pub(super) fn open(ctx: &mut Context<'_>) -> Shown {
        Shown { place: ctx.reply.open_array(), streams: 0 }
    }

    /// Whether nothing was shown.
    pub(super) fn is_empty(&self) -> bool {
        self.streams == 0
    }

    /// Begins the reply for one stream; its entries are to follow.
    pub(super) fn begin(&mut self, reply: &mut resp::reply::Reply<'_>, key: &[u8]) {
        self.streams += 1;
        if reply.version() == Version::Resp2 {
            reply.array(2);
        }
        reply.bulk(key);
    }

    pub(super) fn close(self, reply: &mut resp::reply::Reply<'_>) {
        match reply.version() {
            Version::Resp2 => reply.close_array(&self.place, self.streams),
            Version::Resp3 => reply.close_map(&self.place, self.streams),
        }
    }
}

/// Behind which entry those of a stream are wanted.
fn id_of(word: &[u8], log: Option<&Log>) -> Result<Id, Stop> {
    match word {
        b"$" => Ok(log.map_or(Id::MIN, |log| log.marks().last_id)),
        b"+" => {
            let last = log.and_then(Log::last).map_or(Id::MIN, |entry| entry.id);
            Ok(last.previous().unwrap_or(Id::MIN))
        }
        b">" => Err(Stop::error(
            "ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option.",
        )),
        word => id::parse_strict(word),
    }
}

fn xread(ctx: &mut Context<'_>, args: Args<'_>) -> Result<(), Stop> {
    let reading = Reading::parse(args, false, ctx.engine.clock.monotonic_ms)?;
    let mut ids = Vec::with_capacity(reading.streams);
    for (key, word) in reading.keys_and_words() {
        let stream = ctx.keys.stream(key)?;
        ids.push(id_of(word, stream.map(datatypes::stream::Stream::log))?);
    }
    let mut shown = Shown::open(ctx);
    for (key, id) in reading.keys().zip(&ids) {
        let Some(stream) = ctx.keys.stream(key)? else { continue };
        let log = stream.log();
        let Some(start) = id.next().filter(|start| log.last().is_some_and(|last| last.id >= *start)) else {
            continue;
        };
        shown.begin(&mut ctx.reply, key);
        reply::write_entries(&mut ctx.reply, log.range(start, Id::MAX), reading.count);
    }
    if shown.is_empty() {
        return reading.wait(ctx, Wanted::kind(Type::Stream), &ids);
    }
    shown.close(&mut ctx.reply);
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, check_resp3};

    #[test]
    fn shows_what_is_behind() {
        check(
            r#"XADD s 1 a b | XADD s 2 a b | XADD t 5 c d
            XREAD STREAMS s 1 -> [["s", [["2-0", ["a", "b"]]]]] | XREAD COUNT 1 STREAMS s t n 0 0 0 -> [["s", [["1-0", ["a", "b"]]]], ["t", [["5-0", ["c", "d"]]]]]
            XREAD STREAMS s $ -> nil[] | XREAD STREAMS s + -> [["s", [["2-0", ["a", "b"]]]]] | XREAD STREAMS s 9 -> nil[]
            XREAD STREAMS s s 1 -> ERR Unbalanced 'xread' list of streams: for each stream key an ID, '+', or '$' must be specified.
            XREAD GROUP g c STREAMS s 1 -> ERR The GROUP option is only supported by XREADGROUP. You called XREAD instead.
            XREAD COUNT 1 BLOCK 1 -> ERR syntax error | SET k v | XREAD STREAMS k 0 -> WRONGTYPE Operation against a key holding the wrong kind of value"#,
        );
        check_resp3(
            r#"XADD s 1 a b | XREAD STREAMS s 0 -> {"s": [["1-0", ["a", "b"]]]} | XREAD STREAMS s $ -> nil"#,
        );
    }

    #[test]
    fn waits_for_an_entry() {
        check(
            r#"XADD s 1 a b | #2 XREAD BLOCK 0 STREAMS s n $ $ -> waits | XADD s 2 c d | #2 AWAITED -> [["s", [["2-0", ["c", "d"]]]]]
            #2 XREAD BLOCK 0 STREAMS n 5 -> waits | XADD n 4 a b | XADD n 6 e f | #2 AWAITED -> [["n", [["6-0", ["e", "f"]]]]]
            MULTI | XREAD BLOCK 0 STREAMS s $ | EXEC -> [nil[]] | XREAD BLOCK x STREAMS s $ -> ERR timeout is not an integer or out of range"#,
        );
    }
}
