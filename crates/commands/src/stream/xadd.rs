//! XADD: add an entry to a stream.

use super::trimming::{self, Trimming};
use super::{id, reply};
use crate::prelude::*;
use datatypes::stream::{Id, IdError, NewId, Stream};
use resp::request::Request;

/// The most bytes of an entry's fields and values.
const ENTRY_BYTES_MAX: usize = 1 << 30;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: xadd,
    subcommands: &[],
    spec: Spec {
        name: "XADD",
        summary: "Adds an entry to a stream; a missing key is created.",
        since: "5.0.0",
        complexity: "O(1) when adding, O(N) when trimming with N the number of entries that go.",
        group: Group::Stream,
        arity: Arity::AtLeast(5),
        flags: WRITE.and(DENYOOM).and(FAST),
        keys: &[KeySpec::at(1)
            .rw()
            .update()
            .noting("UPDATE instead of INSERT because of the optional trimming feature")],
        args: &[
            Arg::key("key"),
            Arg::token("nomkstream", "NOMKSTREAM").optional().since("6.2.0"),
            Arg::block(
                "trim",
                &[trimming::STRATEGY, trimming::OPERATOR, Arg::string("threshold"), trimming::LIMIT],
            )
            .optional(),
            Arg::one_of("id-selector", &[Arg::token("auto-id", "*"), Arg::string("id")]),
            Arg::block("data", &[Arg::string("field"), Arg::string("value")]).multiple(),
        ],
        history: &[
            ("6.2.0", "The options `NOMKSTREAM`, `MINID` and `LIMIT`."),
            ("7.0.0", "Identifiers of the form `<ms>-*`."),
        ],
        tips: &["nondeterministic_output"],
        ..Spec::NEW
    },
}];

fn xadd(ctx: &mut Context<'_>, args: Args<'_>) -> Result<(), Stop> {
    let request = args.request();
    let options = Trimming::parse_for_xadd(ctx, request)?;
    let fields_at = options.end + 1;
    let fields = (fields_at..request.len()).map(|at| request.word(at));
    if fields.len() < 2 || fields.len() % 2 == 1 {
        return Err(Stop::error("ERR wrong number of arguments for 'xadd' command"));
    }
    let new_id = options.new_id.unwrap_or(NewId::Clock);
    if new_id == NewId::Exactly(Id::MIN) {
        return Err(Stop::error("ERR The ID specified in XADD must be greater than 0-0"));
    }
    let is_too_large = fields.clone().map(<[u8]>::len).sum::<usize>() > ENTRY_BYTES_MAX;
    let (limits, now_ms) = (ctx.keys.limits().stream, ctx.now_ms().max(0).unsigned_abs());
    let trim = options.trim(limits, ctx.client.is_history());
    let Some(mut edit) = stream_to_extend(ctx, request, options.no_make_stream)? else {
        return Ok(());
    };
    let stream: &mut Stream = &mut edit;
    let log = stream.log_mut();
    let id = log.next_id(new_id, now_ms).map_err(stop_of)?;
    if is_too_large {
        return Err(Stop::error("ERR Elements are too large to be stored"));
    }
    log.append(id, fields, limits);
    let trimmed = trim.map(|trim| log.trim(trim));
    let mut replacements = if trim.is_some() { options.replacements(log) } else { Vec::new() };
    edit.modified(Event::XADD);
    if let Some(trimmed) = trimmed.filter(|trimmed| trimmed.entries > 0) {
        edit.notify(Event::XTRIM);
        trimmed.parts.into_iter().for_each(|parts| edit.free_later(parts));
    }
    drop(edit);
    reply::write_id(&mut ctx.reply, id);
    if !matches!(new_id, NewId::Exactly(_)) && ctx.engine.propagation.is_active() {
        replacements.push((options.end, id::text(id)));
    }
    trimming::pass_on_replacing(ctx, &replacements);
    Ok(())
}

/// The stream that gets the entry; none if it is missing and to be left so, which is replied.
fn stream_to_extend<'c, 'a>(
    ctx: &'c mut Context<'a>,
    request: Request<'_>,
    no_make_stream: bool,
) -> Result<Option<keyspace::Edit<'c, 'a, Stream>>, Stop> {
    let key = request.word(1);
    if !no_make_stream {
        return Ok(Some(ctx.keys.stream_or_create(key)?));
    }
    let edit = ctx.keys.stream_mut(key)?;
    if edit.is_none() {
        ctx.reply.null();
    }
    Ok(edit)
}

fn stop_of(error: IdError) -> Stop {
    Stop::from(format!("ERR {error}"))
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, notifies, propagates};

    #[test]
    fn identifiers_ascend() {
        check(
            r#"XADD s 1-1 a b -> "1-1" | XADD s 1-* a b -> "1-2" | XADD s * a b -> "{ms}-0" | XADD s * a b -> "{ms}-1"
            XADD s 5 a b -> ERR The ID specified in XADD is equal or smaller than the target stream top item
            XADD s 0-0 a b -> ERR The ID specified in XADD must be greater than 0-0
            XADD s x a b -> ERR Invalid stream ID specified as stream command argument
            XADD s * a -> ERR wrong number of arguments for 'xadd' command | XADD n NOMKSTREAM * a b -> nil | EXISTS n -> 0
            XADD n 18446744073709551615-18446744073709551615 a b -> "18446744073709551615-18446744073709551615"
            XADD n * a b -> ERR The stream has exhausted the last possible ID, unable to add more items
            SET k v | XADD k * a b -> WRONGTYPE Operation against a key holding the wrong kind of value"#,
        );
    }

    #[test]
    fn trims_on_the_way() {
        check(
            r#"XADD s 1 a b | XADD s 2 a b | XADD s MAXLEN 2 3 a b -> "3-0" | XRANGE s - + -> [["2-0", ["a", "b"]], ["3-0", ["a", "b"]]]
            XADD s MINID = 4 5 a b -> "5-0" | XLEN s -> 1 | XADD s MAXLEN ~ 0 LIMIT 0 6 a b | XLEN s -> 0
            XADD s MAXLEN -1 * a b -> ERR The MAXLEN argument must be >= 0.
            XADD s MAXLEN 1 LIMIT 5 * a b -> ERR syntax error, LIMIT cannot be used without the special ~ option
            XADD s LIMIT 5 * a b -> ERR syntax error, LIMIT cannot be used without specifying a trimming strategy
            XADD s MAXLEN 1 MINID 2 * a b -> ERR syntax error, MAXLEN and MINID options at the same time are not compatible"#,
        );
        notifies("XADD s 1 a b -> new s, xadd s | XADD s MAXLEN 1 2 a b -> xadd s, xtrim s");
    }

    #[test]
    fn passes_on_what_came_of_it() {
        propagates(
            "XADD s 1-1 a b -> XADD s 1-1 a b | XADD s * a b -> XADD s {ms}-0 a b
            XADD s MAXLEN ~ 1 LIMIT 9 * a b -> XADD s MAXLEN = 3 LIMIT 9 {ms}-1 a b
            XADD s MINID ~ 7 {ms+1}-* a b -> XADD s MINID = 1-1 {ms+1}-0 a b",
        );
    }
}
