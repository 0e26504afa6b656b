//! The fields of a hash as arguments, `FIELDS numfields field [field ...]`, and the times at which they expire.

use crate::grammar::expiry::{self, Unit};
use engine::command::Stop;
use engine::command::args::Args;
use engine::command::docs::Arg;
use engine::execute::context::Context;

/// The error of a number of fields that is none, or not above zero.
pub(crate) const NOT_POSITIVE: Stop = Stop::error("ERR Number of fields must be a positive integer");
const MISSING: Stop = Stop::error("ERR Mandatory argument FIELDS is missing or not at the right position");
const MISMATCH: Stop = Stop::error("ERR The `numfields` parameter must match the number of arguments");

/// The latest time at which a field may expire, in milliseconds since 1970: 46 bits, as in Redis.
pub(crate) const LATEST_MS: i64 = (1 << 46) - 1;

/// How the documentation shows the fields.
pub(crate) const ARG: Arg =
    Arg::block("fields", &[Arg::integer("numfields"), Arg::string("field").multiple()]).after("FIELDS");

/// Reads FIELDS, the number and that there are so many names to the end; returns the names.
pub(crate) fn parse<'a>(mut args: Args<'a>, not_positive: Stop) -> Result<Args<'a>, Stop> {
    if !args.keyword("FIELDS") {
        return Err(MISSING);
    }
    let number = stdx::number::parse_i64(args.next()?).filter(|&number| number > 0).ok_or(not_positive)?;
    if usize::try_from(number) == Ok(args.len()) { Ok(args) } else { Err(MISMATCH) }
}

/// Reads when a field expires, in milliseconds since 1970.
pub(crate) fn expiry_ms(command: &str, unit: Unit, number: &[u8], now_ms: i64) -> Result<i64, Stop> {
    let number = stdx::number::parse_i64(number).ok_or(Stop::NOT_AN_INTEGER)?;
    if number < 0 {
        return Err(Stop::error("ERR invalid expire time, must be >= 0"));
    }
    let at_ms = unit.at_ms(number, now_ms).filter(|&at_ms| at_ms <= LATEST_MS);
    at_ms.ok_or_else(|| expiry::invalid(command))
}

/// Passes on that fields have values, and when they expire. HSETEX would say it in one request, but fewer servers know it than
/// HPEXPIREAT; those that know neither refuse both requests together.
pub(crate) fn propagate_values(ctx: &mut Context<'_>, key: &[u8], pairs: &[&[u8]], times: &[(i64, &[u8])]) {
    ctx.propagate_as(&[&[b"HSET", key], pairs].concat());
    for together in times.chunk_by(|(at_ms, _), (other_ms, _)| at_ms == other_ms) {
        let names: Vec<&[u8]> = together.iter().map(|(_, name)| *name).collect();
        propagate_expiry(ctx, key, Some(together[0].0), &names);
    }
}

/// Passes on that fields expire at a time, or, without one, that they are gone.
pub(crate) fn propagate_expiry(ctx: &mut Context<'_>, key: &[u8], at_ms: Option<i64>, names: &[&[u8]]) {
    let Some(at_ms) = at_ms else { return propagate_deletion(ctx, key, names.iter().copied()) };
    let (mut time, mut count) = (itoa::Buffer::new(), itoa::Buffer::new());
    let (time, count) = (time.format(at_ms).as_bytes(), count.format(names.len()).as_bytes());
    let words = [&[b"HPEXPIREAT", key, time, b"FIELDS", count], names].concat();
    ctx.propagate_as(&words);
}

/// Passes on that fields expire no more.
pub(crate) fn propagate_persist(ctx: &mut Context<'_>, key: &[u8], names: &[&[u8]]) {
    let mut count = itoa::Buffer::new();
    let words = [&[b"HPERSIST", key, b"FIELDS", count.format(names.len()).as_bytes()], names].concat();
    ctx.propagate_as(&words);
}

/// Passes on that fields are gone.
pub(crate) fn propagate_deletion<'n>(
    ctx: &mut Context<'_>,
    key: &'n [u8],
    names: impl Iterator<Item = &'n [u8]>,
) {
    let words: Vec<&[u8]> = [b"HDEL", key].into_iter().chain(names).collect();
    ctx.propagate_as(&words);
}
