//! The end of a list: LEFT or RIGHT.

use crate::prelude::*;
use datatypes::list::End;

/// The two words.
pub(crate) const WORDS: &[Arg] = &[Arg::token("left", "LEFT"), Arg::token("right", "RIGHT")];

/// Reads LEFT or RIGHT, in any case.
pub(crate) fn parse(args: &mut Args<'_>) -> Result<End, Stop> {
    if args.keyword("LEFT") {
        Ok(End::Front)
    } else if args.keyword("RIGHT") {
        Ok(End::Back)
    } else {
        Err(Stop::SYNTAX)
    }
}
