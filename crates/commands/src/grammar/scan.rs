//! The cursor and the options of SCAN and its like.

use engine::command::Stop;
use engine::command::args::Args;
use resp::reply::Reply;
use stdx::glob;

/// Keys that a call looks at when COUNT does not say otherwise.
const DEFAULT_COUNT: usize = 10;

/// `[MATCH pattern] [COUNT count] [TYPE type]`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ScanOptions<'a> {
    /// Only what matches; `None` for everything.
    pub pattern: Option<&'a [u8]>,
    /// How many to look at.
    pub count: usize,
    /// Only keys of the type of this name.
    pub kind: Option<&'a [u8]>,
}

impl<'a> ScanOptions<'a> {
    const NEW: ScanOptions<'static> = ScanOptions { pattern: None, count: DEFAULT_COUNT, kind: None };

    /// Reads the options to the end; TYPE only where `with_type`.
    pub fn parse(args: &mut Args<'a>, with_type: bool) -> Result<ScanOptions<'a>, Stop> {
        let mut options = ScanOptions::NEW;
        while !args.is_empty() {
            if args.keyword("NOVALUES") {
                return Err(Stop::error("ERR NOVALUES option can only be used in HSCAN"));
            }
            options.take(args, with_type)?;
        }
        Ok(options)
    }

    /// Reads the options of HSCAN to the end; tells also whether NOVALUES was among them.
    pub fn parse_for_fields(args: &mut Args<'a>) -> Result<(ScanOptions<'a>, bool), Stop> {
        let (mut options, mut no_values) = (ScanOptions::NEW, false);
        while !args.is_empty() {
            if args.keyword("NOVALUES") {
                no_values = true;
            } else {
                options.take(args, false)?;
            }
        }
        Ok((options, no_values))
    }

    fn take(&mut self, args: &mut Args<'a>, with_type: bool) -> Result<(), Stop> {
        // An option without a value is a syntax error whatever its name.
        if args.len() < 2 {
            return Err(Stop::SYNTAX);
        }
        if args.keyword("COUNT") {
            let count = args.integer_in(1, i64::MAX, "ERR syntax error")?;
            self.count = usize::try_from(count).unwrap_or(usize::MAX);
        } else if args.keyword("MATCH") {
            let pattern = args.next()?;
            self.pattern = (pattern != b"*").then_some(pattern);
        } else if with_type && args.keyword("TYPE") {
            self.kind = Some(args.next()?);
        } else {
            return Err(Stop::SYNTAX);
        }
        Ok(())
    }

    /// Whether a name is wanted.
    pub fn wants(&self, name: &[u8]) -> bool {
        self.pattern.is_none_or(|pattern| glob::matches(pattern, name, false))
    }
}

/// Begins the reply of a walk: the cursor for the next call, 0 at the end, and so many elements, which follow.
pub(crate) fn open_reply(reply: &mut Reply<'_>, next: u64, count: usize) {
    reply.array(2);
    reply.bulk(next.to_string().as_bytes());
    reply.array(count);
}

/// Reads a cursor: a decimal of 64 bits, with blanks before it, a sign or leading zeros as C's `strtoull` takes them: it takes
/// negative numbers too, but the plain ones are refused before it is asked.
pub(crate) fn cursor(text: &[u8]) -> Result<u64, Stop> {
    const INVALID: Stop = Stop::error("ERR invalid cursor");
    if stdx::number::parse_i64(text).is_some_and(i64::is_negative) {
        return Err(INVALID);
    }
    let (is_negative, digits) = match text.trim_ascii_start() {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    let all_digits = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    let number =
        std::str::from_utf8(digits).ok().filter(|_| all_digits).and_then(|digits| digits.parse().ok());
    let number: u64 = number.ok_or(INVALID)?;
    Ok(if is_negative { number.wrapping_neg() } else { number })
}

#[cfg(test)]
mod tests {
    use super::cursor;

    #[test]
    fn only_hashes_have_values_to_leave_out() {
        crate::testing::check(
            "SADD s 1 | SSCAN s 0 NOVALUES x -> ERR NOVALUES option can only be used in HSCAN | SSCAN none 0 NOVALUES -> [\"0\", []]
            SCAN 0 COUNT 1 NOVALUES -> ERR NOVALUES option can only be used in HSCAN | SCAN 0 FOO NOVALUES -> ERR syntax error",
        );
    }

    #[test]
    fn cursors_as_c_reads_numbers() {
        for text in ["0", "+0", " 0", "000", "-0", " -00"] {
            assert_eq!(cursor(text.as_bytes()), Ok(0), "{text}");
        }
        assert_eq!(cursor(b"18446744073709551615"), Ok(u64::MAX));
        assert_eq!(cursor(b" -1"), Ok(u64::MAX));
        for text in ["", "x", "-1", "1 ", "+", "+-1", "--1", "1x", "18446744073709551616"] {
            assert!(cursor(text.as_bytes()).is_err(), "{text}");
        }
    }
}
