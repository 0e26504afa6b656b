//! Integers and doubles as Redis reads and writes them as text.

use rustc_apfloat::Float;
use rustc_apfloat::ieee::Double;

use crate::number::grammar::{FloatText, classify};

pub(crate) mod grammar;

/// Reads a signed integer in its one canonical form: no plus sign, leading zero, space or "-0".
/// Exactly the texts that [`append_i64`] writes are accepted.
pub fn parse_i64(text: &[u8]) -> Option<i64> {
    match text {
        [b'-', b'0', ..] => None,
        [b'-', digits @ ..] => 0i64.checked_sub_unsigned(parse_u64(digits)?),
        digits => i64::try_from(parse_u64(digits)?).ok(),
    }
}

/// Reads an unsigned integer in its one canonical form: digits only, no leading zero.
pub fn parse_u64(text: &[u8]) -> Option<u64> {
    const MAX_DIGITS: usize = 20;
    let (&first, rest) = text.split_first()?;
    if text.len() > MAX_DIGITS || !first.is_ascii_digit() || (first == b'0' && !rest.is_empty()) {
        return None;
    }
    let mut value = u64::from(first - b'0');
    for &byte in rest {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value.checked_mul(10)?.checked_add(u64::from(digit))?;
    }
    Some(value)
}

/// Appends the decimal text of a signed integer.
pub fn append_i64(out: &mut Vec<u8>, value: i64) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

/// Appends the decimal text of an unsigned integer.
pub fn append_u64(out: &mut Vec<u8>, value: u64) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

/// How many bytes [`append_i64`] writes for this value, 1 to 20.
pub fn decimal_len(value: i64) -> usize {
    let digits = value.unsigned_abs().checked_ilog10().unwrap_or(0) as usize + 1;
    digits + usize::from(value < 0)
}

/// Reads a double as C's `strtod` does when it must consume the whole text: decimal or hexadecimal,
/// `inf` and `infinity` in any case, an optional sign. Refused are surrounding space, NaN, and finite
/// texts too large for a double or so small that they would become zero.
pub fn parse_f64(text: &[u8]) -> Option<f64> {
    if let Some(whole) = parse_few_digits(text) {
        return Some(whole);
    }
    let value = match classify(text)? {
        FloatText::Infinity { negative } => {
            return Some(if negative { f64::NEG_INFINITY } else { f64::INFINITY });
        }
        FloatText::Decimal { text, is_zero } => (text.parse::<f64>().ok()?, is_zero),
        FloatText::Hexadecimal { text, is_zero } => {
            let bits = text.parse::<Double>().ok()?.to_bits();
            (f64::from_bits(u64::try_from(bits).ok()?), is_zero)
        }
    };
    let (number, is_zero) = value;
    (number.is_finite() && (number != 0.0 || is_zero)).then_some(number)
}

