//! RESTORE: make a key out of the bytes of DUMP.

use crate::grammar::expiry;
use crate::prelude::*;
use keyspace::KeyUse;
use rdb::dump::{self, PayloadError};

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: restore,
    subcommands: &[],
    spec: Spec {
        name: "RESTORE",
        summary: "Creates a key out of bytes that DUMP has returned.",
        since: "2.6.0",
        complexity: "O(N) with N the size of the value, O(N*log(N)) for sorted sets.",
        group: Group::Generic,
        arity: Arity::AtLeast(4),
        flags: WRITE.and(DENYOOM),
        categories: Categories::DANGEROUS,
        keys: &[KeySpec::at(1).ow().update()],
        args: &[
            Arg::key("key"),
            Arg::integer("ttl"),
            Arg::string("serialized-value"),
            Arg::token("replace", "REPLACE").since("3.0.0").optional(),
            Arg::token("absttl", "ABSTTL").since("5.0.0").optional(),
            Arg::integer("seconds").after("IDLETIME").since("5.0.0").optional(),
            Arg::integer("frequency").after("FREQ").since("5.0.0").optional(),
        ],
        history: &[
            ("3.0.0", "The option `REPLACE`."),
            ("5.0.0", "The option `ABSTTL`."),
            ("5.0.0", "The options `IDLETIME` and `FREQ`."),
        ],
        ..Spec::NEW
    },
}];

/// The options behind the payload.
#[derive(Clone, Copy, Default)]
struct Options {
    replace: bool,
    absolute: bool,
    /// `IDLETIME` or `FREQ`; which of them has an effect, the eviction policy says.
    used: Option<KeyUse>,
}

impl Options {
    fn parse(mut args: Args<'_>) -> Result<Options, Stop> {
        let mut options = Options::default();
        while !args.is_empty() {
            // The last word is no option with a value, and of the two with one only one may be there.
            let has_value = args.len() > 1;
            if args.keyword("REPLACE") {
                options.replace = true;
            } else if args.keyword("ABSTTL") {
                options.absolute = true;
            } else if has_value && !options.is_frequency() && args.keyword("IDLETIME") {
                let seconds = args.integer_in(0, i64::MAX, "ERR Invalid IDLETIME value, must be >= 0")?;
                options.used = Some(KeyUse::Idle(seconds.unsigned_abs()));
            } else if has_value && !options.is_idle() && args.keyword("FREQ") {
                let frequency = args.integer_in(0, 255, "ERR Invalid FREQ value, must be >= 0 and <= 255")?;
                options.used = Some(KeyUse::Frequency(frequency as u8));
            } else {
                return Err(Stop::SYNTAX);
            }
        }
        Ok(options)
    }

    fn is_idle(&self) -> bool {
        matches!(self.used, Some(KeyUse::Idle(_)))
    }

    fn is_frequency(&self) -> bool {
        matches!(self.used, Some(KeyUse::Frequency(_)))
    }

    /// When the key expires, in milliseconds since 1970.
    fn expiry(&self, ttl: &[u8], now_ms: i64) -> Result<Option<i64>, Stop> {
        const INVALID: Stop = Stop::error("ERR Invalid TTL value, must be >= 0");
        let ttl = stdx::number::parse_i64(ttl).ok_or(Stop::NOT_AN_INTEGER)?;
        match ttl {
            ..0 => Err(INVALID),
            0 => Ok(None),
            at_ms if self.absolute => Ok(Some(at_ms)),
            ttl_ms => ttl_ms.checked_add(now_ms).map(Some).ok_or(INVALID),
        }
    }
}

fn restore(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let (key, ttl, payload) = (args.next()?, args.next()?, args.next()?);
    let options = Options::parse(args)?;
    if !options.replace && ctx.keys.look_up(key, Lookup::Peek).is_some() {
        return Err(Stop::error("BUSYKEY Target key name already exists."));
    }
    let expire_at_ms = options.expiry(ttl, ctx.now_ms())?;
    let verify_checksum = !ctx.engine.debug.skip_checksums;
    let value = dump::read(payload, ctx.keys.limits(), verify_checksum).map_err(|error| match error {
        PayloadError::Footer => Stop::error("ERR DUMP payload version or checksum are wrong"),
        PayloadError::Value(_) => Stop::error("ERR Bad data format"),
    })?;
    let was_there = ctx.keys.remove(key);
    ctx.reply.ok();
    if let Some(at_ms) = expire_at_ms
        && expiry::is_past(ctx, at_ms)
    {
        leave_absent(ctx, key, was_there);
        return Ok(());
    }
    let expiry = expire_at_ms.map_or(NewExpiry::Clear, NewExpiry::At);
    ctx.keys.set_value(key, value, expiry);
    if let Some(used) = options.used {
        ctx.keys.set_key_use(key, used);
    }
    ctx.keys.modified(key, Event::RESTORE);
    if let Some(at_ms) = expire_at_ms
        && !options.absolute
    {
        propagate(ctx, at_ms);
    }
    Ok(())
}

/// The time of the key is over before it was there: what it took the place of is gone all the same.
fn leave_absent(ctx: &mut Context<'_>, key: &[u8], was_there: bool) {
    if was_there {
        ctx.keys.modified(key, Event::DEL);
        ctx.propagate_as(&[expiry::deletion(ctx), key]);
    }
}

