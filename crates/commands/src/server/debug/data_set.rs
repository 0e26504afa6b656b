//! DEBUG's work on the data set as a whole: filling it, and loading it again from disk.

use crate::prelude::*;
use engine::facts::requests::ProcessRequest;

/// A count or a size that is below zero or no number.
const NOT_POSITIVE: Stop = Stop::error("ERR value is out of range, must be positive");

/// DEBUG POPULATE: makes so many keys, which nobody is told of.
pub(super) fn populate(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let count = positive(args.next()?)?;
    let prefix = if args.is_empty() { b"key".as_slice() } else { args.next()? };
    let size = if args.is_empty() { 0 } else { positive(args.next()?)? as usize };
    let database = ctx.keys.database();
    if ctx.keys.is_empty() {
        ctx.keys.keyspace().reserve(database, count);
    }
    let mut key = Vec::new();
    for number in 0..count {
        key.clear();
        key.extend_from_slice(prefix);
        key.push(b':');
        stdx::number::append_u64(&mut key, number);
        if ctx.keys.peek(&key).is_none() {
            let mut value = format!("value:{number}").into_bytes();
            if size > 0 {
                value.resize(size, 0);
            }
            ctx.keys.set_string(&key, &value, NewExpiry::Clear);
        }
    }
    ctx.reply.ok();
    Ok(())
}

fn positive(word: &[u8]) -> Result<u64, Stop> {
    stdx::number::parse_i64(word).and_then(|number| u64::try_from(number).ok()).ok_or(NOT_POSITIVE)
}

/// DEBUG RELOAD: saves, and loads what was saved.
pub(super) fn reload(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let (mut save, mut flush) = (true, true);
    while !args.is_empty() {
        if args.keyword("NOSAVE") {
            save = false;
        } else if args.keyword("NOFLUSH") {
            flush = false;
        } else if !args.keyword("MERGE") {
            // Loading over keys that are there always takes what is loaded: MERGE asks for nothing else.
            return Err(Stop::error("ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options."));
        }
    }
    Err(ctx.ask(ProcessRequest::Reload { save, flush }))
}

/// DEBUG LOADAOF: loads the append-only files.
pub(super) fn load_append_only(ctx: &mut Context<'_>, _: Args<'_>) -> Result<(), Stop> {
    Err(ctx.ask(ProcessRequest::LoadAppendOnly))
}

#[cfg(test)]
mod tests {
    use super::super::tests::open_bench;
    use crate::testing::check_on;
    use engine::facts::requests::ProcessRequest;

    #[test]
    fn populates_what_is_missing_and_tells_nobody() {
        let mut bench = open_bench();
        check_on(
            &mut bench,
            "SET p:1 mine | DEBUG POPULATE 3 p 8 -> OK | DBSIZE -> 3 | GET p:0 -> \"value:0\\x00\" | GET p:1 -> \"mine\"
             DEBUG POPULATE 2 -> OK | GET key:1 -> \"value:1\"
             DEBUG POPULATE x -> ERR value is out of range, must be positive
             DEBUG POPULATE 1 a b -> ERR value is out of range, must be positive",
        );
        assert_eq!(bench.propagated(), "SET p:1 mine");
    }

    #[test]
    fn reloads_as_asked() {
        let mut bench = open_bench();
        check_on(
            &mut bench,
            "DEBUG RELOAD NOSAVE merge -> waits | DEBUG RELOAD x -> ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.",
        );
        assert_eq!(
            bench.node.engine.requests[0].request,
            ProcessRequest::Reload { save: false, flush: true }
        );
    }
}