/// Digits and nothing else but a sign, so few that a double holds any such number: most scores are that.
#[inline]
fn parse_few_digits(text: &[u8]) -> Option<f64> {
    const MAX_DIGITS: usize = 15;
    let (is_negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    if digits.is_empty() || digits.len() > MAX_DIGITS {
        return None;
    }
    let whole = digits.iter().try_fold(0_u64, |whole, byte| {
        let digit = byte.wrapping_sub(b'0');
        (digit <= 9).then(|| whole * 10 + u64::from(digit))
    })? as f64;
    Some(if is_negative { -whole } else { whole })
}

/// Appends a double as replies since Redis 7.2 show it: the fewest digits that read back as the same
/// double, `inf`, `-inf` or `nan` for what is not finite.
pub fn append_f64(out: &mut Vec<u8>, value: f64) {
    // Integers of up to 62 bits are written whole, without an exponent.
    const INTEGER_BOUND: f64 = (1i64 << 62) as f64;
    if value.abs() <= INTEGER_BOUND && value.trunc() == value && value.to_bits() != (-0.0f64).to_bits() {
        return append_i64(out, value as i64);
    }
    append_f64_shortest(out, value);
}

/// The same, but integers with many zeros at their end have an exponent too, as in `1e+10`: so DEBUG DIGEST sees scores.
pub fn append_f64_shortest(out: &mut Vec<u8>, value: f64) {
    if !value.is_finite() {
        return append_not_finite(out, value);
    }
    let mut buffer = zmij::Buffer::new();
    let decimal = Decimal::from_text(buffer.format_finite(value));
    if decimal.negative {
        out.push(b'-');
    }
    let (digits, exponent) = (decimal.digits(), decimal.exponent);
    let scale = exponent + 1 - digits.len() as i32;
    if scale >= 0 && exponent.abs() < digits.len() as i32 + 7
        || scale < 0 && (scale > -7 || exponent.abs() < 4)
    {
        append_fixed(out, digits, exponent);
    } else {
        append_scientific(out, digits, exponent, 1);
    }
}

/// Appends a double as C's `%.17g`, which is how Redis 7.0 shows scores: always enough digits to read
/// back the same double, seldom the fewest.
pub fn append_f64_17g(out: &mut Vec<u8>, value: f64) {
    if !value.is_finite() {
        return append_not_finite(out, value);
    }
    let decimal = Decimal::from_text(&format!("{value:.16e}"));
    if decimal.negative {
        out.push(b'-');
    }
    if (-4..17).contains(&decimal.exponent) {
        append_fixed(out, decimal.digits(), decimal.exponent);
    } else {
        append_scientific(out, decimal.digits(), decimal.exponent, 2);
    }
}

fn append_not_finite(out: &mut Vec<u8>, value: f64) {
    out.extend_from_slice(if value.is_nan() {
        b"nan"
    } else if value > 0.0 {
        b"inf"
    } else {
        b"-inf"
    });
}

/// Significant digits without trailing zeros, and the power of ten of the first digit.
struct Decimal {
    negative: bool,
    buffer: [u8; 24],
    digit_count: usize,
    exponent: i32,
}

impl Decimal {
    /// Takes apart `[-]digits[.digits][e[-]digits]` with at most 24 digits behind leading zeros.
    fn from_text(text: &str) -> Decimal {
        let (mantissa, power) = text.split_once('e').unwrap_or((text, "0"));
        let mut decimal = Decimal {
            negative: mantissa.starts_with('-'),
            buffer: [b'0'; 24],
            digit_count: 0,
            exponent: power.parse().expect("formatters write a decimal exponent"),
        };
        let point = mantissa.bytes().filter(u8::is_ascii_digit).count();
        let integer_digits = mantissa.find('.').map_or(point, |at| at - usize::from(decimal.negative));
        let mut leading_zeros = 0;
        for digit in mantissa.bytes().filter(u8::is_ascii_digit) {
            if decimal.digit_count == 0 && digit == b'0' {
                leading_zeros += 1;
            } else if let Some(place) = decimal.buffer.get_mut(decimal.digit_count) {
                *place = digit;
                decimal.digit_count += 1;
            }
        }
        decimal.exponent += integer_digits as i32 - leading_zeros - 1;
        while decimal.digit_count > 0 && decimal.buffer[decimal.digit_count - 1] == b'0' {
            decimal.digit_count -= 1;
        }
        if decimal.digit_count == 0 {
            (decimal.digit_count, decimal.exponent) = (1, 0);
        }
        decimal
    }

    fn digits(&self) -> &[u8] {
        &self.buffer[..self.digit_count]
    }
}

fn append_fixed(out: &mut Vec<u8>, digits: &[u8], exponent: i32) {
    if exponent < 0 {
        out.extend_from_slice(b"0.");
        out.extend(std::iter::repeat_n(b'0', (-exponent - 1) as usize));
        out.extend_from_slice(digits);
        return;
    }
    let integer_digits = exponent as usize + 1;
    if digits.len() <= integer_digits {
        out.extend_from_slice(digits);
        out.extend(std::iter::repeat_n(b'0', integer_digits - digits.len()));
    } else {
        out.extend_from_slice(&digits[..integer_digits]);
        out.push(b'.');
        out.extend_from_slice(&digits[integer_digits..]);
    }
}

fn append_scientific(out: &mut Vec<u8>, digits: &[u8], exponent: i32, exponent_digits: usize) {
    out.push(digits[0]);
    if digits.len() > 1 {
        out.push(b'.');
        out.extend_from_slice(&digits[1..]);
    }
    out.extend_from_slice(if exponent < 0 { b"e-" } else { b"e+" });
    let mut buffer = itoa::Buffer::new();
    let text = buffer.format(exponent.unsigned_abs()).as_bytes();
    out.extend(std::iter::repeat_n(b'0', exponent_digits.saturating_sub(text.len())));
    out.extend_from_slice(text);
}

#[cfg(test)]
mod tests;
