//! DUMP: a value as bytes that RESTORE takes.

use crate::prelude::*;
use keyspace::EntryRef;
use rdb::dump;
use rdb::encoder::EncoderOptions;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: dump_key,
    subcommands: &[],
    spec: Spec {
        name: "DUMP",
        summary: "Returns the value of a key as bytes that RESTORE takes.",
        since: "2.6.0",
        complexity: "O(N) with N the size of the value.",
        group: Group::Generic,
        arity: Arity::Exactly(2),
        flags: READONLY,
        keys: &[KeySpec::at(1).ro().access()],
        args: &[Arg::key("key")],
        tips: &["nondeterministic_output"],
        ..Spec::NEW
    },
}];

/// The payload of an entry's value.
pub(super) fn payload(entry: EntryRef<'_>, compress: bool) -> Vec<u8> {
    let value = entry.value();
    dump::write(value, EncoderOptions { version: dump::version_for(value), compress, checksum: false })
}

fn dump_key(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let compress = ctx.engine.config.snapshotting.rdbcompression;
    match ctx.keys.find(args.next()?) {
        Some(entry) => ctx.reply.bulk(&payload(entry, compress)),
        None => ctx.reply.null(),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    /// The payloads are those of Redis 7.0.15 and, with an expiry, of 8.0.6.
    #[test]
    fn equals_that_of_redis() {
        check(r#"DUMP k -> nil | SET k v | DUMP k -> "\x00\x01v\n\x00\x91\b\xce\xb2\x198\x8a\xce""#);
    }
}
