//! The fields of a hash as arguments, `FIELDS numfields field [field ...]`, and the times at which they expire.

use crate::grammar::expiry::{self, Unit};
use engine::command::Stop;
use engine::command::args::Args;
use engine::command::docs::Arg;

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
