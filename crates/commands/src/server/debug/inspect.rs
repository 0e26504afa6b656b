//! DEBUG OBJECT and HTSTATS: how an entry and a database's table look inside.

use crate::prelude::*;
use datatypes::collection::ValueRef;
use datatypes::string::encoding_of;
use keyspace::TableStatistics;
use rdb::encoder::{Attributes, Encoder, EncoderOptions};
use std::fmt::Write;

/// Bytes of an entry in an RDB file that are not its value: the type, and the length of the empty key.
const AROUND_VALUE_BYTES: usize = 2;

/// DEBUG OBJECT.
pub(super) fn entry(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let now_ms = ctx.now_ms();
    let compress = ctx.engine.config.snapshotting.rdbcompression;
    let entry = ctx.keys.peek(args.next()?).ok_or(Stop::NO_SUCH_KEY)?;
    let value = entry.value();
    let mut encoder = Encoder::new(EncoderOptions { compress, ..EncoderOptions::default() });
    encoder.entry(b"", value, Attributes::default());
    let encoding = match value {
        ValueRef::String(bytes) => encoding_of(bytes, entry.grown(), entry.is_text()).name(),
        collection => collection.encoding(),
    };
    let line = format!(
        "Value at:{:p} refcount:1 encoding:{encoding} serializedlength:{} lru:{} lru_seconds_idle:{}",
        entry.key().as_ptr(),
        encoder.buffered_bytes() - AROUND_VALUE_BYTES,
        entry.access_clock(),
        entry.idle_seconds(now_ms)
    );
    ctx.reply.simple(&line);
    Ok(())
}

/// DEBUG HTSTATS.
pub(super) fn tables(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let database = u32::try_from(args.integer()?).ok().filter(|&number| number < ctx.keys.database_count());
    let database = database.ok_or(Stop::error("ERR Out of range database"))?;
    let statistics = ctx.keys.keyspace().table_statistics(database);
    let expires = ctx.keys.keyspace().expires_len(database);
    let mut text = String::from("[Dictionary HT]\n");
    // Writing to a string cannot fail.
    let _ = describe(&mut text, &statistics);
    let _ = write!(text, "[Expires HT]\nExpiry times are kept in the entries: {expires} have one.\n");
    ctx.reply.verbatim("txt", text.as_bytes());
    Ok(())
}

fn describe(text: &mut String, statistics: &TableStatistics) -> std::fmt::Result {
    if statistics.keys == 0 {
        return text.write_str("No stats available for empty dictionaries\n");
    }
    let TableStatistics { keys, segments, buckets, slots, load, largest_segment, overhead_bytes } =
        statistics;
    write!(
        text,
        "Hash table 0 stats (main hash table):\n table size: {slots}\n number of elements: {keys}\n \
         segments: {segments}\n buckets: {buckets}\n load: {:.2}%\n largest segment: {largest_segment}\n \
         bytes without entries: {overhead_bytes}\n",
        load * 100.0
    )
}

#[cfg(test)]
mod tests {
    use super::super::tests::open_bench;
    use crate::testing::check_on;

    #[test]
    fn an_entry_and_its_length_on_disk() {
        let mut bench = open_bench();
        check_on(
            &mut bench,
            "SET k v | SET n 123456 | SET z xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        );
        assert!(bench.run("DEBUG OBJECT k").contains(" refcount:1 encoding:embstr serializedlength:2 lru:"));
        assert!(bench.run("DEBUG OBJECT n").contains(" encoding:int serializedlength:5 "));
        let text = bench.run("DEBUG OBJECT z");
        let length =
            text.split(" encoding:raw serializedlength:").nth(1).and_then(|rest| rest.split(' ').next());
        assert!(
            length.and_then(|length| length.parse::<usize>().ok()).is_some_and(|length| length < 20),
            "{text}"
        );
        check_on(
            &mut bench,
            "DEBUG OBJECT nosuch -> ERR no such key | DEBUG HTSTATS 99 -> ERR Out of range database",
        );
    }

    #[test]
    fn a_table_in_figures() {
        let mut bench = open_bench();
        check_on(&mut bench, "DEBUG POPULATE 100 -> OK | SET k v EX 100");
        let text = bench.run("DEBUG HTSTATS 0");
        assert!(text.contains(" number of elements: 101\\n") && text.contains(": 1 have one."), "{text}");
        assert!(bench.run("DEBUG HTSTATS 1").contains("No stats available for empty dictionaries"));
    }
}
