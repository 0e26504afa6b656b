//! A decimal number as SORT and the ends of a range of scores read it since Redis 8.

use engine::command::until_nul;

/// Reads a number with decimal digits, or `inf` and `infinity` in any case. Nothing at all is zero, what is too large is
/// infinite, what is too small is zero; blanks, hexadecimal digits and NaN are refused.
pub(crate) fn parse(text: &[u8]) -> Option<f64> {
    let text = until_nul(text);
    if text.is_empty() {
        return Some(0.0);
    }
    let number: f64 = str::from_utf8(text).ok()?.parse().ok()?;
    (!number.is_nan()).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_decimal_digits_only() {
        for (text, number) in [
            ("", 0.0),
            ("+1.5", 1.5),
            (".5", 0.5),
            ("5.", 5.0),
            ("1E3", 1000.0),
            ("-INFinity", f64::NEG_INFINITY),
            ("1e400", f64::INFINITY),
            ("1e-400", 0.0),
            ("1\0x", 1.0),
        ] {
            assert_eq!(parse(text.as_bytes()), Some(number), "{text}");
        }
        for text in ["0x10", " 1", "1 ", "nan", "-nan", ".", "1e", "infin", "+-1", "x"] {
            assert_eq!(parse(text.as_bytes()), None, "{text}");
        }
    }
}
