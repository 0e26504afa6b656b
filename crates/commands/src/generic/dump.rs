//! DUMP: a value as bytes that RESTORE takes.

use crate::prelude::*;
use engine::config::options::Snapshotting;
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

const NOT_HELD: Stop = Stop::error(
    "ERR the hash has fields that expire, and the version that the option rdb-version asks for does not hold that",
);

/// The payload of an entry's value, as the options want it.
pub(super) fn payload(entry: EntryRef<'_>, options: &Snapshotting) -> Result<Vec<u8>, Stop> {
    let value = entry.value();
    let version = dump::version_for(value, options.rdb_version.number()).ok_or(NOT_HELD)?;
    Ok(dump::write(value, EncoderOptions { version, compress: options.rdbcompression, checksum: false }))
}

fn dump_key(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    match ctx.keys.find(args.next()?) {
        Some(entry) => ctx.reply.bulk(&payload(entry, &ctx.engine.config.snapshotting)?),
        None => ctx.reply.null(),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{Bench, check, check_on};
    use engine::config::options::RdbVersion;

    /// The payloads are those of Redis 7.0.15 and, with an expiry, of 8.0.6.
    #[test]
    fn equals_that_of_redis() {
        check(r#"DUMP k -> nil | SET k v | DUMP k -> "\x00\x01v\n\x00\x91\b\xce\xb2\x198\x8a\xce""#);
    }

    #[test]
    fn a_version_that_does_not_hold_the_value_is_refused() {
        const REFUSED: &str = "ERR the hash has fields that expire, and the version that the option rdb-version asks for does not hold that";
        let mut bench = Bench::new();
        check_on(&mut bench, "HSET h f v g w | HEXPIRE h 1000 FIELDS 1 f | HSET plain f v");
        for (asked, is_refused) in [
            (RdbVersion::Auto, false),
            (RdbVersion::Redis70, true),
            (RdbVersion::Redis72, true),
            (RdbVersion::Redis80, false),
            (RdbVersion::Valkey9, false),
        ] {
            bench.node.engine.config.snapshotting.rdb_version = asked;
            assert!(bench.run("DUMP plain").starts_with('"'), "{asked:?}");
            assert_eq!(bench.run("DUMP h") == REFUSED, is_refused, "{asked:?}");
        }
    }
}