/// Passes the request on with its time in milliseconds since 1970.
fn propagate(ctx: &mut Context<'_>, at_ms: i64) {
    let request = ctx.request;
    let mut text = itoa::Buffer::new();
    let mut words: Vec<&[u8]> = (0..request.len()).map(|index| request.word(index)).collect();
    words[2] = text.format(at_ms).as_bytes();
    words.push(b"ABSTTL");
    ctx.propagate_as(&words);
}

#[cfg(test)]
mod damage;

#[cfg(test)]
mod tests {
    use crate::testing::{Bench, changes, check, check_on, notifies, propagates};
    use keyspace::{FrequencyRule, UseRule};

    /// What DUMP says of a key whose value is `v`.
    const PAYLOAD: &str = r#""\x00\x01v\n\x00\x91\b\xce\xb2\x198\x8a\xce""#;

    fn with_payload(script: &str) -> String {
        script.replace("PAYLOAD", PAYLOAD)
    }

    #[test]
    fn restores_values_and_expiry() {
        check(&with_payload(
            r#"RESTORE k 0 PAYLOAD -> OK | GET k -> "v" | TTL k -> -1 | RESTORE l 5000 PAYLOAD -> OK | PTTL l -> 5000
            RESTORE k 0 PAYLOAD -> BUSYKEY Target key name already exists.
            RESTORE k {ms+700} PAYLOAD ABSTTL replace -> OK | PTTL k -> 700 | RESTORE k 1 PAYLOAD REPLACE ABSTTL -> OK
            EXISTS k -> 0 | RESTORE m 0 PAYLOAD IDLETIME 100 -> OK | OBJECT IDLETIME m -> 100
            RESTORE n 0 PAYLOAD FREQ 7 -> OK"#,
        ));
    }

    #[test]
    fn what_it_tells_of_uses_has_an_effect_by_the_policy() {
        let mut bench = Bench::new();
        bench
            .node
            .keyspace
            .set_use_rule(UseRule::Frequency(FrequencyRule { log_factor: 10, decay_minutes: 1 }));
        check_on(
            &mut bench,
            &with_payload(
                "RESTORE k 0 PAYLOAD FREQ 200 -> OK | OBJECT FREQ k -> 200 | RESTORE l 0 PAYLOAD IDLETIME 9 -> OK
                OBJECT FREQ l -> 5",
            ),
        );
    }

    #[test]
    fn refuses_bad_requests() {
        check(&with_payload(
            "RESTORE k -1 PAYLOAD -> ERR Invalid TTL value, must be >= 0
            RESTORE k x PAYLOAD -> ERR value is not an integer or out of range | RESTORE k 0 PAYLOAD FOO -> ERR syntax error
            RESTORE k 0 PAYLOAD IDLETIME -> ERR syntax error | RESTORE k 0 PAYLOAD IDLETIME 1 FREQ 1 -> ERR syntax error
            RESTORE k 0 PAYLOAD IDLETIME -1 -> ERR Invalid IDLETIME value, must be >= 0
            RESTORE k 0 PAYLOAD FREQ 256 -> ERR Invalid FREQ value, must be >= 0 and <= 255
            RESTORE k 0 short -> ERR DUMP payload version or checksum are wrong
            RESTORE k 0 \"\\x00\\x01v\\n\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\" -> ERR DUMP payload version or checksum are wrong
            SET k v | RESTORE k -1 junk -> BUSYKEY Target key name already exists.
            RESTORE k -1 junk REPLACE FOO -> ERR syntax error",
        ));
    }

    #[test]
    fn the_checksum_may_be_left_unchecked() {
        let mut bench = Bench::new();
        bench.node.engine.debug.skip_checksums = true;
        check_on(
            &mut bench,
            r#"RESTORE k 0 "\x00\x01v\n\x00\x00\x00\x00\x00\x00\x00\x00\x00" -> OK
            RESTORE l 0 "\x63\x01v\n\x00\x00\x00\x00\x00\x00\x00\x00\x00" -> ERR Bad data format
            RESTORE l 0 "\x04\x00\n\x00\x00\x00\x00\x00\x00\x00\x00\x00" -> ERR Bad data format
            RESTORE l 0 "\x00\x01vc\x00\x00\x00\x00\x00\x00\x00\x00\x00" -> ERR DUMP payload version or checksum are wrong"#,
        );
    }

    #[test]
    fn tells_what_it_did() {
        let payload = |line: &str| with_payload(line);
        propagates(&payload(
            "RESTORE k 0 PAYLOAD -> RESTORE k 0 PAYLOAD | RESTORE l 5 PAYLOAD -> RESTORE l {ms+5} PAYLOAD ABSTTL
            RESTORE l 1 PAYLOAD ABSTTL REPLACE -> DEL l | RESTORE l 1 PAYLOAD ABSTTL -> nothing",
        ));
        notifies(&payload(
            "RESTORE k 0 PAYLOAD -> new k, restore k | RESTORE k 1 PAYLOAD ABSTTL REPLACE -> del k",
        ));
        changes(&payload("RESTORE k 0 PAYLOAD -> 1 | RESTORE k 1 PAYLOAD ABSTTL REPLACE -> 1"));
    }
}
