//! The number of a database.

use engine::command::Stop;
use engine::execute::context::Context;

/// Reads the number of a database that exists.
pub(crate) fn parse(ctx: &Context<'_>, text: &[u8]) -> Result<u32, Stop> {
    let number = stdx::number::parse_i64(text).ok_or(Stop::NOT_AN_INTEGER)?;
    if i32::try_from(number).is_err() {
        return Err(Stop::error("ERR value is out of range, value must between -2147483648 and 2147483647"));
    }
    let number = u32::try_from(number).ok().filter(|&number| number < ctx.keys.database_count());
    number.ok_or(Stop::error("ERR DB index is out of range"))
}
