//! What commands take that pop several elements of the first of several keys: `numkeys key [key ...] WHERE [COUNT count]`.

use crate::prelude::*;

/// Keys, from where, how many.
pub(crate) struct PopMany<'a, W> {
    /// The keys, looked at in this order.
    pub keys: Vec<&'a [u8]>,
    /// From which end.
    pub from: W,
    /// How many elements at most.
    pub count: usize,
}

impl<'a, W> PopMany<'a, W> {
    /// Reads all of it; `word` reads from where.
    pub(crate) fn parse(
        args: &mut Args<'a>,
        word: impl Fn(&mut Args<'a>) -> Result<W, Stop>,
    ) -> Result<Self, Stop> {
        let number = args.integer_or(NO_KEYS)?;
        let key_count =
            usize::try_from(number).ok().filter(|&count| count > 0).ok_or(Stop::error(NO_KEYS))?;
        if key_count >= args.len() {
            return Err(Stop::SYNTAX);
        }
        let keys = (0..key_count).map(|_| args.next()).collect::<Result<_, _>>()?;
        let from = word(args)?;
        let mut count = None;
        while !args.is_empty() {
            if count.is_some() || !args.keyword("COUNT") {
                return Err(Stop::SYNTAX);
            }
            let number = if args.is_empty() { Err(Stop::SYNTAX) } else { args.integer_or(NO_COUNT) }?;
            let number = usize::try_from(number).ok().filter(|&count| count > 0);
            count = Some(number.ok_or(Stop::error(NO_COUNT))?);
        }
        Ok(PopMany { keys, from, count: count.unwrap_or(1) })
    }
}

const NO_KEYS: &str = "ERR numkeys should be greater than 0";
const NO_COUNT: &str = "ERR count should be greater than 0";
