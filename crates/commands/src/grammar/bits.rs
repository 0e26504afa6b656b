//! Places of bits in a string.

use std::ops::Range;

use datatypes::bitmap::field::FieldType;
use engine::command::Stop;
use engine::command::args::Args;
use engine::execute::context::Context;

use super::range;

const BAD_OFFSET: Stop = Stop::error("ERR bit offset is not an integer or out of range");

/// The offset of a bit, or of an integer of some type: with `#` before it, it counts such integers.
pub(crate) fn offset(ctx: &Context<'_>, text: &[u8], unit: Option<FieldType>) -> Result<u64, Stop> {
    let (digits, scale) = match (unit, text.strip_prefix(b"#")) {
        (Some(unit), Some(digits)) => (digits, unit.bits()),
        _ => (text, 1),
    };
    let number = stdx::number::parse_i64(digits).and_then(|number| u64::try_from(number).ok());
    let offset = number.and_then(|number| number.checked_mul(scale)).ok_or(BAD_OFFSET)?;
    let is_within = ctx.client.is_history() || offset / 8 < ctx.engine.config.clients.proto_max_bulk_len;
    if is_within && i64::try_from(offset).is_ok() { Ok(offset) } else { Err(BAD_OFFSET) }
}

/// In what positions of a range count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Unit {
    #[default]
    Byte,
    Bit,
}

impl Unit {
    /// The word BYTE or BIT, if one is left.
    pub(crate) fn parse(args: &mut Args<'_>) -> Result<Unit, Stop> {
        let unit = if args.keyword("BIT") { Unit::Bit } else { Unit::Byte };
        if unit == Unit::Byte && !args.is_empty() && !args.keyword("BYTE") {
            return Err(Stop::SYNTAX);
        }
        args.end()?;
        Ok(unit)
    }

    /// As [`bits`](Unit::bits), but positions before the string count as its first, even if the end comes before the start.
    pub(crate) fn bits_between(self, start: i64, end: i64, len: usize) -> Range<u64> {
        let units = if self == Unit::Bit { len * 8 } else { len } as i64;
        let from_start = |position: i64| if position < 0 { (position + units).max(0) } else { position };
        self.bits(from_start(start), from_start(end), len)
    }

    /// The bits from `start` to `end`, both included, of a string of `len` bytes; empty if they do not meet it.
    pub(crate) fn bits(self, start: i64, end: i64, len: usize) -> Range<u64> {
        match self {
            Unit::Byte => {
                let bytes = range::bytes(start, end, len);
                bytes.start as u64 * 8..bytes.end as u64 * 8
            }
            Unit::Bit => {
                let bits = range::bytes(start, end, len * 8);
                bits.start as u64..bits.end as u64
            }
        }
    }
}
