//! Points in time as arguments: `EX 10`, `PXAT 1700000000000`, the number behind EXPIRE.

use engine::command::Stop;
use engine::command::args::Args;
use engine::config::options::RdbVersion;
use engine::execute::context::Context;

/// How a point in time is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unit {
    /// In seconds, not milliseconds.
    pub seconds: bool,
    /// Since 1970, not from now.
    pub absolute: bool,
}

impl Unit {
    /// Seconds from now (EX, EXPIRE).
    pub const SECONDS: Unit = Unit { seconds: true, absolute: false };
    /// Milliseconds from now (PX, PEXPIRE).
    pub const MILLISECONDS: Unit = Unit { seconds: false, absolute: false };
    /// Seconds since 1970 (EXAT, EXPIREAT).
    pub const UNIX_SECONDS: Unit = Unit { seconds: true, absolute: true };
    /// Milliseconds since 1970 (PXAT, PEXPIREAT).
    pub const UNIX_MILLISECONDS: Unit = Unit { seconds: false, absolute: true };

    /// Milliseconds since 1970 of a number in this unit; `None` when that has more than 64 bits.
    pub fn at_ms(self, number: i64, now_ms: i64) -> Option<i64> {
        let ms = if self.seconds { number.checked_mul(1000)? } else { number };
        if self.absolute { Some(ms) } else { ms.checked_add(now_ms) }
    }
}

/// The options of which a command takes one: a time to live of a new value, or what becomes of the old one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum ExpiryOption<'a> {
    /// None of them.
    #[default]
    Absent,
    /// KEEPTTL.
    Keep,
    /// PERSIST.
    Persist,
    /// EX, PX, EXAT or PXAT with its number as text.
    Given(Unit, &'a [u8]),
}

const TIMES: [(&str, Unit); 4] = [
    ("EX", Unit::SECONDS),
    ("PX", Unit::MILLISECONDS),
    ("EXAT", Unit::UNIX_SECONDS),
    ("PXAT", Unit::UNIX_MILLISECONDS),
];

/// The unit of an option's word: EX, PX, EXAT, PXAT.
pub(crate) fn unit_of(word: &[u8]) -> Option<Unit> {
    TIMES.into_iter().find(|(name, _)| word.eq_ignore_ascii_case(name.as_bytes())).map(|(_, unit)| unit)
}

impl<'a> ExpiryOption<'a> {
    /// Takes the next words if they are a time (EX, PX, EXAT, PXAT). The same word may come twice and the last one
    /// counts; two different ones are a syntax error.
    pub fn take_time(&mut self, args: &mut Args<'a>) -> Result<bool, Stop> {
        let Some(unit) = args.peek().and_then(unit_of) else { return Ok(false) };
        args.next()?;
        let number = args.next()?;
        match *self {
            ExpiryOption::Absent => {}
            ExpiryOption::Given(earlier, _) if earlier == unit => {}
            _ => return Err(Stop::SYNTAX),
        }
        *self = ExpiryOption::Given(unit, number);
        Ok(true)
    }

    /// Takes the next word if it is this one, which stands for `option` (KEEPTTL, PERSIST).
    pub fn take_word(
        &mut self,
        args: &mut Args<'a>,
        word: &str,
        option: ExpiryOption<'a>,
    ) -> Result<bool, Stop> {
        if !args.keyword(word) {
            return Ok(false);
        }
        if *self != ExpiryOption::Absent && *self != option {
            return Err(Stop::SYNTAX);
        }
        *self = option;
        Ok(true)
    }
}

/// Reads the number of a time to live: above zero, and no more than 64 bits as milliseconds since 1970.
pub(crate) fn time_to_live(command: &str, unit: Unit, number: &[u8], now_ms: i64) -> Result<i64, Stop> {
    let number = stdx::number::parse_i64(number).ok_or(Stop::NOT_AN_INTEGER)?;
    let at_ms = if number > 0 { unit.at_ms(number, now_ms) } else { None };
    at_ms.ok_or_else(|| invalid(command))
}

/// The error of a time that cannot be.
pub(crate) fn invalid(command: &str) -> Stop {
    Stop::from(format!("ERR invalid expire time in '{command}' command"))
}

/// Whether a key that gets this expiry is to be deleted at once. The history that we follow or load decides that
/// itself, and so does the primary of a writable replica.
pub(crate) fn is_past(ctx: &Context<'_>, at_ms: i64) -> bool {
    at_ms <= ctx.now_ms() && !ctx.client.is_history() && !ctx.engine.replication.is_replica()
}

/// Passes on that a key was set to a string that expires. SET knows no point in time before Redis 6.2: for older replicas and
/// readers, which `rdb-version 9` tells of, it is two requests.
pub(crate) fn pass_on_set(ctx: &mut Context<'_>, key: &[u8], value: &[u8], at_ms: i64) {
    let mut number = itoa::Buffer::new();
    let time = number.format(at_ms).as_bytes();
    if ctx.engine.config.snapshotting.rdb_version == RdbVersion::Redis50 {
        ctx.propagate_as(&[b"SET", key, value]);
        ctx.propagate_as(&[b"PEXPIREAT", key, time]);
    } else {
        ctx.propagate_as(&[b"SET", key, value, b"PXAT", time]);
    }
}

/// The command that deletes a key whose time has come, for the log.
pub(crate) fn deletion(ctx: &Context<'_>) -> &'static [u8] {
    if ctx.engine.config.lazy_free.lazyfree_lazy_expire { b"UNLINK" } else { b"DEL" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_that_do_not_fit_are_refused() {
        assert_eq!(Unit::SECONDS.at_ms(10, 500), Some(10_500));
        assert_eq!(Unit::UNIX_SECONDS.at_ms(10, 500), Some(10_000));
        assert_eq!(Unit::UNIX_MILLISECONDS.at_ms(i64::MAX, 500), Some(i64::MAX));
        assert_eq!(Unit::MILLISECONDS.at_ms(i64::MAX, 1), None);
        assert_eq!(Unit::UNIX_SECONDS.at_ms(i64::MAX / 1000 + 1, 0), None);
        assert_eq!(Unit::UNIX_SECONDS.at_ms(i64::MIN / 1000 - 1, 0), None);
        let refused = time_to_live("set", Unit::SECONDS, b"0", 0);
        assert_eq!(refused, Err(Stop::error("ERR invalid expire time in 'set' command")));
        assert_eq!(time_to_live("set", Unit::SECONDS, b"x", 0), Err(Stop::NOT_AN_INTEGER));
    }
}
